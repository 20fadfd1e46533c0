"""How right and how rich colors are."""

import tensorflow as tf

from zoo.images import color


def chroma_mae(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Mean absolute error of Lab's a and b, for every image.

    Args:
      target: sRGB [batch, height, width, 3] in [0, 1].
      output: the same shape.

    Returns:
      float32 [batch], in Lab's units.
    """
    difference = color.rgb_to_lab(target)[..., 1:] - color.rgb_to_lab(output)[..., 1:]
    return tf.reduce_mean(tf.abs(difference), axis=[1, 2, 3])


def chroma_auc(target: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    """Share of pixels whose a and b lie within a distance of the true ones, over all distances.

    The area under that share's curve from 0 to 150 Lab units (Zhang et al. 2016, section 3.1),
    which is the mean of 1 - distance / 150.

    Args:
      target: sRGB [batch, height, width, 3] in [0, 1].
      output: the same shape.

    Returns:
      float32 [batch], in percent.
    """
    difference = color.rgb_to_lab(target)[..., 1:] - color.rgb_to_lab(output)[..., 1:]
    shares = tf.maximum(1.0 - tf.norm(difference, axis=-1) / 150.0, 0.0)
    return 100.0 * tf.reduce_mean(shares, axis=[1, 2])


def colorfulness(image: tf.Tensor) -> tf.Tensor:
    """Hasler and Suesstrunk 2003, equation 5 (M3); 0 for gray, 109 for "extremely colorful".

    Args:
      image: sRGB [batch, height, width, 3] in [0, 1].

    Returns:
      float32 [batch].
    """
    red, green, blue = tf.unstack(255.0 * image, axis=-1)
    opponents = tf.stack([red - green, (red + green) / 2 - blue], -1)
    mean, variance = tf.nn.moments(opponents, [1, 2])
    return tf.sqrt(tf.reduce_sum(variance, -1)) + 0.3 * tf.norm(mean, axis=-1)
