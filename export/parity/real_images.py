"""Real inputs for the export: to calibrate on, to compare with, and to judge by."""

import dataclasses
import sys
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import crops, pipeline, source, sources
from zoo.data.source import Source
from zoo.files import levels
from zoo.models.base import Model


class RealImages(NamedTuple):
    """(inputs, target) pairs as `model.example` makes them, each a batch; see `of`."""

    calibration: list[tuple[Any, Any]]
    judged: list[tuple[Any, Any]]
    about: str

    def inputs(self, count: int) -> Any:
        """The first inputs to judge by, as one batch."""
        return stacked([inputs for inputs, _ in self.judged[:count]])


def open_sources(
    model: Model, data: dict[str, Any], dataset: str | None = None, data_dir: str | None = None
) -> tuple[Source, Source]:
    """Training images to calibrate on, and validation images to judge by.

    Where the run's own data are not at hand: embedded photographs, and a line that says so.

    Args:
      model: says how many channels.
      data: of the run's config: data set, splits and where it lies.
      dataset: another data set than the run's own.
      data_dir: where TFDS keeps its data.

    Raises:
      UserError: where `dataset` cannot be opened.
    """
    name = dataset or data["dataset"]
    data_dir = data_dir or data.get("data_dir")
    try:
        return _sources(model, name, {} if dataset else data, data_dir)
    except UserError as error:
        if dataset:
            raise
        print(f"embedded photographs instead, since {error}", file=sys.stderr)
        return _sources(model, "photos", {}, None)


def of(
    model: Model, train: Source, held_out: Source, side: int, calibration: int, judged: int
) -> RealImages:
    """Makes pairs of two sources.

    Args:
      model: makes the pairs.
      train: to calibrate on.
      held_out: to judge by.
      side: of the inputs, where the model takes any.
      calibration: at most so many images.
      judged: at most so many images.

    Raises:
      UserError: where there are no images.
    """
    pairs = _pairs(model, train, side, calibration), _pairs(model, held_out, side, judged)
    for images, found in zip((train, held_out), pairs, strict=True):
        if not found:
            raise UserError(f"{images.name} {images.split} has no images; give another --dataset")
    return RealImages(*pairs, f"{held_out.name}, {held_out.split}")


def stacked(batches: list[Any]) -> Any:
    """Batches as one."""
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts), *batches)


def _sources(
    model: Model, name: str, data: dict[str, Any], data_dir: str | None
) -> tuple[Source, Source]:
    """Training and validation images; all there are where the latter would be none."""
    train, held_out = sources.training_splits(name, data_dir)
    train, held_out = data.get("split", train), data.get("validation_split", held_out)
    loaded = sources.load(name, train, data_dir, model.channels)
    others = sources.load(name, held_out, data_dir, model.channels)
    return loaded, others if others.size else sources.load(name, "", data_dir, model.channels)


def _pairs(model: Model, images: Source, side: int, count: int) -> list[tuple[Any, Any]]:
    """Batches of 1, of one size that LiteRT's fixed shapes take."""
    if images.size == 0:
        return []
    sides = images.image_shape[:2]
    # What sees the whole picture reduces it by matrices made for one size.
    one_size = "restore_part" in model.signatures()
    if model.image_size is None and (one_size or any(n is None or n % model.stride for n in sides)):
        images = _cut(images, side * model.scale)
    batches = pipeline.eval_batches(images, model, 1, limit=count)
    return [(_as_bytes_hold(model, inputs), target) for inputs, target in batches]


def _cut(images: Source, side: int) -> Source:
    """The middle square of each picture; smaller ones are enlarged to fill it."""

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = images.record(index)
        image = source.to_float(found["image"])
        square = tf.cond(
            tf.reduce_min(tf.shape(image)[:2]) < side,
            lambda: source.resize_to_fill(image, side, side),
            lambda: crops.center(image, side),
        )
        return found | {"image": tf.ensure_shape(square, [side, side, image.shape[-1]])}

    shape = (side, side, images.image_shape[2])
    return dataclasses.replace(images, image_shape=shape, record=record)


def _as_bytes_hold(model: Model, inputs: Any) -> Any:
    """Pictures cut to [0, 1] and rounded to 8 bits, as a phone or a page has them.

    Otherwise a uint8 input would be blamed for what noise lost when it became a picture.
    """
    declared = {k: t for s in model.signatures().values() for k, t in s.inputs.items()}

    def rounded(name: str, value: Any) -> np.ndarray:
        value = np.asarray(value)
        if name not in declared or not declared[name].is_image:
            return value
        return levels.to_float(levels.from_float(value))

    if isinstance(inputs, dict):
        return {name: rounded(name, value) for name, value in inputs.items()}
    return rounded("image", inputs)
