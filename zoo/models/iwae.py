"""Importance weighted autoencoder: trained on the tighter bound that several samples give."""

import numpy as np
import tensorflow as tf

from zoo.models.arguments import PositiveInt
from zoo.models.registry import register
from zoo.models.vae import VAE


@register("iwae")
class IWAE(VAE):
    """VAE trained on log mean_k p(x, z_k) / q(z_k | x) (Burda et al. 2016, equation 8).

    Args:
      importance_samples: k of the bound that is trained; 1 is the VAE with a sampled KL.
      **kwargs: those of VAE; kl_warmup and free_bits do not apply to this bound.
    """

    headline = "nll"  # the tighter bound, which training raises at the cost of the looser one

    def __init__(self, importance_samples: PositiveInt = 5, **kwargs):
        super().__init__(**kwargs)
        self.importance_samples = self.samples = importance_samples

    def objective(self, images, draws):
        posterior, prior = self.posterior(images), self.prior()
        latent = posterior.bijector.forward(tf.transpose(draws, [1, 0, 2]))  # [k, b, d]
        flat = tf.reshape(latent, [-1, self.latent_dim])
        repeated = tf.tile(images, [self.samples, 1, 1, 1])
        log_likelihood = tf.reshape(self.log_likelihood(repeated, flat), [self.samples, -1])
        weights = log_likelihood + prior.log_prob(latent) - posterior.log_prob(latent)
        return np.log(self.samples) - tf.reduce_logsumexp(weights, 0)
