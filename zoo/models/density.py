"""log p(x), bounded by what a model says of one sample of its latents.

Kingma and Welling 2014; everything is in nats per image.
"""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.distributions.likelihoods import LIKELIHOODS, Likelihood
from zoo.metrics.likelihood import importance_bound
from zoo.models.arguments import chosen
from zoo.models.vector_latent import VectorLatent


class Density(VectorLatent):
    """p(x, z) and q(z | x), which a model gives by `terms` and `weigher`.

    Attributes:
      observed: p(x | z), by name in `zoo.distributions.likelihoods`.
      pixels: numbers of an image.
    """

    observed: Likelihood
    pixels: int

    def terms(self, images, noise) -> Any:
        """`reconstruction` and `kl` of the evidence lower bound, each [b].

        Args:
          images: [b, h, w, c].
          noise: of the posterior's sample, standard normal [b, latent_dim].
        """
        raise NotImplementedError

    def weigher(self, images) -> Callable[[Any], Any]:
        """Standard normal noise [b, latent_dim] -> log p(x, z) - log q(z | x), [b]."""
        raise NotImplementedError

    def observe(self, likelihood: str) -> None:
        """What a constructor calls once `channels` and `image_size` are known."""
        self.pixels = int(np.prod([*self.image_size, self.channels]))
        self.observed = chosen("likelihood", likelihood, LIKELIHOODS)
        self.log_sigma = self.add_weight(
            shape=[],
            initializer=keras.initializers.Constant(-2.0),
            trainable=self.observed.learns_sigma,
            name="log_sigma",
            dtype="float32",
            autocast=False,
        )

    def log_probability(self, images, numbers):
        """log p(x | z), [b], where the decoder says these numbers of images [b, h, w, c]."""
        levels = self.observed.levels
        distribution = self.observed.distribution(numbers, self.log_sigma)
        return distribution.log_prob(tf.round(images * levels) if levels else images)

    def log_prob(self, images, num_samples: int = 1, seed: int = 0) -> tf.Tensor:
        """The importance-weighted bound on log p(x), [b] (Burda et al. 2016, equation 8).

        Args:
          images: [b, h, w, c] in [0, 1]; black and white ones where the likelihood is
            Bernoulli (`binarize` makes them).
          num_samples: the more, the tighter; memory does not grow.
          seed: the same seed draws the same samples.
        """
        if num_samples < 1:
            raise UserError(f"num_samples={num_samples} must be at least 1")
        images = self.as_observed(images)
        return self._bound(images, tf.constant(num_samples), tf.constant(seed))

    @functools.cached_property
    def _bound(self):
        """Compiled: thousands of samples one after the other would take minutes."""

        def bound(images, num_samples, seed):
            shape = [tf.shape(images)[0], self.latent_dim]
            return importance_bound(self.weigher(images), shape, num_samples, seed)

        return tf.function(bound, reduce_retracing=True)

    def binarize(self, images, seed):
        """White with the chance that a pixel's gray says, where the likelihood asks for it."""
        if not self.observed.binary:
            return images
        drawn = tf.random.stateless_uniform(tf.shape(images), seed)
        return tf.cast(drawn < images, tf.float32)

    def as_observed(self, images):
        """The same as `as_images`, of images that the likelihood can be of."""
        images = self.as_images(images)
        if not self.observed.binary or tf.is_symbolic_tensor(images):
            return images
        if not np.isin(images, (0, 1)).all():
            raise UserError(
                "gray values do not fit --likelihood=bernoulli, which is of black and white "
                "images: call binarize(images, seed) first, or train with another likelihood"
            )
        return images
