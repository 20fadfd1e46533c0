"""Multiply-adds, counted by TensorFlow's profiler."""

import tensorflow as tf

from zoo.models.base import Model


def multiply_adds(model: Model, name: str, side: int) -> int:
    """Of a signature's convolutions and products, for one input.

    Args:
      model: built.
      name: of the signature.
      side: of the image, where the model takes any.
    """
    specs = model.signatures()[name].specs(1, side)
    graph = tf.function(model.endpoint(name)).get_concrete_function(specs).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops // 2
