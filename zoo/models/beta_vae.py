"""beta-VAE: latents that stand for one thing each, bought with a heavier KL."""

import tensorflow as tf

from zoo.cli import UserError
from zoo.models.arguments import PositiveInt
from zoo.models.registry import register
from zoo.models.vae import VAE


@register("beta_vae")
class BetaVAE(VAE):
    """VAE with beta KL (Higgins et al. 2017, equation 4), or beta |KL - C| with a capacity.

    The capacity C rises linearly, so that the latents open one by one (Burgess et al. 2018,
    equation 8, where beta is called gamma).

    Args:
      beta: weight of the KL, at least 0; 1 is the plain VAE.
      capacity: C, nats that the KL is held at after `capacity_steps`; 0 for none.
      capacity_steps: training steps in which C rises from 0.
      **kwargs: those of VAE.
    """

    def __init__(
        self,
        beta: float = 4.0,
        capacity: float = 0.0,
        capacity_steps: PositiveInt = 10000,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if beta < 0:
            raise UserError(f"--beta={beta:g} must be at least 0")
        if capacity < 0:
            raise UserError(f"--capacity={capacity:g} must be at least 0 nats")
        self.beta, self.capacity, self.capacity_steps = beta, capacity, capacity_steps

    def regularizer(self, posterior, latent):
        kl = super().regularizer(posterior, latent)
        if not self.capacity:
            return self.beta * kl
        target = self.capacity * self.progress(self.capacity_steps)
        distance = tf.abs(tf.reduce_mean(self.over_replicas(kl)) - target)
        return tf.fill(tf.shape(kl), self.beta * distance)
