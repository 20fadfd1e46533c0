"""Probabilistic PCA: the linear-Gaussian latent model that a VAE must beat."""

import keras
import numpy as np
import tensorflow as tf


class ProbabilisticPCA(keras.layers.Layer):
    """x = mean + W z + noise, fitted in closed form (Tipping and Bishop 1999, equations 7, 8).

    Args:
      latent_dim: length of z.
      pixels: length of x.
    """

    def __init__(self, latent_dim: int, pixels: int, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        shapes = {"mean": [pixels], "components": [latent_dim, pixels], "variances": [latent_dim]}
        zeros, ones = "zeros", "ones"
        self.mean = self.add_weight(shapes["mean"], zeros, name="mean")
        self.components = self.add_weight(shapes["components"], zeros, name="components")
        self.variances = self.add_weight(shapes["variances"], ones, name="variances")
        self.noise_variance = self.add_weight([], ones, name="noise_variance")
        self.built = True  # it is never called

    def fit(self, images: np.ndarray) -> None:
        """Fits to images [count, h, w, c]."""
        from sklearn.decomposition import PCA

        flat = np.reshape(images, [len(images), -1])
        flat = np.repeat(flat, 2, axis=0) if len(flat) == 1 else flat  # which vary in nothing
        latent_dim = self.components.shape[0]
        # The noise is what is left, so that one component at least must be.
        count = min(latent_dim, flat.shape[1] - 1, len(flat) - 1)
        with np.errstate(invalid="ignore"):  # a share of no variance
            pca = PCA(count, svd_solver="randomized", random_state=0).fit(flat)
        noise, missing = max(float(pca.noise_variance_), 1e-6), latent_dim - count
        self.mean.assign(pca.mean_)
        self.components.assign(np.pad(pca.components_, [[0, missing], [0, 0]]))
        variances = np.maximum(pca.explained_variance_, noise)
        self.variances.assign(np.pad(variances, [0, missing], constant_values=noise))
        self.noise_variance.assign(noise)

    def reconstruct(self, images):
        """The projection on the components, clipped to [0, 1]; the images' shape."""
        flat = tf.matmul(self.codes(images), self.components) + self.mean
        return tf.clip_by_value(tf.reshape(flat, tf.shape(images)), 0.0, 1.0)

    def codes(self, images):
        """Coordinates along the components, [b, latent_dim]."""
        return tf.matmul(self._centered(images), self.components, transpose_b=True)

    def draw(self, noise):
        """Images expected at codes drawn from their normals, clipped to [0, 1], [b, pixels].

        Args:
          noise: standard normal, [b, latent_dim].
        """
        codes = noise * tf.sqrt(self.variances)
        return tf.clip_by_value(tf.matmul(codes, self.components) + self.mean, 0.0, 1.0)

    def log_prob(self, images):
        """Log density in nats, [b]."""
        centered, codes = self._centered(images), self.codes(images)
        rest = tf.reduce_sum(centered**2, -1) - tf.reduce_sum(codes**2, -1)
        distance = tf.reduce_sum(codes**2 / self.variances, -1) + rest / self.noise_variance
        free = float(self.components.shape[1] - self.components.shape[0])
        log_volume = tf.reduce_sum(tf.math.log(self.variances))
        log_volume += free * tf.math.log(self.noise_variance)
        return -0.5 * (distance + log_volume + self.components.shape[1] * np.log(2 * np.pi))

    def log_prob_of_independent_pixels(self, images):
        """Log probability of black and white images, in nats [b], by each pixel's own chance."""
        chance = tf.clip_by_value(self.mean, 1e-3, 1.0 - 1e-3)
        flat = tf.reshape(images, [tf.shape(images)[0], -1])
        return tf.reduce_sum(tf.math.log(flat * chance + (1.0 - flat) * (1.0 - chance)), -1)

    def _centered(self, images):
        return tf.reshape(images, [tf.shape(images)[0], -1]) - self.mean
