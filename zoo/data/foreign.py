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
      name: `invert`, `rotate`, `gray`, `constant` or `noise` for the same pictures changed;
        `label:3` for those of class 3, which the first of the pair is then without; else a data
        set, as `sources.load` takes it.
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
    return _changed(source, lambda image, _: _white(image) - image)


def rotate(source: Source) -> Source:
    """A quarter turn, counter-clockwise."""
    height, width, channels = source.image_shape
    turned = _changed(source, lambda image, _: tf.image.rot90(image))
    return dataclasses.replace(turned, image_shape=(width, height, channels))


def gray(source: Source) -> Source:
    """Without their colors."""
    return _changed(source, lambda image, _: tf.zeros_like(image) + _mean(image, [2]))


def constant(source: Source) -> Source:
    """Each all of its mean color."""
    return _changed(source, lambda image, _: tf.zeros_like(image) + _mean(image, [0, 1]))


def noise(source: Source) -> Source:
    """Every number drawn by itself, all values alike, by the picture's place."""

    def drawn(image: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        seed = tf.stack([tf.cast(index, tf.int32), 0])
        share = tf.random.stateless_uniform(tf.shape(image), seed)
        if image.dtype.is_floating:
            return tf.cast(share, image.dtype)
        return tf.cast(tf.floor(share * (_white(image) + 1)), image.dtype)

    return _changed(source, drawn)


CHANGES = {f.__name__: f for f in (invert, rotate, gray, constant, noise)}


def _mean(image: tf.Tensor, axes: list[int]) -> tf.Tensor:
    mean = tf.reduce_mean(tf.cast(image, tf.float32), axes, keepdims=True)
    return tf.cast(tf.round(mean) if image.dtype.is_integer else mean, image.dtype)


def _white(image: tf.Tensor) -> float:
    return 1.0 if image.dtype.is_floating else image.dtype.max


def _changed(source: Source, change) -> Source:
    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = source.record(index)
        return found | {"image": change(found["image"], index)}

    return dataclasses.replace(source, record=record)
