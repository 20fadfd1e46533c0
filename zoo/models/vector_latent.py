"""Models whose latents are one vector, beside PCA of the same width."""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.files import levels
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

    def as_images(self, images):
        """Images of every kind in float32, as they come to `codes`; what is no array yet stays.

        Raises UserError where they are not [b, *image_size, channels] in [0, 1].
        """
        expected = [*self.image_size, self.channels]
        if list(images.shape[1:]) != expected:
            raise UserError(
                f"images {list(images.shape)} do not fit this model, whose images are "
                f"[batch, {', '.join(map(str, expected))}]"
            )
        if tf.is_symbolic_tensor(images):
            return images
        pixels = np.asarray(images)
        levels.check(pixels, "images")
        return levels.to_float(pixels)


def decoding(decode: Callable) -> Callable:
    """A `decode` of latents [b, latent_dim] that takes one latent, [latent_dim], too.

    Raises UserError where they are none, or not finite.
    """

    @functools.wraps(decode)
    def call(self, latent, *args, **kwargs):
        latent = latent if tf.is_tensor(latent) else np.asarray(latent, np.float32)
        if len(latent.shape) not in (1, 2) or latent.shape[-1] != self.latent_dim:
            raise UserError(
                f"latents of shape {list(latent.shape)} do not fit this model, "
                f"whose latents are [batch, {self.latent_dim}]"
            )
        if not tf.is_symbolic_tensor(latent) and not np.isfinite(latent).all():
            raise UserError("latents hold numbers that are not finite")
        if len(latent.shape) == 1:
            return decode(self, latent[np.newaxis], *args, **kwargs)[0]
        return decode(self, latent, *args, **kwargs)

    return call
