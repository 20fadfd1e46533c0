"""Colored dots that steer a colorization: small maps of where a color is told, and which.

Zhang et al. 2017, section 3.1: a network learns to spread them when it is shown the true colors
of a few places drawn at random, and often of none.
"""

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.images import color

TOLD = 0.5  # share of the pictures with any dots in training
FEWEST, MOST = 1.0, 60.0  # dots then, about, drawn evenly over the logarithm
WIDEST = 3  # places across a dot


def none(count, side: int):
    """No dots: [count, side, side, 3]."""
    return ops.zeros([count, side, side, 3])


def drawn(chroma: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Random dots of a picture's own colors, for training.

    Args:
      chroma: Lab's a and b, in hundreds, [side, side, 2].
      seed: int32 [2]; the same seed gives the same dots.

    Returns:
      [side, side, 3]: a and b where a dot is, else 0; and 1 where a dot is, else 0.
    """
    seeds = tf.unstack(tf.random.split(seed, 4))
    places = tf.shape(chroma)[:2]
    ends = np.log([FEWEST, MOST])
    expected = tf.exp(tf.random.stateless_uniform([], seeds[0], *ends))
    share = expected / tf.cast(tf.reduce_prod(places), tf.float32)
    told = tf.random.stateless_uniform([], seeds[1]) < TOLD
    dots = tf.random.stateless_uniform(places, seeds[2]) < tf.where(told, share, 0.0)
    width = tf.random.stateless_uniform([], seeds[3], 1, WIDEST + 1, tf.int32)
    wide = [
        tf.nn.max_pool2d(tf.cast(dots, tf.float32)[None, ..., None], w, 1, "SAME")[0]
        for w in range(1, WIDEST + 1)
    ]
    mask = tf.stack(wide)[width - 1]
    return tf.concat([chroma * mask, mask], -1)


def of_picture(dots: np.ndarray, side: int) -> np.ndarray:
    """The dots of a picture that is transparent elsewhere.

    Args:
      dots: floats in [0, 1], [h, w, 4], the last being alpha.
      side: of the map.

    Returns:
      [side, side, 3], as `drawn` gives it. A place that several colors touch has their mean.

    Raises:
      UserError: where nothing is painted, or all of it.
    """
    if dots.ndim != 3 or dots.shape[-1] != 4:
        raise UserError(f"hints have shape {list(dots.shape)}; expected [height, width, 4], RGBA")
    alpha = dots[..., 3] > 0.5
    if not alpha.any() or alpha.all():
        lack = "are nowhere transparent" if alpha.any() else "show nothing"
        raise UserError(f"the hints {lack}; expected colored dots, transparent elsewhere")
    rows, columns = np.nonzero(alpha)
    chroma = np.asarray(color.rgb_to_lab(tf.constant(dots[rows, columns, :3])))[:, 1:] / 100.0
    height, width = alpha.shape
    place = rows * side // height * side + columns * side // width
    count = np.bincount(place, minlength=side**2)
    sums = [np.bincount(place, chroma[:, i], side**2) for i in range(2)]
    told = np.stack([*(s / np.maximum(count, 1) for s in sums), count > 0], -1)
    return np.float32(told).reshape(side, side, 3)
