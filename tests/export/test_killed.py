"""An export that is killed leaves nothing that a server would load wrongly."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tensorflow as tf

from export import warmup
from tests.conftest import ROOT
from tests.export.graph_session import GraphSession

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.mark.slow
def test_killed_at_20_random_moments(denoising_run, tmp_path):
    arguments = [sys.executable, "-m", "export", f"--run={denoising_run}", "--tile=16"]
    arguments.append(f"--output_dir={tmp_path}")

    def export(seconds: float | None) -> float:
        started = time.monotonic()
        process = subprocess.Popen(
            arguments, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, **QUIET
        )
        try:
            assert process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        return time.monotonic() - started

    whole = export(None)
    moments = random.Random(0)
    for _ in range(20):
        # Most of the first third is imports.
        export(moments.uniform(0.3, 1.02) * whole)
        assert_every_version_is_whole(tmp_path / "serving/tiny")
    before = len(list((tmp_path / "serving/tiny").iterdir()))
    export(None)
    assert len(list((tmp_path / "serving/tiny").iterdir())) == before + 1
    assert_every_version_is_whole(tmp_path / "serving/tiny")


def assert_every_version_is_whole(folder: Path) -> None:
    for version in folder.iterdir():
        assert version.name.isdigit()
        session = GraphSession(version)
        requests = list(warmup.read(version))
        assert {r.model_spec.signature_name for r in requests} == set(session.signatures)
        for request in requests:
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            session(request.model_spec.signature_name, inputs)
