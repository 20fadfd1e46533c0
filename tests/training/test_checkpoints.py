"""A killed run goes on; a damaged checkpoint is passed over, and said so."""

import keras
import numpy as np
import pytest

from zoo import registry, weights
from zoo.data import sources
from zoo.training import fit


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def digits():
    return sources.load("digits", "train[:64]")


def train(run, digits, die_at=None, monkeypatch=None, steps=24):
    """Trains a fresh model in `run`; `die_at` ends it by force in the middle of a step."""
    keras.utils.set_random_seed(0)
    model = registry.create("denoising", channels=1, **registry.find("denoising").tiny)
    recipe = fit.Recipe(steps=steps, batch_size=8, ema=0.9, validate_every=12, checkpoint_every=4)
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


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_checkpoint_is_passed_over(digits, tmp_path, damage, capsys):
    train(tmp_path, digits, steps=12)
    newest = sorted((tmp_path / "checkpoints").glob("*.npz"))[-1]
    whole = newest.read_bytes()
    middle = len(whole) // 2
    newest.write_bytes(
        {
            "cut": whole[:middle],
            "flip": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "empty": b"",
        }[damage]
    )
    train(tmp_path, digits, steps=16)
    said = capsys.readouterr().err
    assert newest.name in said
    assert "going back to the checkpoint before" in said
    assert "going on from step 8" in said


def test_three_checkpoints_are_kept(digits, tmp_path):
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
    with fit.callbacks.averaged_weights(model):
        for variable, average in zip(
            model.trainable_variables, optimizer._model_variables_moving_average, strict=True
        ):
            np.testing.assert_array_equal(variable.numpy(), average.numpy())
    for variable, value in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
