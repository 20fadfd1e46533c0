"""Models whose latents are one vector, beside PCA of the same width."""

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.models.latent import Latent


class VectorLatent(Latent):
    """An image of `image_size` becomes `latent_dim` numbers.

    Attributes:
      latent_dim: how many.
      linear: the PCA, fitted to the first training images: what a linear autoencoder finds
        (Baldi and Hornik 1989).
    """

    latent_dim: int
    linear: ProbabilisticPCA

    @property
    def latent_shape(self):
        return (self.latent_dim,)

    def adapt(self, images, labels=None):
        self.linear.fit(np.stack(images))

    def baseline_codes(self, images):
        """Coordinates along the PCA's components, [b, latent_dim]."""
        return self.linear.codes(images)

    def baseline_draw(self, noise):
        """Images of the PCA with a normal over its codes."""
        return ops.reshape(self.linear.draw(noise), [-1, *self.image_size, self.channels])

    def check_images(self, images) -> None:
        """Raises UserError where images are not [b, *image_size, channels] in [0, 1]."""
        expected = [*self.image_size, self.channels]
        if list(images.shape[1:]) != expected:
            raise UserError(
                f"images {list(images.shape)} do not fit this model, whose images are "
                f"[batch, {', '.join(map(str, expected))}]"
            )
        if tf.is_symbolic_tensor(images):
            return
        values = np.asarray(images)
        low, high = float(values.min()), float(values.max())
        if not (low >= 0 and high <= 1):
            raise UserError(f"image values {low:g} to {high:g} lie outside [0, 1]; divide by 255?")

    def check_latents(self, latent) -> None:
        """Raises UserError where latents are not [b, latent_dim]."""
        if latent.shape[-1] != self.latent_dim:
            raise UserError(
                f"a latent of width {latent.shape[-1]} does not fit this model, "
                f"whose latents are [batch, {self.latent_dim}]"
            )
