"""Defects that never were: painted into good pictures, so that a network can learn to find them.

A shape, what fills it, and how much that shows are drawn at random, from a pore of three pixels to
half of the picture being of another brightness. After CutPaste (Li et al. 2021), whose patches
come from elsewhere in the picture, and DRAEM (Zavrtanik et al. 2021), whose shapes are noise.
"""

import math

import tensorflow as tf

# A change above this, on the mean of 3x3 pixels, is a defect; below the first it is none.
UNSEEN, SEEN = 0.012, 0.035
HOW_MANY = [0.35, 0.4, 0.25]  # chances of none, one, two


def painted(image: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """A good picture, perhaps with one or two defects.

    Args:
      image: [h, w, c] in [0, 1].
      seed: int32 [2], stateless.

    Returns:
      The picture; and where it was changed, float32 [h, w, 1]: 1, or 0 where it was not, or 0.5
      where hardly anybody sees it.
    """
    number, first, second = _seeds(seed, 3)
    once = _one(image, first)
    stages = tf.stack([image, once, _one(once, second)])
    result = tf.gather(stages, _drawn(number, HOW_MANY))
    change = tf.reduce_max(tf.abs(result - image), -1, keepdims=True)
    change = tf.nn.avg_pool2d(change[tf.newaxis], 3, 1, "SAME")[0]
    return result, 0.5 * (tf.cast(change > UNSEEN, tf.float32) + tf.cast(change > SEEN, tf.float32))


def _one(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    where, what, soft, strong = _seeds(seed, 4)
    inside = _field(where, tf.shape(image)[0], tf.shape(image)[1])
    edge = _between(soft, 0.3, 3.0, log=True)
    share = tf.sigmoid(inside / edge)[..., tf.newaxis] * _between(strong, 0.4, 1.0)
    return tf.clip_by_value(image + share * (_filling(image, what) - image), 0.0, 1.0)


def _field(seed: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    """How many pixels inside of a shape each pixel lies, roughly; below 0 outside, [h, w]."""
    kind, *seeds = _seeds(seed, 8)
    side = tf.cast(tf.minimum(height, width), tf.float32)
    y, x = tf.meshgrid(tf.linspace(0.0, 1.0, height), tf.linspace(0.0, 1.0, width), indexing="ij")
    y, x = y - _between(seeds[0], -0.02, 1.02), x - _between(seeds[1], -0.02, 1.02)
    radius = _between(seeds[2], 0.012, 0.35, log=True)
    stretch, angle = (
        _between(seeds[3], 1 / math.e, math.e, log=True),
        _between(seeds[4], 0, math.pi),
    )
    along = (tf.cos(angle) * x + tf.sin(angle) * y) / (radius * stretch)
    across = (tf.cos(angle) * y - tf.sin(angle) * x) / radius * stretch
    wobble = grain(seeds[5], height, width, tf.clip_by_value(1.5 / radius, 3.0, 40.0))
    shapes = [
        (1.0 - tf.sqrt(along**2 + across**2 + 1e-6) + 0.35 * wobble) * radius * side,  # a blob
        (1.0 - tf.maximum(tf.abs(along), tf.abs(across))) * radius * side,  # a rectangle
        (along + 0.1 * wobble) * radius * side * stretch,  # all beyond an edge
        _crack(seeds[6], y, x),
    ]
    return tf.gather(tf.stack(shapes), _drawn(kind, [0.45, 0.15, 0.1, 0.3]))


def _crack(seed: tf.Tensor, y: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Thin lines near the origin: where smooth noise is zero."""
    noise, cells, thick, far = _seeds(seed, 4)
    height, width = tf.shape(y)[0], tf.shape(y)[1]
    rugged = grain(noise, height, width, _between(cells, 3.0, 9.0))
    slope_y, slope_x = tf.image.image_gradients(rugged[tf.newaxis, ..., tf.newaxis])
    slope = tf.sqrt(slope_y**2 + slope_x**2)[0, ..., 0] + 1e-3
    line = _between(thick, 0.5, 2.0) - tf.abs(rugged) / slope
    side = tf.cast(tf.minimum(height, width), tf.float32)
    near = (1.0 - tf.sqrt(y**2 + x**2) / _between(far, 0.1, 0.6, log=True)) * side
    return tf.minimum(line, near)


def _filling(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """What a defect shows, for the whole picture."""
    kind, *seeds = _seeds(seed, 12)
    height, width = tf.shape(image)[0], tf.shape(image)[1]
    darker = tf.where(_between(seeds[0], 0.0, 1.0) < 0.65, -1.0, 1.0)
    shift = [
        tf.cast(_between(s, 0.1, 0.9) * tf.cast(n, tf.float32), tf.int32)
        for s, n in ((seeds[1], height), (seeds[2], width))
    ]
    cells = _between(seeds[3], 4.0, 60.0, log=True)
    rough = grain(seeds[4], height, width, cells)[..., tf.newaxis]
    fillings = [
        image * tf.exp(darker * _between(seeds[5], 0.2, 1.2)),  # another brightness
        tf.roll(image, shift, [0, 1]) * tf.exp(_between(seeds[6], -0.3, 0.3)),  # another place
        tf.zeros_like(image) + _between(seeds[7], 0, 1) + _between(seeds[8], 0, 0.25) * rough,
        image + _between(seeds[9], 0.05, 0.3) * rough,
        tf.zeros_like(image) + tf.reduce_mean(image) * tf.exp(_between(seeds[10], -1.5, 0.7)),
    ]
    return tf.gather(tf.stack(fillings), _drawn(kind, [0.35, 0.2, 0.15, 0.15, 0.15]))


def grain(seed: tf.Tensor, height: tf.Tensor, width: tf.Tensor, cells: tf.Tensor) -> tf.Tensor:
    """Smooth normal noise with so many waves or so a side, [h, w]."""
    cells = tf.cast(cells, tf.int32)
    noise = tf.random.stateless_normal([1, cells, cells, 1], seed)
    return tf.image.resize(noise, [height, width], "bicubic")[0, ..., 0]


def _seeds(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    return tf.unstack(tf.random.split(seed, count))


def _between(seed: tf.Tensor, low: float, high: float, log: bool = False) -> tf.Tensor:
    """A number, uniform between two, or its logarithm is."""
    if log:
        return tf.exp(_between(seed, math.log(low), math.log(high)))
    return tf.random.stateless_uniform([], seed, low, high)


def _drawn(seed: tf.Tensor, chances: list[float]) -> tf.Tensor:
    """An index, by these chances."""
    return tf.random.stateless_categorical(tf.math.log([chances]), 1, seed)[0, 0]
