"""An export that is killed leaves nothing that a server would load wrongly."""

import contextlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tensorflow as tf

from export.savedmodel import warmup
from tests.conftest import ROOT
from tests.export.graph_session import GraphSession


@pytest.mark.slow
def test_killed_at_20_random_moments(denoising_run, tmp_path):
    arguments = [sys.executable, "-m", "export", f"--run={denoising_run}", "--tile=16"]
    arguments.append(f"--output_dir={tmp_path}")

    def export(seconds: float | None) -> float:
        started = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):  # it has been killed then
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            done = subprocess.run(
                arguments, cwd=ROOT, env=environment, capture_output=True, timeout=seconds
            )
            assert done.returncode == 0, done.stderr.decode()
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
