"""A normal distribution at every place of a map (PaDiM: Defard et al. 2021, section III-B)."""

import keras
import numpy as np
from keras import ops


class Gaussians(keras.layers.Layer):
    """How far the vector at each place is from those that were seen there, squared.

    Args:
      height: of the maps.
      width: of the maps.
      channels: of the maps.
    """

    exact = True  # squares of what is rare: 8 bits would not hold them

    def __init__(self, height: int, width: int, channels: int, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        places = height * width
        self.mean = self.add_weight([places, channels], "zeros", name="mean")
        self.whitening = self.add_weight([places, channels, channels], "ones", name="whitening")
        self.built = True

    def fit(self, maps: np.ndarray) -> None:
        """Fits to maps [count, h, w, c], few ones too.

        Each covariance is drawn towards the mean of all, the more the fewer maps there are.
        """
        count, *_, channels = maps.shape
        x = np.reshape(maps, [count, -1, channels]).swapaxes(0, 1).astype(np.float64)
        mean = x.mean(1, keepdims=True)
        covariance = (x - mean).swapaxes(1, 2) @ (x - mean) / count
        shared, trust = covariance.mean(0), count / (count + channels)
        covariance = trust * covariance + (1 - trust) * shared
        covariance += (1e-4 * np.trace(shared) / channels + 1e-12) * np.eye(channels)
        self.mean.assign(mean[:, 0])
        # The square of whitened vectors is Mahalanobis's distance, squared.
        self.whitening.assign(np.linalg.cholesky(np.linalg.inv(covariance)))

    def call(self, maps):
        """[b, h, w, c] -> squared distance by the channel, [b, h, w, 1]."""
        batch, (height, width, channels) = ops.shape(maps)[0], maps.shape[1:]
        x = ops.reshape(ops.cast(maps, "float32"), [batch, height * width, channels]) - self.mean
        x = ops.matmul(ops.transpose(x, [1, 0, 2]), self.whitening)  # [places, b, c]
        squares = ops.mean(x**2, -1, keepdims=True)
        return ops.reshape(ops.transpose(squares, [1, 0, 2]), [batch, height, width, 1])
