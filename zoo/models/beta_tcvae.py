"""beta-TCVAE: only the part of the KL that makes latents depend on each other is weighed up."""

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.models.registry import register
from zoo.models.vae import VAE


@register("beta_tcvae")
class BetaTCVAE(VAE):
    """VAE with KL + (beta - 1) total correlation (Chen et al. 2018, equation 4, alpha=gamma=1).

    Args:
      beta: weight of the total correlation, at least 0; 1 is the plain VAE.
      **kwargs: those of VAE; posterior and prior must be normal.
    """

    def __init__(self, beta: float = 6.0, **kwargs):
        super().__init__(**kwargs)
        if beta < 0:
            raise UserError(f"--beta={beta:g} must be at least 0")
        self.needs_factors("beta_tcvae")
        self.beta = beta

    def regularizer(self, posterior, latent):
        mean = self.over_replicas(posterior.mean())
        stddev = self.over_replicas(posterior.stddev())
        correlation = total_correlation(latent, mean, stddev)
        return super().regularizer(posterior, latent) + (self.beta - 1.0) * correlation


def total_correlation(latent, mean, stddev):
    """log q(z) - sum_j log q(z_j) by the batch's own posteriors, in nats [b].

    The minibatch estimate of Chen et al. 2018, equation S5, as a plain mean over the batch: the
    size of the data set would only add a constant.

    Args:
      latent: samples, [b, d].
      mean, stddev: of the whole batch's posteriors, [n, d].
    """
    apart = (latent[:, tf.newaxis] - mean) / stddev
    log_q = -0.5 * tf.square(apart) - tf.math.log(stddev) - 0.5 * np.log(2 * np.pi)  # [b, n, d]
    joint = tf.reduce_logsumexp(tf.reduce_sum(log_q, -1), 1)
    marginals = tf.reduce_sum(tf.reduce_logsumexp(log_q, 1), -1)
    log_count = tf.math.log(tf.cast(tf.shape(mean)[0], tf.float32))
    return joint - marginals + (latent.shape[-1] - 1.0) * log_count
