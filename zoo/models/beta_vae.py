"""beta-VAE: latents that stand for one thing each, bought with a heavier KL."""

import tensorflow as tf

from zoo.cli import UserError
from zoo.models.arguments import PositiveInt
from zoo.models.beta_tcvae import total_correlation
from zoo.models.registry import register
from zoo.models.vae import VAE


@register("beta_vae")
class BetaVAE(VAE):
    """VAE with beta KL (Higgins et al. 2017, equation 4), or beta |KL - C| with a capacity.

    The capacity C rises linearly, so that the latents open one by one (Burgess et al. 2018,
    equation 8, where beta is called gamma). Two that open together may share two factors between
    them, each a slanted mixture: the total correlation tells, for slanted they are not independent.

    Args:
      beta: weight of the KL, at least 0; 1 is the plain VAE.
      capacity: C, nats that the KL is held at after `capacity_steps`; 0 for none.
      capacity_steps: training steps in which C rises from 0.
      correlation: weight of the total correlation on top (Chen et al. 2018, equation 4); with it,
        posterior and prior must be normal.
      **kwargs: those of VAE.
    """

    def __init__(
        self,
        beta: float = 4.0,
        capacity: float = 0.0,
        capacity_steps: PositiveInt = 10000,
        correlation: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if beta < 0:
            raise UserError(f"--beta={beta:g} must be at least 0")
        if capacity < 0:
            raise UserError(f"--capacity={capacity:g} must be at least 0 nats")
        if correlation < 0:
            raise UserError(f"--correlation={correlation:g} must be at least 0")
        if correlation:
            self.needs_factors("--correlation")
        self.beta, self.capacity, self.capacity_steps = beta, capacity, capacity_steps
        self.correlation = correlation

    def regularizer(self, posterior, latent):
        found = self._held(super().regularizer(posterior, latent))
        if not self.correlation:
            return found
        moments = self.over_replicas(posterior.mean()), self.over_replicas(posterior.stddev())
        return found + self.correlation * total_correlation(latent, *moments)

    def _held(self, kl):
        if not self.capacity:
            return self.beta * kl
        target = self.capacity * self.progress(self.capacity_steps)
        distance = tf.abs(tf.reduce_mean(self.over_replicas(kl)) - target)
        return tf.fill(tf.shape(kl), self.beta * distance)
