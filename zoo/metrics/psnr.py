"""Peak signal-to-noise ratio."""

import tensorflow as tf


def psnr(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """10 log10(1 / mean squared error), for every image.

    Args:
      target: [batch, height, width, channels], peak 1.
      output: the same shape; may leave [0, 1], as unclipped noise does.

    Returns:
      float32 [batch], in dB; infinite where the images are equal.
    """
    error = tf.reduce_mean(tf.square(target - output), axis=[1, 2, 3])
    return -10.0 * tf.math.log(error) / tf.math.log(10.0)
