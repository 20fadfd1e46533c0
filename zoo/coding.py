"""A run's images to codes and back: any number, with few of them in memory at a time."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from zoo import runs
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.data.source import Source

if TYPE_CHECKING:
    from zoo.models.base import Model

BATCH = 256  # images in the network
CHUNK = 1024  # images of a source


def encoded(model: "Model", source: Source, limit: int = 20_000) -> np.ndarray:
    """Codes of a source's first images, at most `limit` of them, [n, latent_dim]."""
    encode, codes = batched(model.codes), []
    count = min(limit, source.size)
    for start in range(0, count, CHUNK):
        rest = dataclasses.replace(
            source, record=lambda index, start=start: source.record(index + start)
        )
        images = pipeline.sample_images(rest, model, min(CHUNK, count - start))
        codes.append(encode(np.stack(images)))
    return np.concatenate(codes)


def training_images(
    run: str, channels: int, dataset: str | None = None, data_dir: str | None = None
) -> Source:
    """The images that a run was trained on, or the training split of another `dataset`.

    Raises:
      UserError: where they are not to be had, or there are none.
    """
    data = runs.read_config(run)["data"]
    split = None if dataset else data.get("split")
    name, data_dir = dataset or data["dataset"], data_dir or data.get("data_dir")
    split = split or sources.training_splits(name, data_dir)[0]
    source = sources.load(name, split, data_dir, channels)
    if source.size == 0:
        raise UserError(f"the split {split} of {name} is empty; choose another --dataset")
    return source


def batched(function: Callable[..., tf.Tensor]) -> Callable[..., np.ndarray]:
    """`function` of arrays with a leading batch axis: compiled, and called batch by batch."""
    compiled = tf.function(function, reduce_retracing=True)

    def call(*arrays: np.ndarray) -> np.ndarray:
        arrays = [np.asarray(array, np.float32) for array in arrays]
        starts = range(0, len(arrays[0]), BATCH)
        parts = [[tf.constant(a[start : start + BATCH]) for a in arrays] for start in starts]
        return np.concatenate([compiled(*part).numpy() for part in parts])

    return call
