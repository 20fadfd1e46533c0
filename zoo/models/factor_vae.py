"""FactorVAE: a critic tells latents that depend on each other, and the encoder evades it."""

import keras
import tensorflow as tf

from zoo.cli import UserError
from zoo.models.registry import register
from zoo.models.vae import VAE

WIDTH, DEPTH = 256, 4  # of the critic


@register("factor_vae")
class FactorVAE(VAE):
    """VAE with KL + gamma total correlation, as a critic sees it (Kim and Mnih 2018, equation 2).

    The critic is told codes from codes whose latents come from different images each, and is left
    behind when the training is over.

    Args:
      gamma: weight of the total correlation; 0 is the plain VAE.
      **kwargs: those of VAE; posterior and prior must be normal.
    """

    def __init__(self, gamma: float = 35.0, **kwargs):
        super().__init__(**kwargs)
        if gamma < 0:
            raise UserError(f"--gamma={gamma:g} must be at least 0")
        self.needs_factors("factor_vae")
        self.gamma, self.critic = gamma, _critic(self.latent_dim) if gamma else None

    def regularizer(self, posterior, latent):
        kl = super().regularizer(posterior, latent)
        if not self.critic:
            return kl
        still = tf.stop_gradient(latent)
        moved, joint = tf.split(self.critic(tf.concat([latent, still], 0))[:, 0], 2)
        every = tf.ensure_shape(self.over_replicas(still), [None, self.latent_dim])
        apart = self.critic(independent(every))
        judging = tf.nn.softplus(-joint) + tf.reduce_mean(tf.nn.softplus(apart))
        # Once to learn from and once taken off, so that the encoder's part moves no critic.
        return kl + self.gamma * (moved - joint) + 0.5 * judging

    def learning_rate_factor(self, variable):
        return 0.5 if variable.path.startswith("critic/") else 1.0

    @classmethod
    def once_trained(cls, kept, changed):
        return super().once_trained(kept, changed) | {"gamma": 0.0}

    def lasting(self, weights):
        return {name: w for name, w in weights.items() if not name.startswith("critic/")}


def independent(latent):
    """Each latent [b, d] of another image: column j moves j + 1 rows down, round the batch.

    As good as a shuffle (Kim and Mnih 2018, algorithm 1), since a batch has no order.
    """
    columns = tf.unstack(latent, axis=-1)
    return tf.stack([tf.roll(x, j + 1, axis=0) for j, x in enumerate(columns)], -1)


def _critic(latent_dim: int) -> keras.Sequential:
    """[b, d] -> [b, 1]: how surely a code is of one image."""
    layers = [keras.layers.Dense(WIDTH, "leaky_relu", name=f"dense_{i}") for i in range(DEPTH)]
    last = keras.layers.Dense(1, dtype="float32", name="last")
    critic = keras.Sequential([*layers, last], name="critic")
    critic.build([None, latent_dim])
    return critic
