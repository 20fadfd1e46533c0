"""The tiny models of the whole registry, as a server gets them."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

import zoo
from export import parity, serving
from tests.models.tiny import small_images, tiny_model
from zoo.data import pipeline


class Served(NamedTuple):
    """A model, the folder of its version 1, and real inputs for each of its signatures."""

    model: Any
    folder: Path
    feeds: dict[str, dict[str, np.ndarray]]


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Callable[[str], Served]:
    """What is served of a tiny model, in a folder NAME/1: served("denoising")."""
    root = tmp_path_factory.mktemp("served")
    return functools.cache(lambda name: serve(name, root / name / "1"))


@pytest.fixture(scope="session")
def registry(served) -> dict[str, Served]:
    """The same for every registered model, by name."""
    return {name: served(name) for name in zoo.list_models()}


def serve(name: str, folder: Path) -> Served:
    """Writes a tiny model with weights that are not those of the start."""
    keras.utils.set_random_seed(0)
    model = tiny_model(name)
    for weight in model.trainable_weights:
        noise = keras.random.normal(weight.shape, stddev=0.05)
        weight.assign_add(noise)
    digits = small_images(model.channels)
    inputs, _ = next(iter(pipeline.eval_batches(digits, model, 3)))
    feeds = parity.feeds(model, inputs)
    serving.write(model, folder, name, feeds)
    return Served(model, folder, feeds)
