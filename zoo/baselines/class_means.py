"""The mean picture of every class: the classifier that needs no learning."""

import keras
import numpy as np
import tensorflow as tf


class ClassMeans(keras.layers.Layer):
    """Normal densities of one width around each class's mean (Hastie et al. 2009, section 4.3).

    Args:
      classes: how many.
      shape: [height, width, channels] of the images.
    """

    def __init__(self, classes: int, shape: list[int], **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        # A class without an example is far from everything.
        far = keras.initializers.Constant(1e3)
        self.means = self.add_weight([classes, *shape], far, name="means")
        self.variance = self.add_weight([], "ones", name="variance")
        self.built = True  # it is never called

    def fit(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Fits to images [count, h, w, c] in [0, 1] and labels [count]."""
        means = keras.ops.convert_to_numpy(self.means).copy()
        for label in np.unique(labels):
            means[label] = images[labels == label].mean(0)
        self.means.assign(means)
        self.variance.assign(max(float(np.mean((images - means[labels]) ** 2)), 1e-6))

    def logits(self, images):
        """Log densities without what all classes share, [b, classes]."""
        flat = tf.reshape(images, [tf.shape(images)[0], -1])  # [b, pixels]
        means = tf.reshape(self.means, [self.means.shape[0], -1])  # [classes, pixels]
        squares = tf.reduce_sum(means**2, -1)
        return (tf.matmul(flat, means, transpose_b=True) - 0.5 * squares) / self.variance

    def pictures(self, labels):
        """The mean picture of each label's class, [b, h, w, c]."""
        return tf.clip_by_value(tf.gather(self.means, labels), 0.0, 1.0)
