"""Priors p(z) as tensorflow-probability distributions over latents [batch, latent_dim]."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions


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
