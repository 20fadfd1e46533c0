"""Squares cut from pictures, in a data pipeline."""

import tensorflow as tf

from zoo.data.source import to_float


def random(image: tf.Tensor, seed: tf.Tensor, size: int | tf.Tensor) -> tf.Tensor:
    """A random [size, size, c] of [h, w, c], as floats; smaller images are enlarged to fit."""
    sides = tf.cast(tf.shape(image)[:2], tf.float32)
    ratio = tf.cast(size, tf.float32) / tf.reduce_min(sides)
    drawn = tf.random.stateless_uniform([2], seed, maxval=2**30, dtype=tf.int32)

    def cut(image: tf.Tensor) -> tf.Tensor:
        top, left = tf.unstack(drawn % (tf.shape(image)[:2] - size + 1))
        return image[top : top + size, left : left + size]

    def enlarged() -> tf.Tensor:
        target = tf.cast(tf.math.ceil(sides * ratio), tf.int32)
        return tf.image.resize(to_float(image), target, "bicubic", antialias=True)

    crop = tf.cond(ratio > 1.0, lambda: cut(enlarged()), lambda: to_float(cut(image)))
    return tf.ensure_shape(crop, [size, size, None]) if isinstance(size, int) else crop


def center(image: tf.Tensor, size: int) -> tf.Tensor:
    """The middle [size, size, c] of [h, w, c], or what there is of it."""
    top, left = tf.unstack(tf.maximum(tf.shape(image)[:2] - size, 0) // 2)
    return image[top : top + size, left : left + size]


def shrunk(image: tf.Tensor, seed: tf.Tensor, size: int, shrink: tuple[float, float]) -> tf.Tensor:
    """A random [size, size, c] of the image made smaller by a factor drawn from `shrink`.

    Below 1 it is made larger: soft, as pictures are as they come from a camera.

    Reducing a photograph averages its JPEG traces and noise away, so that a network does
    not learn them. Cropped first, since that is cheaper.
    """
    low, high = shrink
    if low == high == 1.0:
        return random(image, seed, size)
    return _resized(image, seed, size, size * low, size * high)


def shared(image: tf.Tensor, seed: tf.Tensor, size: int, share: tuple[float, float]) -> tf.Tensor:
    """A random square of the image, its side a share of the shorter one's, made [size, size, c].

    However large the image, it shows about as much of what is on it (the "random sized crops" of
    Szegedy et al. 2015, section 6, without their proportions).
    """
    side = tf.cast(tf.reduce_min(tf.shape(image)[:2]), tf.float32)
    return _resized(image, seed, size, side * share[0], side * share[1])


def _resized(image, seed, size, low, high) -> tf.Tensor:
    """A random square of a side from `low` to `high`, made [size, size, c]."""
    side_seed, crop_seed = tf.unstack(tf.random.split(seed))
    drawn = tf.random.stateless_uniform([], side_seed)
    large = random(image, crop_seed, tf.cast(tf.round(low + (high - low) * drawn), tf.int32))
    small = tf.image.resize(large, [size, size], "bicubic", antialias=True)
    return tf.clip_by_value(small, 0.0, 1.0)
