"""p(x, z) and q(z | x): what every variational autoencoder computes, before it is a model.

Kingma and Welling 2014; everything is in nats per image.
"""

import functools
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from zoo.cli import UserError
from zoo.distributions.likelihoods import LIKELIHOODS
from zoo.distributions.posteriors import POSTERIORS
from zoo.distributions.priors import PRIORS
from zoo.layers import vectors
from zoo.metrics.likelihood import importance_bound
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.vector_latent import VectorLatent

tfd = tfp.distributions


class Terms(NamedTuple):
    """The evidence lower bound of one sample for each image: -reconstruction - kl."""

    posterior: tfd.Distribution  # q(z | x)
    latent: tf.Tensor  # its sample, [b, latent_dim]
    reconstruction: tf.Tensor  # -log p(x | z), [b]
    kl: tf.Tensor  # KL(q(z | x) || p(z)), [b]


class Variational(VectorLatent):
    """Encoder, decoder and the three distributions; the arguments are those of `VAE`."""

    def __init__(
        self,
        channels: PositiveInt = 1,
        image_size: int | list[int] = 28,
        latent_dim: PositiveInt = 32,
        width: PositiveInt = 32,
        depth: PositiveInt = 1,
        levels: NonNegativeInt = 2,
        patch: PositiveInt = 1,
        likelihood: str = "bernoulli",
        posterior: str = "normal",
        prior: str = "normal",
        components: PositiveInt = 100,
        **kwargs,
    ):
        super().__init__(**kwargs)
        # Not attributes of their own names, which are methods.
        self.choices = {"likelihood": likelihood, "posterior": posterior, "prior": prior}
        kinds = {"likelihood": LIKELIHOODS, "posterior": POSTERIORS, "prior": PRIORS}
        for kind, chosen in self.choices.items():
            if chosen not in kinds[kind]:
                known = ", ".join(kinds[kind])
                raise UserError(f"unknown --{kind}={chosen}; choose {known}")
        self.channels, self.latent_dim = channels, latent_dim
        self.width, self.depth, self.levels, self.patch = width, depth, levels, patch
        self.components = components
        self.image_size, self.stride = vectors.sides(image_size, levels, patch), patch * 2**levels
        shape = [*self.image_size, channels]
        self.pixels = int(np.prod(shape))
        self.observed = LIKELIHOODS[likelihood]
        self.posterior_layer = POSTERIORS[posterior](latent_dim, name="posterior")
        self.prior_layer = PRIORS[prior](latent_dim, components, shape, name="prior")
        sizes = width, depth, levels, patch
        self.encoder = vectors.encoder(self.posterior_layer.numbers, *sizes)
        numbers = channels * self.observed.per_channel
        self.decoder = vectors.decoder(self.image_size, numbers, *sizes)
        self.log_sigma = self.add_weight(
            shape=[],
            initializer=keras.initializers.Constant(-2.0),
            trainable=self.observed.learns_sigma,
            name="log_sigma",
            dtype="float32",
            autocast=False,
        )

    def get_config(self):
        return super().get_config() | self.choices

    def posterior(self, images) -> tfd.Distribution:
        """q(z | x) over [latent_dim], for every image [b, h, w, c]."""
        return self.posterior_layer.distribution(self.encoder(images - 0.5))

    def prior(self) -> tfd.Distribution:
        """p(z), over [latent_dim]."""
        return self.prior_layer.distribution(self.posterior)

    def likelihood(self, latent) -> tfd.Distribution:
        """p(x | z), over images, for every latent [b, latent_dim]."""
        return self.observed.distribution(self.decoder(latent), self.log_sigma)

    def moments(self, images):
        """The posterior's mean and standard deviation, each [b, latent_dim]."""
        self.check_images(images)
        return self.posterior_layer.moments(self.posterior(images))

    def features(self, images):
        """What the latents are made of, flat: better to classify by than the posterior's mean."""
        x = images - 0.5
        for layer in self.feature_layers():
            x = layer(x)
        return tf.cast(x, tf.float32)

    def feature_layers(self):
        return self.encoder.layers[:-1]

    def codes(self, images):
        """The posterior's mean."""
        return self.posterior_layer.moments(self.posterior(images))[0]

    def spread(self):
        prior = self.prior()
        return prior.mean().numpy(), prior.stddev().numpy()

    def decode(self, latent):
        """The image expected at every latent: [b, latent_dim] -> [b, h, w, c] in [0, 1]."""
        self.check_latents(latent)
        return self.observed.image(self.decoder(latent))

    def draw(self, noise, choice=None):
        """Images from the prior, [b, h, w, c]; see `zoo.distributions.priors.Prior.draw`."""
        return self.decode(self.prior_layer.draw(self.prior(), noise, choice))

    def terms(self, images, noise) -> Terms:
        """The two terms of the evidence lower bound.

        Args:
          images: [b, h, w, c].
          noise: standard normal [b, latent_dim]; latent = mean + stddev * noise.
        """
        posterior = self.posterior(images)
        latent = posterior.bijector.forward(noise)
        reconstruction = -self.log_likelihood(images, latent)
        return Terms(posterior, latent, reconstruction, self.kl(posterior, latent))

    def kl(self, posterior: tfd.Distribution, latent) -> tf.Tensor:
        """KL(q(z | x) || p(z)), [b]: exact where there is a formula, else from the one sample."""
        prior = self.prior()
        try:
            return tfd.kl_divergence(posterior, prior)
        except NotImplementedError:
            return posterior.log_prob(latent) - prior.log_prob(latent)

    def log_likelihood(self, images, latent) -> tf.Tensor:
        """log p(x | z), [b]."""
        levels = self.observed.levels
        return self.likelihood(latent).log_prob(tf.round(images * levels) if levels else images)

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
        self.check_images(images)
        return self._bound(images, tf.constant(num_samples), tf.constant(seed))

    @functools.cached_property
    def _bound(self):
        """Compiled: thousands of samples one after the other would take minutes."""

        def bound(images, num_samples, seed):
            posterior, prior = self.posterior(images), self.prior()
            return importance_bound(
                posterior,
                prior,
                lambda latent: self.log_likelihood(images, latent),
                num_samples,
                seed,
            )

        return tf.function(bound, reduce_retracing=True)

    def binarize(self, images, seed):
        """White with the chance that a pixel's gray says, where the likelihood asks for it."""
        if not self.observed.binary:
            return images
        drawn = tf.random.stateless_uniform(tf.shape(images), seed)
        return tf.cast(drawn < images, tf.float32)

    def check_images(self, images) -> None:
        super().check_images(images)
        if not self.observed.binary or tf.is_symbolic_tensor(images):
            return
        if not np.isin(np.asarray(images), (0, 1)).all():
            raise UserError(
                "gray values do not fit --likelihood=bernoulli, which is of black and white "
                "images: call binarize(images, seed) first, or train with another likelihood"
            )
