"""Small models and images, on which every model learns something in seconds."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.data import sources
from zoo.data.source import Source
from zoo.models import registry
from zoo.models.base import Model


def parameters(names: Iterable[str]) -> list[Any]:
    """Models' names for pytest; those whose class is derived from another model's are slow."""
    known = {registry.find(name) for name in registry.names()}
    parents = {name: known.intersection(registry.find(name).__mro__[1:]) for name in names}
    return [pytest.param(n, marks=[pytest.mark.slow] if parents[n] else []) for n in parents]


def tiny_model(name: str) -> Model:
    """A model's own tiny version, gray where it can be."""
    return registry.create(name, **{"channels": 1} | registry.find(name).tiny)


def moved_model(name: str) -> Model:
    """The same with weights away from the start's, in any process the same ones."""
    keras.utils.set_random_seed(0)
    model = tiny_model(name)
    for i, weight in enumerate(model.trainable_weights):
        weight.assign_add(keras.random.normal(weight.shape, stddev=0.05, seed=i))
    return model


def assert_seeded(make: Callable[[], Model]) -> None:
    """The same seed gives the same weights, another gives others where they are random."""

    def weights(seed):
        keras.utils.set_random_seed(seed)
        return {v.path: v.numpy() for v in make().weights}

    first, again, other = weights(1), weights(1), weights(2)
    for path, weight in first.items():
        np.testing.assert_array_equal(weight, again[path], err_msg=path)
        assert np.ptp(weight) == 0 or (weight != other[path]).any(), f"{path} ignores the seed"


def small_images(channels: int, count: int = 64) -> Source:
    """8x8 digits; in color, each gray level has a color of its own."""
    digits = sources.load("digits", f"train[:{count}]")
    if channels == 1:
        return digits

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = digits.record(index)
        gray = tf.cast(found["image"], tf.float32) / 255.0
        return found | {"image": tf.concat([gray, gray**2, 0.5 * gray + 0.2], -1)}

    return dataclasses.replace(digits, image_shape=(8, 8, 3), record=record)
