"""Steps in one call are the same steps; and when Keras no longer needs our mends."""

import numpy as np
import pytest

from tests.training import killing
from zoo.files import weights

TRAIN = ["train.py", "--dataset=digits", "--steps=10", "--validation_limit=20"]
MIRRORED = [*TRAIN, "--strategy=mirrored", "--devices=CPU:0,CPU:1"]
WORKERS = ["-m", "zoo.launch", "--workers=2", "--", *TRAIN]


@pytest.mark.slow
def test_keras_needs_both_mends_and_no_more():
    """Where this fails with "works", drop the mend that it names."""
    said = killing.finish(
        killing.start("-m", "zoo.launch", "--workers=2", "--", "tests/training/plain_fit.py")
    )
    outcomes = dict(
        line.removeprefix("without ").split(": ")
        for line in said.splitlines()
        if line.startswith("without ")
    )
    assert outcomes["nothing"] == "works"
    assert outcomes["_maybe_symbolic_build"].startswith("fails by ")
    assert outcomes["train_step"].startswith("fails by ")


@pytest.mark.slow
@pytest.mark.parametrize("program", [MIRRORED, WORKERS], ids=["two replicas", "two workers"])
@pytest.mark.parametrize("model", ["denoising --width=8", "vae --width=8 --levels=1"])
def test_several_steps_at_once_are_the_same_steps(command, tmp_path, program, model):
    found = []
    for many in (1, 4):
        run = tmp_path / str(many)
        recipe = [f"--steps_per_execution={many}", f"--output_dir={run}"]
        done = command(*program, *f"--model={model}".split(), *recipe)
        assert done.returncode == 0, done.stderr
        found.append(weights.load(run / "last.npz"))
    for name, value in found[0].items():
        np.testing.assert_allclose(found[1][name], value, atol=1e-6, err_msg=name)
