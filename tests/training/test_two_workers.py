"""Two workers compute what one process does, and one that dies takes the other with it."""

import json
import os
import signal
import subprocess

import numpy as np
import pytest

from tests.training import killing
from zoo.files import weights

PROGRAM = "tests/training/on_workers.py"
LAUNCHED = ["-m", "zoo.launch", "--workers=2", "--", PROGRAM]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """(one process's run, two workers' run): of the latter, both workers are killed in turn."""
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    killing.finish(killing.start(PROGRAM, one))
    for who, step in ((1, 15), (0, 35)):
        process = killing.start(*LAUNCHED, two)
        killing.wait_for_step(process, two, step)
        os.kill(children(process.pid)[who], signal.SIGKILL)
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 1
        assert f"error: worker {who} (localhost:" in said.splitlines()[-1]
        assert "was killed by SIGKILL; the others were ended" in said.splitlines()[-1]
    assert "going on from step" in killing.finish(killing.start(*LAUNCHED, two))
    return one, two


@pytest.mark.slow
def test_loss_and_validation_are_those_of_one_process(runs):
    one, two = (json.loads((run / "metrics.json").read_text())["validations"] for run in runs)
    assert [row["step"] for row in two] == list(range(5, 65, 5))
    for ours, theirs in zip(two, one, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-4)
        for name, metric in theirs["metrics"].items():
            # 410 images are four batches and a part of one: none of it may be dropped.
            assert ours["metrics"][name]["model"] == pytest.approx(metric["model"], rel=1e-4)
            assert ours["metrics"][name]["baseline"] == pytest.approx(metric["baseline"], rel=1e-6)


@pytest.mark.slow
def test_both_workers_have_the_same_weights(runs):
    one, two = runs
    chief, other = (weights.load(two / f"worker-{i}.npz") for i in (0, 1))
    alone = weights.load(one / "worker-0.npz")
    assert chief.keys() == other.keys() == alone.keys()
    for name, value in chief.items():
        np.testing.assert_array_equal(other[name], value)
        np.testing.assert_allclose(alone[name], value, atol=1e-5)


def children(pid: int) -> list[int]:
    """The processes that a process has started, the oldest first."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return sorted(int(line) for line in found.stdout.split())
