"""Muon makes the steps of kernels orthogonal and leaves all else to AdamW."""

import keras
import numpy as np
import pytest

from zoo.training import optimizers
from zoo.training.fit import optimizer
from zoo.training.recipe import Recipe


def variable(name: str, shape: list[int]) -> keras.Variable:
    return keras.Variable(np.zeros(shape, "float32"), name=name)


def stepped(kind: str, name: str, shape: list[int], factors: list[float] | None = None):
    """What one step of a random gradient makes of zeros."""
    value = variable(name, shape)
    maker = {"adamw": optimizers.AdamW, "muon": optimizers.Muon}[kind]
    made = maker(factors or [], learning_rate=0.01, weight_decay=0.0)
    made.build([value])
    made.apply([np.random.default_rng(0).normal(size=shape).astype("float32")], [value])
    return np.asarray(value)


@pytest.mark.parametrize("shape", [[3, 3, 16, 32], [1, 1, 64, 16], [40, 24], [16, 96]])
def test_a_kernel_steps_alike_in_all_directions(shape):
    matrix = stepped("muon", "kernel", shape).reshape([-1, shape[-1]])
    values = np.linalg.svd(matrix, compute_uv=False) / (0.01 * 0.2 * max(matrix.shape) ** 0.5)
    assert values.min() > 0.6
    assert values.max() < 1.3
    assert np.sqrt(np.mean(matrix**2)) == pytest.approx(0.002, rel=0.25)


@pytest.mark.parametrize(
    ("name", "shape"), [("bias", [32]), ("kernel", [3, 3, 3, 32]), ("embeddings", [64, 32])]
)
def test_pixels_biases_and_tables_step_as_with_adamw(name, shape):
    np.testing.assert_array_equal(stepped("muon", name, shape), stepped("adamw", name, shape))


def test_a_factor_shortens_a_step_of_muon():
    whole, half = (stepped("muon", "kernel", [3, 3, 16, 16], [f]) for f in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2, rtol=1e-5)


def test_bfloat16_makes_nearly_the_same_step():
    whole = stepped("muon", "kernel", [3, 3, 32, 32])
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        short = stepped("muon", "kernel", [3, 3, 32, 32])
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.corrcoef(short.ravel(), whole.ravel())[0, 1] > 0.99


def test_the_recipe_chooses():
    assert isinstance(optimizer(Recipe(optimizer="muon"), 100), optimizers.Muon)
    assert not isinstance(optimizer(Recipe(), 100), optimizers.Muon)
