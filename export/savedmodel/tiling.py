"""What a client must know of a model to cut a picture that is too large for one request."""

import math
from collections.abc import Callable

import tensorflow as tf

from export.savedmodel import guards
from zoo.models.base import Model

SPECS = {"sides": tf.TensorSpec([None, 2], tf.int32, "sides")}


def of_model(model: Model) -> Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]:
    """From `sides`, int32 [b, 2], of pictures, to int32 [b] each, as zoo/models/tiles.py has them.

    `tile` is the side of the tiles to cut a picture into, or 0 where it is taken as it is;
    `stride`, `overlap` and `scale` are the model's.
    """
    side = math.isqrt(guards.MAX_PIXELS) // model.stride * model.stride

    def call(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        sides = tf.ensure_shape(inputs["sides"], [None, 2])
        checks = [
            *guards.batch({"sides": sides}, guards.MAX_FILES),
            guards.check(tf.reduce_all(sides > 0), "sides must be positive:", sides),
        ]
        sides = guards.after(checks, {"sides": sides})["sides"]
        pixels = tf.reduce_prod(tf.cast(sides, tf.int64), 1)
        is_taken = (pixels <= guards.MAX_PIXELS) & tf.reduce_all(sides >= model.stride, 1)
        numbers = {"stride": model.stride, "overlap": model.overlap, "scale": model.scale}
        told = {key: tf.fill(tf.shape(pixels), number) for key, number in numbers.items()}
        return told | {"tile": tf.where(is_taken, 0, side)}

    return call
