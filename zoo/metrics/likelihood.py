"""Likelihoods of latent variable models, estimated by sampling."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


def importance_bound(
    posterior,
    prior,
    log_likelihood: Callable[[tf.Tensor], tf.Tensor],
    num_samples: int | tf.Tensor,
    seed: int | tf.Tensor = 0,
) -> tf.Tensor:
    """A lower bound on log p(x) that rises to it with the number of samples.

    log mean exp of log p(x | z) + log p(z) - log q(z | x), with z from q (Burda et al. 2016,
    equation 8). Sample by sample, so that memory does not grow with their number.

    Args:
      posterior: q(z | x), a tfp distribution of a batch [b] of vectors.
      prior: p(z).
      log_likelihood: z [b, d] -> log p(x | z) [b].
      num_samples: at least 1.
      seed: the same seed draws the same samples.

    Returns:
      Nats, [b].
    """
    shape = tf.concat([posterior.batch_shape_tensor(), posterior.event_shape_tensor()], 0)

    def add(i, total):
        noise = tf.random.stateless_normal(shape, tf.stack([seed, i]))
        latent = posterior.bijector.forward(noise)
        weight = log_likelihood(latent) + prior.log_prob(latent) - posterior.log_prob(latent)
        return i + 1, tf.reduce_logsumexp(tf.stack([total, weight]), 0)

    begin = [tf.constant(0), tf.fill(shape[:1], -np.inf)]
    condition = lambda i, total: i < num_samples  # noqa: E731
    _, total = tf.while_loop(condition, add, begin, parallel_iterations=1)
    return total - tf.math.log(tf.cast(num_samples, total.dtype))


def active_units(means: np.ndarray) -> float:
    """How many latents depend on the image: Var_x E[z | x] > 0.01 (Burda et al. 2016, section 5.1).

    Args:
      means: posterior means of many images, [count, latent_dim].
    """
    return float((np.var(means, axis=0) > 0.01).sum())
