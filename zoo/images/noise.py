"""Noise of one pixel at a time."""

from __future__ import annotations

from etils import epy

from zoo.images.degradation import degradation

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf


@degradation("noise", default=25.0, limits=(0.0, 255.0))
def gaussian(image: tf.Tensor, seed: tf.Tensor, noise_stddev: tf.Tensor) -> tf.Tensor:
    """Adds white Gaussian noise.

    Args:
      noise_stddev: standard deviation of Gaussian noise, 0 to 255: 25, or 0,55 for blind training.
    """
    return image + noise_stddev / 255.0 * tf.random.stateless_normal(tf.shape(image), seed)


@degradation("poisson", default=30.0, limits=(0.1, 1e6))
def poisson(image: tf.Tensor, seed: tf.Tensor, noise_peak: tf.Tensor) -> tf.Tensor:
    """Shot noise of a sensor that counts photons.

    Args:
      noise_peak: photons of a white pixel, on average, for Poisson noise; or a range.
    """
    rate = tf.maximum(image, 0.0) * noise_peak
    return tf.random.stateless_poisson(tf.shape(image), seed, rate, tf.float32) / noise_peak


@degradation("salt_pepper", default=0.1, limits=(0.0, 1.0))
def salt_pepper(image: tf.Tensor, seed: tf.Tensor, noise_amount: tf.Tensor) -> tf.Tensor:
    """Turns pixels black or white, half each.

    Args:
      noise_amount: share of the pixels that salt and pepper hit, or a range.
    """
    chance = tf.random.stateless_uniform(tf.concat([tf.shape(image)[:2], [1]], 0), seed)
    image = tf.where(chance < noise_amount / 2, 0.0, image)
    return tf.where(chance > 1 - noise_amount / 2, 1.0, image)
