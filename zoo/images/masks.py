"""Masks for completion: where a picture is missing, as pure functions.

A mask is a field over the image, cut at the level below which the wanted share of the
pixels lies, so that a hole of any shape has exactly the area asked for.
"""

from collections.abc import Callable

import tensorflow as tf

SHAPES: dict[str, Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]] = {}


def mask(seed: tf.Tensor, height: int, width: int, shape: str, area: tf.Tensor) -> tf.Tensor:
    """A hole in an image of height x width.

    Args:
      seed: int32 [2], stateless.
      height: pixels, also as a tensor.
      width: pixels, also as a tensor.
      shape: a name in SHAPES, or "any" to draw one.
      area: share of the image, 0 to 1; kept to the pixel.

    Returns:
      float32 [height, width, 1], 1 in the hole.
    """
    choice_seed, seed = tf.unstack(tf.random.split(seed))
    y, x = tf.meshgrid(
        tf.range(height, dtype=tf.float32), tf.range(width, dtype=tf.float32), indexing="ij"
    )
    if shape == "any":
        functions = [lambda f=f: f(seed, y, x) for f in SHAPES.values()]
        drawn = tf.random.stateless_uniform([], choice_seed, 0, len(functions), tf.int32)
        field = tf.switch_case(drawn, functions)
    else:
        field = SHAPES[shape](seed, y, x)
    count = tf.cast(height * width, tf.float32)
    wanted = tf.clip_by_value(tf.cast(tf.round(area * count), tf.int32), 1, height * width - 1)
    # Ties are broken by position, so that no hole is larger than was asked for.
    order = tf.argsort(tf.reshape(field, [-1]), stable=True)
    hole = tf.scatter_nd(order[:wanted, tf.newaxis], tf.ones([wanted]), [height * width])
    return tf.reshape(hole, [height, width, 1])


def center(seed: tf.Tensor, y: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """One square in the middle. Uses no randomness."""
    del seed
    middle_y, middle_x = (tf.reduce_max(y) / 2, tf.reduce_max(x) / 2)
    return tf.maximum(tf.abs(y - middle_y), tf.abs(x - middle_x))


def rectangles(seed: tf.Tensor, y: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Four rectangles of differing place, size and proportions."""
    drawn = tf.random.stateless_uniform([4, 4], seed)
    field = tf.fill(tf.shape(y), 1e9)
    for at_y, at_x, size, proportion in map(tf.unstack, tf.unstack(drawn)):
        stretch = 4.0 ** (proportion - 0.5)
        far_y = tf.abs(y - at_y * tf.reduce_max(y)) * stretch
        far_x = tf.abs(x - at_x * tf.reduce_max(x)) / stretch
        field = tf.minimum(field, tf.maximum(far_y, far_x) / (0.3 + size))
    return field


def strokes(seed: tf.Tensor, y: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Free-form brush strokes: the distance to three wandering lines (Yu et al. 2019)."""
    lines, segments = 3, 6
    sides = tf.stack([tf.reduce_max(y), tf.reduce_max(x)])
    seeds = tf.unstack(tf.random.split(seed))
    start = tf.random.stateless_uniform([lines, 1, 2], seeds[0]) * sides
    angle = tf.cumsum(tf.random.stateless_normal([lines, segments], seeds[1], stddev=1.0), 1)
    step = 0.2 * tf.reduce_min(sides) * tf.stack([tf.sin(angle), tf.cos(angle)], -1)
    points = tf.concat([start, start + tf.cumsum(step, 1)], 1)
    begin = tf.reshape(points[:, :-1], [-1, 2])
    along = tf.reshape(points[:, 1:], [-1, 2]) - begin

    def nearer(field, segment):
        (begin_y, begin_x), (along_y, along_x) = map(tf.unstack, segment)
        off_y, off_x = y - begin_y, x - begin_x
        length = tf.maximum(along_y**2 + along_x**2, 1e-6)
        share = tf.clip_by_value((off_y * along_y + off_x * along_x) / length, 0.0, 1.0)
        away = tf.square(off_y - share * along_y) + tf.square(off_x - share * along_x)
        return tf.minimum(field, away)

    return tf.foldl(nearer, (begin, along), tf.fill(tf.shape(y), 1e9))


SHAPES |= {"center": center, "rectangles": rectangles, "strokes": strokes}
