"""Priors and likelihoods as tensorflow-probability distributions.

Latents are [batch, latent_dim], images [batch, height, width, channels] in [0, 1]; every
distribution here has one event per batch entry, so `log_prob` is in nats per image.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

tfd, tfb = tfp.distributions, tfp.bijectors


class Likelihood(NamedTuple):
    """p(x | z), by what the decoder says.

    Attributes:
      per_channel: numbers that the decoder gives for a pixel's channel.
      distribution: (numbers, log sigma) -> p(x | z).
      image: numbers -> the image expected, in [0, 1].
      binary: whether images are binarized stochastically first (Salakhutdinov and Murray 2008).
      learns_sigma: whether it uses log sigma.
      levels: where given, values are 0 to this, and have probabilities instead of densities.
    """

    per_channel: int
    distribution: Callable[[Any, Any], tfd.Distribution]
    image: Callable[[Any], Any]
    binary: bool = False
    levels: float | None = None
    learns_sigma: bool = False


def _image_event(distribution: tfd.Distribution) -> tfd.Distribution:
    return tfd.Independent(distribution, 3)


def _discretized_logistic(numbers, log_sigma) -> tfd.Distribution:
    """Bins of a logistic over 0 to 255 (Kingma et al. 2016, equation 12)."""
    del log_sigma
    mean, log_scale = tf.split(numbers, 2, axis=-1)
    scale = tf.exp(tf.clip_by_value(log_scale, -4.0, 4.0) + np.log(8.0))
    logistic = tfd.Logistic(255.0 * (mean + 0.5), scale)
    # The value v stands for (v - 1/2, v + 1/2], and the outermost two for what lies beyond.
    bins = tfd.QuantizedDistribution(
        tfd.TransformedDistribution(logistic, tfb.Shift(-0.5)), low=0.0, high=255.0
    )
    return _image_event(bins)


LIKELIHOODS = {
    "bernoulli": Likelihood(
        1, lambda x, _: _image_event(tfd.Bernoulli(logits=x, dtype=tf.float32)), tf.sigmoid, True
    ),
    "continuous_bernoulli": Likelihood(
        1,
        lambda x, _: _image_event(tfd.ContinuousBernoulli(logits=x)),
        lambda x: tfd.ContinuousBernoulli(logits=x).mean(),
    ),
    "normal": Likelihood(
        1,
        lambda x, log_sigma: _image_event(tfd.Normal(x + 0.5, tf.exp(log_sigma))),
        lambda x: tf.clip_by_value(x + 0.5, 0.0, 1.0),
        learns_sigma=True,
    ),
    "discretized_logistic": Likelihood(
        2,
        _discretized_logistic,
        lambda x: tf.clip_by_value(tf.split(x, 2, axis=-1)[0] + 0.5, 0.0, 1.0),
        levels=255.0,
    ),
}


class Prior(keras.layers.Layer):
    """p(z); `distribution` gives it as a tfp distribution over [latent_dim].

    Args:
      latent_dim: length of the latent vector.
      components: of a mixture.
      image_shape: of VampPrior's pseudo-inputs.

    Weights are not cast under mixed precision: tfp wants one type in a distribution.
    """

    chooses = False  # whether `draw` needs a choice

    def __init__(self, latent_dim: int, components: int, image_shape: list[int], **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self.latent_dim, self.components, self.image_shape = latent_dim, components, image_shape
        self.make_weights()
        self.built = True  # it is asked for a distribution, and never called

    def make_weights(self) -> None:
        """A standard normal has none."""

    def draw(self, prior: tfd.Distribution, noise, choice=None):
        """Samples [b, latent_dim] of `distribution`, from standard normal noise of that shape.

        `choice` [b], uniform in [0, 1), picks the component of a mixture.
        """
        del prior, choice
        return noise

    def distribution(self, posterior: Callable[[Any], tfd.Distribution]) -> tfd.Distribution:
        """p(z), where `posterior` maps images to q(z | x)."""
        del posterior
        return tfd.MultivariateNormalDiag(tf.zeros(self.latent_dim), tf.ones(self.latent_dim))


class Mixture(Prior):
    """A trainable mixture of diagonal normals."""

    chooses = True

    def draw(self, prior, noise, choice=None):
        parts = prior.components_distribution
        ends = tf.cumsum(prior.mixture_distribution.probs_parameter())
        past = tf.cast(tf.expand_dims(choice, -1) >= ends[:-1], tf.int32)
        chosen = tf.reduce_sum(past, -1)
        return tf.gather(parts.mean(), chosen) + tf.gather(parts.stddev(), chosen) * noise

    def make_weights(self):
        shape = [self.components, self.latent_dim]
        self.logits = self.add_weight(shape[:1], "zeros", autocast=False, name="logits")
        self.means = self.add_weight(shape, _normal(), autocast=False, name="means")
        self.log_stddevs = self.add_weight(shape, "zeros", autocast=False, name="log_stddevs")

    def distribution(self, posterior):
        parts = tfd.MultivariateNormalDiag(
            tf.convert_to_tensor(self.means), tf.exp(self.log_stddevs)
        )
        return tfd.MixtureSameFamily(
            tfd.Categorical(logits=tf.convert_to_tensor(self.logits)), parts
        )


class Vamp(Mixture):
    """The mean posterior of learned pseudo-inputs (Tomczak and Welling 2018, equation 9)."""

    def make_weights(self):
        shape = [self.components, *self.image_shape]
        self.pseudo_inputs = self.add_weight(shape, _normal(), autocast=False, name="pseudo_inputs")

    def distribution(self, posterior):
        # A sigmoid of spread-out values: images in [0, 1], mostly dark, as digits are.
        images = tf.sigmoid(2.0 * tf.convert_to_tensor(self.pseudo_inputs) - 2.0)
        logits = tf.zeros(self.components)
        return tfd.MixtureSameFamily(tfd.Categorical(logits=logits), posterior(images))


def _normal() -> keras.initializers.Initializer:
    """New for every weight: an initializer takes its seed when it is made, not when it is used."""
    return keras.initializers.RandomNormal(stddev=1.0)


PRIORS = {"normal": Prior, "mixture": Mixture, "vamp": Vamp}
