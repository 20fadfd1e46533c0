"""Peak signal-to-noise ratio."""

import tensorflow as tf

from zoo.images.resampling import eight_bits

# The mean squared error of rounding to 8 bits: no picture in a file comes nearer, 58.9 dB.
ROUNDING = 1.0 / (12.0 * 255.0**2)


def psnr(target: tf.Tensor, output: tf.Tensor, floor: float = 0.0) -> tf.Tensor:
    """10 log10(1 / mean squared error), for every image.

    Args:
      target: [batch, height, width, channels], peak 1.
      output: the same shape; may leave [0, 1], as unclipped noise does.
      floor: a smaller error counts as this, so that a few exact images do not rule a mean.

    Returns:
      float32 [batch], in dB; infinite where the images are equal.
    """
    error = tf.reduce_mean(tf.square(target - output), axis=[1, 2, 3])
    error = tf.maximum(error, floor)
    return -10.0 * tf.math.log(error) / tf.math.log(10.0)


def psnr_of_files(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """The same of both as files of 8 bits hold them."""
    return psnr(eight_bits(target), eight_bits(output))
