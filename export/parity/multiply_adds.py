"""Multiply-adds, counted by TensorFlow's profiler."""

import tensorflow as tf

from zoo.models.base import Model


def multiply_adds(model: Model, name: str, specs: dict[str, tf.TensorSpec]) -> int:
    """Of a signature's convolutions and products.

    Args:
      model: built.
      name: of the signature.
      specs: of its inputs, all sides fixed.
    """
    graph = tf.function(model.endpoint(name)).get_concrete_function(specs).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops // 2
