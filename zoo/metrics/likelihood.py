"""Likelihoods of latent variable models, estimated by sampling."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf


def importance_bound(
    log_weight: Callable[[tf.Tensor], tf.Tensor],
    shape: list,
    num_samples: int | tf.Tensor,
    seed: int | tf.Tensor = 0,
) -> tf.Tensor:
    """A lower bound on log p(x) that rises to it with the number of samples.

    log mean exp of log p(x | z) + log p(z) - log q(z | x), with z from q (Burda et al. 2016,
    equation 8). Sample by sample, so that memory does not grow with their number.

    Args:
      log_weight: standard normal noise, of which a sample z is made -> those three terms, [b].
      shape: of the noise, [b, d].
      num_samples: at least 1.
      seed: the same seed draws the same samples.

    Returns:
      Nats, [b].
    """

    def add(i, total):
        weight = log_weight(tf.random.stateless_normal(shape, tf.stack([seed, i])))
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
