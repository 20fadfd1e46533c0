"""Structural similarity (Wang et al. 2004)."""

import tensorflow as tf


def ssim(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Mean SSIM of every image, with the window of the authors' MATLAB code.

    Gaussian window of 11x11 and sigma 1.5, K1 = 0.01, K2 = 0.03, where it lies wholly
    inside the image (Wang et al. 2004, equation 13); the mean over channels.

    Args:
      target: [batch, height, width, channels], peak 1. Sides below 11 are mirrored out.
      output: the same shape.

    Returns:
      float32 [batch], at most 1.
    """
    return tf.image.ssim(_at_least_11(target), _at_least_11(output), 1.0)


def _at_least_11(images: tf.Tensor) -> tf.Tensor:
    """Mirrored at the lower and right edge, over and over, where the window would not fit."""
    for axis in (1, 2):
        length = tf.shape(images)[axis]
        at = tf.range(tf.maximum(length, 11)) % (2 * length)
        images = tf.gather(images, tf.minimum(at, 2 * length - 1 - at), axis=axis)
    return images
