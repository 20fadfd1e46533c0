"""Sprites, after dSprites (Matthey et al. 2017): one shape on black, its edges antialiased.

Drawn from signed distances. The shapes have equal areas, and turn about their centroids.
"""

import colorsys

import numpy as np
import tensorflow as tf

from zoo.data.factor_set import Factor, FactorSet

SIDE = 64
HALF_SIDE = 9.0  # of the largest square, in pixels
CENTERS = 16.0, 48.0  # the first and last position, in pixels; no shape leaves the frame

SHAPE = Factor("shape", 3, categorical=True)
SCALE, ORIENTATION = Factor("scale", 6), Factor("orientation", 40)
X, Y = Factor("x", 32), Factor("y", 32)
COLOR = Factor("color", 8, categorical=True)
FACTORS = SHAPE, SCALE, ORIENTATION, X, Y

HUES = np.float32([colorsys.hsv_to_rgb(i / COLOR.size, 1.0, 1.0) for i in range(COLOR.size)])
ALONG = np.arange(SIDE, dtype=np.float32) + 0.5  # the pixels' centers

# In half sides of the square, which makes all three areas 4.
ELLIPSE = np.sqrt(8 / np.pi, dtype=np.float32), np.sqrt(2 / np.pi, dtype=np.float32)
HEART = np.sqrt(4 / (4 + np.pi), dtype=np.float32)  # half the side of the square in it
HEART_CENTROID = np.float32((np.pi / 2 + 2 / 3) / (4 + np.pi))  # from that square's center


def coverage(factors: tf.Tensor) -> tf.Tensor:
    """How much of every pixel the shape covers.

    Args:
      factors: shape (square, ellipse, heart), scale, orientation, x and y, int [5].

    Returns:
      float32 [64, 64] in [0, 1].
    """
    size, turn, x, y = tf.unstack(tf.cast(factors[1:], tf.float32))
    half_side = HALF_SIDE * (0.5 + 0.5 * size / (SCALE.size - 1))
    angle = turn * (2 * np.pi / ORIENTATION.size)
    cos, sin = tf.cos(angle) / half_side, tf.sin(angle) / half_side
    first, last = CENTERS
    right = ALONG[np.newaxis] - (first + x * ((last - first) / (X.size - 1)))
    down = ALONG[:, np.newaxis] - (first + y * ((last - first) / (Y.size - 1)))
    u, v = cos * right + sin * down, cos * down - sin * right  # the shape's own axes
    distances = {0: square, 1: ellipse, 2: heart}
    branches = [lambda shape=shape: shape(u, v) for shape in distances.values()]
    distance = tf.switch_case(tf.cast(factors[0], tf.int32), branches)
    return tf.clip_by_value(0.5 - half_side * distance, 0.0, 1.0)


def square(u: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
    """Signed distance to the nearest side's line; negative inside."""
    return tf.maximum(tf.abs(u), tf.abs(v)) - 1.0


def ellipse(u: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
    """f / |grad f| of f = |(u / a, v / b)| - 1: the distance, to first order (Taubin 1994)."""
    a, b = ELLIPSE
    norm = tf.sqrt(tf.square(u / a) + tf.square(v / b) + 1e-9)
    slope = tf.sqrt(tf.square(u / a**2) + tf.square(v / b**2) + 1e-9)
    return norm * (norm - 1.0) / slope


def heart(u: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
    """A square that stands on a corner, with half a disc on each of its upper sides."""
    diagonal = np.float32(np.sqrt(0.5) / HEART)
    p = diagonal * (u - v) + HEART_CENTROID
    q = diagonal * (-u - v) + HEART_CENTROID
    disc = tf.sqrt(tf.square(tf.maximum(p, q) - 1.0) + tf.square(tf.minimum(p, q))) - 1.0
    return HEART * tf.minimum(square(p, q), disc)


def _white(factors: tf.Tensor) -> tf.Tensor:
    return _eight_bits(coverage(factors)[..., tf.newaxis])


def _colored(factors: tf.Tensor) -> tf.Tensor:
    hue = tf.gather(HUES, factors[0])
    return _eight_bits(coverage(factors[1:])[..., tf.newaxis] * hue)


def _eight_bits(image: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.round(255.0 * image), tf.uint8)


SPRITES = FactorSet("sprites", FACTORS, (SIDE, SIDE, 1), _white)
SPRITES_COLOR = FactorSet("sprites_color", (COLOR, *FACTORS), (SIDE, SIDE, 3), _colored)
