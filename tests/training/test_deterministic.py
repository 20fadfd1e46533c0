"""--deterministic: the same seed gives the same weights, bit for bit."""

import numpy as np
import pytest

from zoo.files import weights

RECIPES = {
    "crops, EMA": [
        "--model=super_resolution",
        "--scale=2",
        "--size=tiny",
        "--dataset=photos",
        "--crop_size=48",
        "--ema=0.9",
    ],
    "variational": ["--model=vae", "--dataset=digits", "--width=8", "--levels=1"],
    "a learned prior, a flow": [
        "--model=vae",
        "--dataset=digits",
        "--width=8",
        "--levels=1",
        "--prior=mixture",
        "--posterior=iaf",
    ],
    "a prior of pseudo-inputs": [
        "--model=vae",
        "--dataset=digits",
        "--width=8",
        "--levels=1",
        "--prior=vamp",
    ],
    "dropout": ["--model=classifier", "--dataset=digits", "--width=8", "--dropout=0.5"],
}


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_two_runs_end_with_the_same_weights(fresh_command, tmp_path, recipe):
    shared = ["--steps=40", "--batch_size=8", "--validation_limit=20", "--deterministic"]
    for name in ("first", "second"):
        done = fresh_command(
            "train.py", *RECIPES[recipe], *shared, f"--output_dir={tmp_path / name}"
        )
        assert done.returncode == 0, done.stderr
    first, second = (weights.load(tmp_path / name / "last.npz") for name in ("first", "second"))
    assert first.keys() == second.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value)
