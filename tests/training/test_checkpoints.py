"""A killed run goes on; a damaged checkpoint is passed over, and said so."""

import contextlib
import json
import os
import shutil
import signal
import subprocess

import keras
import numpy as np
import pytest

from zoo.cli import UserError
from zoo.data import sources
from zoo.files import weights
from zoo.models import registry
from zoo.training import fit, validation


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def digits():
    return sources.load("digits", "train[:64]")


@pytest.fixture(scope="module")
def stopped(digits, tmp_path_factory):
    """A run of 12 steps, with checkpoints of 4, 8 and 12; tests take a copy."""
    run = tmp_path_factory.mktemp("stopped")
    train(run, digits, steps=12)
    return run


def train(run, digits, die_at=None, monkeypatch=None, name="denoising", arguments=None, **recipe):
    """Trains a fresh model in `run`; `die_at` ends it by force in the middle of a step."""
    arguments = {"channels": 1} | registry.find(name).tiny | (arguments or {})
    keras.utils.set_random_seed(0)
    model = registry.create(name, **arguments)
    recipe = {"steps": 24, "batch_size": 8, "ema": 0.9, "checkpoint_every": 4} | recipe
    recipe = fit.Recipe(validate_every=12, **recipe)
    if die_at:

        def die(self, batch, logs=None):
            if self.state.step == die_at:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(fit.callbacks.StopOnNaN, "on_train_batch_end", die)
            with pytest.raises(Killed):
                fit.fit(model, digits, digits, run, recipe)
    else:
        fit.fit(model, digits, digits, run, recipe)
    return model


def test_a_killed_run_ends_with_the_same_weights(digits, tmp_path, monkeypatch):
    train(tmp_path / "whole", digits)
    for die_at in (7, 13, 22):
        train(tmp_path / "killed", digits, die_at, monkeypatch)
    train(tmp_path / "killed", digits)
    for name in ("best.npz", "last.npz"):
        whole = weights.load(tmp_path / "whole" / name)
        killed = weights.load(tmp_path / "killed" / name)
        assert whole.keys() == killed.keys()
        for key, value in whole.items():
            np.testing.assert_array_equal(killed[key], value)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "missing"])
def test_a_damaged_checkpoint_is_passed_over(digits, stopped, tmp_path, damage, capsys):
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    newest = tmp_path / "checkpoints" / "step-00000012.npz"
    whole = newest.read_bytes()
    middle = len(whole) // 2
    newest.write_bytes(
        {
            "cut": whole[:middle],
            "flip": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        }.get(damage, b"")
    )
    if damage == "missing":
        newest.unlink()
    train(tmp_path, digits, steps=16)
    said = capsys.readouterr().err
    assert "going on from step 8" in said
    assert damage == "missing" or newest.name in said
    assert damage == "missing" or "going back to the checkpoint before" in said


def test_damaged_files_do_not_push_out_whole_ones(digits, stopped, tmp_path, capsys):
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    for path in (tmp_path / "checkpoints").iterdir():
        path.write_bytes(b"")
    train(tmp_path, digits, steps=8)
    assert "going on from" not in capsys.readouterr().err
    kept = sorted(p.name for p in (tmp_path / "checkpoints").glob("*.npz"))
    assert kept == ["step-00000004.npz", "step-00000008.npz"]


def test_a_full_disk_costs_a_checkpoint_and_no_more(digits, stopped, tmp_path, capsys):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
        whole = sorted(folder.iterdir())
        ballast = folder / "ballast"
        with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        with pytest.raises(OSError, match="No space left"):
            train(tmp_path, digits, steps=20)
        said = capsys.readouterr().err
        assert "going on from step 12" in said
        assert "no checkpoint of step 16: [Errno 28] No space left" in said
        assert sorted(folder.iterdir()) == [ballast, *whole]
        ballast.unlink()
        train(tmp_path, digits, steps=20)
        assert "going on from step 12" in capsys.readouterr().err
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_checkpoint_of_other_settings_is_explained(digits, stopped):
    with pytest.raises(UserError, match="stopped at step 12 with other settings"):
        train(stopped, digits, steps=16, ema=0.0)
    assert (stopped / "checkpoints" / "step-00000012.npz").exists()


def test_minutes_may_pass_between_checkpoints_too(digits, tmp_path):
    train(tmp_path, digits, steps=3, checkpoint_minutes=0.0)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 3


def test_sigterm_saves_after_the_step(digits, tmp_path, monkeypatch, capsys):
    """Dropout counts its draws, and the logged loss is a mean over many steps: both go on."""
    labeled = {"name": "classifier", "arguments": {"classes": 10, "dropout": 0.5}}
    train(tmp_path / "whole", digits, **labeled)

    def pre_empted(self, batch, logs=None):
        if self.state.step == 7:
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(fit.callbacks.StopOnNaN, "on_train_batch_end", pre_empted)
        train(tmp_path / "killed", digits, **labeled)
    assert "SIGTERM: saved after step 7" in capsys.readouterr().out
    train(tmp_path / "killed", digits, **labeled)
    assert "going on from step 7" in capsys.readouterr().err
    whole, killed = (weights.load(tmp_path / run / "last.npz") for run in ("whole", "killed"))
    for key, value in whole.items():
        np.testing.assert_array_equal(killed[key], value)
    assert losses(tmp_path / "whole") == losses(tmp_path / "killed")


def losses(run) -> list[float]:
    return [row["loss"] for row in json.loads((run / "metrics.json").read_text())["validations"]]


def test_three_checkpoints_are_kept(digits, stopped, tmp_path):
    shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
    train(tmp_path, digits)
    kept = sorted(p.name for p in (tmp_path / "checkpoints").iterdir())
    assert kept == [f"step-{n:08d}.npz" for n in (16, 20, 24)]


def test_weights_are_whole_or_known_to_be_damaged(tmp_path):
    arrays = {"a/b": np.arange(6, dtype=np.float32).reshape(2, 3), "c": np.array(1)}
    weights.save(tmp_path / "x.npz", arrays)
    assert list(tmp_path.iterdir()) == [tmp_path / "x.npz"]
    loaded = weights.load(tmp_path / "x.npz")
    np.testing.assert_array_equal(loaded["a/b"], arrays["a/b"])
    np.savez(tmp_path / "y.npz", **arrays | {"c": np.array(2)}, sha256=np.array("0" * 64))
    with pytest.raises(weights.DamagedFile, match="SHA-256"):
        weights.load(tmp_path / "y.npz")
    np.savez(tmp_path / "z.npz", a=np.array([{}], dtype=object))
    with pytest.raises(weights.DamagedFile):
        weights.load(tmp_path / "z.npz")


def test_averaged_weights_come_and_go(digits, tmp_path):
    model = train(tmp_path, digits)
    optimizer = model.optimizer
    before = [v.numpy() for v in model.trainable_variables]
    for average in optimizer._model_variables_moving_average:
        average.assign_add(keras.ops.ones_like(average))
    with validation.averaged_weights(model):
        for variable, average in zip(
            model.trainable_variables, optimizer._model_variables_moving_average, strict=True
        ):
            np.testing.assert_array_equal(variable.numpy(), average.numpy())
    for variable, value in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
