"""Blurred, and made smaller."""

from __future__ import annotations

from etils import epy

from zoo.images.degradation import degradation

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf


@degradation("blur", default=(0.2, 2.0), limits=(0.0, 4.0))
def blur(image: tf.Tensor, seed: tf.Tensor, blur_sigma: tf.Tensor) -> tf.Tensor:
    """Gaussian blur. Uses no randomness.

    Args:
      blur_sigma: standard deviation of a Gaussian blur, in pixels, up to 4; or a range.
    """
    del seed
    radius = 12
    at = tf.range(-radius, radius + 1, dtype=tf.float32)
    window = tf.nn.softmax(-tf.square(at / tf.maximum(blur_sigma, 1e-3)) / 2)
    # Mirrored over and over, for images smaller than the window.
    height, width = tf.unstack(tf.shape(image)[:2])
    image = tf.gather(image, _mirrored(height, radius), axis=0)
    image = tf.gather(image, _mirrored(width, radius), axis=1)
    planes = tf.transpose(image, [2, 0, 1])[..., tf.newaxis]
    planes = tf.nn.conv2d(planes, window[:, None, None, None], 1, "VALID")
    planes = tf.nn.conv2d(planes, window[None, :, None, None], 1, "VALID")
    return tf.transpose(planes[..., 0], [1, 2, 0])


@degradation("downscale", default=2, limits=(2, 4), changes_size=True, eight_bits=True)
def downscale(image: tf.Tensor, seed: tf.Tensor, scale: int) -> tf.Tensor:
    """Antialiased bicubic of the 8-bit image, rounded to 8 bits; sides // scale.

    MATLAB's imresize, the low resolution of the super-resolution literature. Uses no randomness.
    """
    del seed
    sides = tf.shape(image)[:2] // tf.cast(scale, tf.int32)
    return eight_bits(tf.image.resize(eight_bits(image), sides, "bicubic", antialias=True))


def eight_bits(image: tf.Tensor) -> tf.Tensor:
    """An image in [0, 1] as a file of 8 bits would hold it."""
    return tf.round(tf.clip_by_value(image, 0.0, 1.0) * 255.0) / 255.0


def _mirrored(length: tf.Tensor, margin: int) -> tf.Tensor:
    """Indices -margin to length + margin, mirrored into 0 to length - 1."""
    at = tf.range(-margin, length + margin) % (2 * length)
    return tf.minimum(at, 2 * length - 1 - at)
