"""Pictures that do not belong: another data set, a class held out, or the same ones changed."""

import dataclasses

import tensorflow as tf

from zoo.cli import UserError
from zoo.data import labels, sources
from zoo.data.source import Source


def pair(
    source: Source, name: str, split: str = "", data_dir: str | None = None, channels: int = 0
) -> tuple[Source, Source]:
    """The pictures that belong, and foreign ones to tell from them.

    Args:
      source: of pictures that the model should know.
      name: `invert` or `rotate` for the same pictures changed; `label:3` for those of class 3,
        which the first of the pair is then without; else a data set, as `sources.load` takes it.
      split, data_dir, channels: of that data set, as `sources.load` takes them.

    Raises:
      UserError: for an unknown name or label.
    """
    if name in CHANGES:
        return source, CHANGES[name](source)
    if name.startswith("label:"):
        label = name.removeprefix("label:")
        if not label.isdecimal():
            raise UserError(f"--foreign={name} must name a class by its number, as in label:3")
        return labels.without(source, int(label)), labels.only(source, int(label))
    return source, sources.load(name, split, data_dir, channels)


def invert(source: Source) -> Source:
    """Black for white."""
    return _changed(source, lambda image: _white(image) - image)


def rotate(source: Source) -> Source:
    """A quarter turn, counter-clockwise."""
    height, width, channels = source.image_shape
    turned = _changed(source, tf.image.rot90)
    return dataclasses.replace(turned, image_shape=(width, height, channels))


CHANGES = {"invert": invert, "rotate": rotate}


def _white(image: tf.Tensor) -> float:
    return 1.0 if image.dtype.is_floating else image.dtype.max


def _changed(source: Source, change) -> Source:
    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = source.record(index)
        return found | {"image": change(found["image"])}

    return dataclasses.replace(source, record=record)
