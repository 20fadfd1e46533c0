"""Data for figures, and the short trainings that some of them need."""

from pathlib import Path

import numpy as np

from zoo import runs
from zoo.data import labels, pipeline, sources
from zoo.models.base import Model
from zoo.training.recipe import Recipe
from zoo.training.train import train

SPLITS = "train[:59000]", "train[59000:]"
# Squares of 4x4 pixels are folded into channels first: the least work for what is learned.
SMALL = {"width": 64, "depth": 1, "levels": 0, "patch": 4}


def trained(folder: Path, name: str, model: str, recipe: Recipe, **arguments) -> Model:
    """A model trained on MNIST in `folder`/`name`, or loaded where an earlier call has.

    Args:
      folder: of all trainings for figures.
      name: of this one.
      model: as in train.py.
      recipe: how to train.
      **arguments: of the model.
    """
    print(f"{folder / name}:", flush=True)
    images, validation = (sources.load("mnist", s, None, 1) for s in SPLITS)
    train(model, images, validation, folder / name, recipe, **arguments)
    return runs.load(folder / name)


def images(dataset: str, count: int, model: Model, split: str = "test") -> np.ndarray:
    """The first test images as a model takes them, [count, h, w, c]."""
    source = sources.load(dataset, split, None, model.channels)
    return np.stack(pipeline.sample_images(source, model, count))


def digits_of_each_class(model: Model, count: int = 1) -> np.ndarray:
    """The first `count` test digits of each class in turn, [10 count, h, w, c]."""
    source = sources.load("mnist", "test[:1000]", None, model.channels)
    known = labels.of(source)
    found = np.stack(pipeline.sample_images(source, model, source.size))
    return np.concatenate([found[np.flatnonzero(known == c)[:count]] for c in range(10)])
