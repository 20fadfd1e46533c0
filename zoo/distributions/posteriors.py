"""Posteriors q(z | x) as tensorflow-probability distributions.

Each is a transformed standard normal: `distribution.bijector.forward(noise)` turns standard
normal noise [batch, latent_dim] into a sample, differentiably.
"""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops

tfd, tfb = tfp.distributions, tfp.bijectors

CONTEXT = 64  # numbers that the encoder tells the flow
HIDDEN = 320  # units of each flow's network
DRAWS = 64  # fixed draws from which a flow's moments are estimated


class Normal(keras.layers.Layer):
    """A diagonal normal.

    Args:
      latent_dim: length of the latent vector.
    """

    def __init__(self, latent_dim: int, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self.latent_dim = latent_dim
        self.numbers = 2 * latent_dim  # that the encoder has to give
        self.make_weights()
        self.built = True  # it is asked for a distribution, and never called

    def make_weights(self) -> None:
        """A normal has none of its own."""

    def distribution(self, numbers) -> tfd.Distribution:
        """q(z | x) over [latent_dim], for the encoder's [b, numbers]."""
        mean, raw = ops.split(numbers, 2, axis=-1)
        return tfd.MultivariateNormalDiag(mean, ops.softplus(raw + 0.5413) + 1e-4)

    def moments(self, posterior: tfd.Distribution) -> tuple[tf.Tensor, tf.Tensor]:
        """Mean and standard deviation, each [b, latent_dim]."""
        return posterior.mean(), posterior.stddev()


class InverseAutoregressiveFlow(Normal):
    """A diagonal normal, bent by two inverse autoregressive flows (Kingma et al. 2016, eq. 10)."""

    flows = 2

    def make_weights(self):
        self.numbers += CONTEXT
        self.networks = [
            MaskedNetwork(self.latent_dim, name=f"flow_{i}") for i in range(self.flows)
        ]

    def distribution(self, numbers):
        normal = super().distribution(numbers[:, :-CONTEXT])
        context = numbers[:, -CONTEXT:]
        reverse = tfb.Permute(np.arange(self.latent_dim)[::-1].copy())
        steps = []
        for network in self.networks:

            def shift_and_log_scale(z, network=network):
                return network(z, context)

            flow = tfb.MaskedAutoregressiveFlow(shift_and_log_scale, validate_args=False)
            steps += [tfb.Invert(flow), reverse]
        # A chain applies its last part first.
        bijector = tfb.Chain([*reversed(steps), normal.bijector])
        zeros = tf.zeros_like(normal.loc)
        return tfd.TransformedDistribution(
            tfd.MultivariateNormalDiag(zeros, tf.ones_like(zeros)), bijector
        )

    def moments(self, posterior):
        """Over fixed draws, each with its mirror image, since there is no formula."""
        half = np.random.default_rng(0).normal(size=[DRAWS // 2, 1, self.latent_dim])
        noise = np.float32(np.concatenate([half, -half]))
        latents = posterior.bijector.forward(noise + tf.zeros_like(posterior.distribution.loc))
        return ops.mean(latents, axis=0), ops.std(latents, axis=0)


class MaskedNetwork(keras.layers.Layer):
    """z [b, d], context [b, c] -> shift, log scale [b, d]: number i sees only z before i.

    One hidden layer of masked products (Germain et al. 2015, MADE, equations 8 to 12).
    """

    def __init__(self, latent_dim: int, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        orders = np.arange(latent_dim)
        degrees = np.arange(HIDDEN) % max(1, latent_dim - 1)
        self.mask_in = np.float32(degrees[None] >= orders[:, None])
        self.mask_out = np.tile(np.float32(orders[None] > degrees[:, None]), 2)
        normal = keras.initializers.VarianceScaling(1.0)
        self.kernel_in = self.add_weight(
            [latent_dim, HIDDEN], normal, autocast=False, name="kernel_in"
        )
        self.kernel_context = self.add_weight(
            [CONTEXT, HIDDEN], normal, autocast=False, name="kernel_context"
        )
        self.bias_in = self.add_weight([HIDDEN], "zeros", autocast=False, name="bias_in")
        small = keras.initializers.VarianceScaling(0.01)
        self.kernel_out = self.add_weight(
            [HIDDEN, 2 * latent_dim], small, autocast=False, name="kernel_out"
        )
        self.bias_out = self.add_weight([2 * latent_dim], "zeros", autocast=False, name="bias_out")
        self.built = True

    def call(self, z, context):
        hidden = ops.matmul(z, self.kernel_in * self.mask_in) + self.bias_in
        hidden = ops.elu(hidden + ops.matmul(context, self.kernel_context))
        shift, raw = ops.split(
            ops.matmul(hidden, self.kernel_out * self.mask_out) + self.bias_out, 2, axis=-1
        )
        # The scale that divides stays above 1/2, so that no step blows up.
        return shift, ops.log(0.5 + ops.sigmoid(raw))


POSTERIORS = {"normal": Normal, "iaf": InverseAutoregressiveFlow}
