"""p(x, z) and q(z | x): what every variational autoencoder computes, before it is a model.

Kingma and Welling 2014; everything is in nats per image.
"""

from typing import NamedTuple

import tensorflow as tf
import tensorflow_probability as tfp

from zoo.distributions.posteriors import POSTERIORS
from zoo.distributions.priors import PRIORS
from zoo.layers import vectors
from zoo.models.arguments import NonNegativeInt, PositiveInt, chosen
from zoo.models.generative import Generative
from zoo.models.vector_latent import decoding

tfd = tfp.distributions


class Terms(NamedTuple):
    """The evidence lower bound of one sample for each image: -reconstruction - kl."""

    posterior: tfd.Distribution  # q(z | x)
    latent: tf.Tensor  # its sample, [b, latent_dim]
    reconstruction: tf.Tensor  # -log p(x | z), [b]
    kl: tf.Tensor  # KL(q(z | x) || p(z)), [b]


class Variational(Generative):
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
        self.channels, self.latent_dim = channels, latent_dim
        self.width, self.depth, self.levels, self.patch = width, depth, levels, patch
        self.components = components
        self.image_size, self.stride = vectors.sides(image_size, levels, patch), patch * 2**levels
        shape = [*self.image_size, channels]
        self.observe(likelihood)
        self.posterior_layer = chosen("posterior", posterior, POSTERIORS)(
            latent_dim, name="posterior"
        )
        self.prior_layer = chosen("prior", prior, PRIORS)(
            latent_dim, components, shape, name="prior"
        )
        self.prior_chooses = self.prior_layer.chooses
        sizes = width, depth, levels, patch
        self.encoder = vectors.encoder(self.posterior_layer.numbers, *sizes)
        numbers = self.observed.numbers(channels)
        self.decoder = vectors.decoder(self.image_size, numbers, *sizes)

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
        images = self.as_observed(images)
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
        return self.posterior_layer.moments(self.posterior(self.as_images(images)))[0]

    def spread(self):
        prior = self.prior()
        return prior.mean().numpy(), prior.stddev().numpy()

    @decoding
    def decode(self, latent):
        """The image expected at every latent: [b, latent_dim] -> [b, h, w, c] in [0, 1]."""
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
        return self.log_probability(images, self.decoder(latent))

    def weigher(self, images):
        posterior, prior = self.posterior(images), self.prior()

        def log_weight(noise):
            latent = posterior.bijector.forward(noise)
            log_ratio = prior.log_prob(latent) - posterior.log_prob(latent)
            return self.log_likelihood(images, latent) + log_ratio

        return log_weight
