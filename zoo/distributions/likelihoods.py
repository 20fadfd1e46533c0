"""Likelihoods p(x | z) as tensorflow-probability distributions.

Images are [batch, height, width, channels] in [0, 1]; every distribution here has one event
per batch entry, so `log_prob` is in nats per image.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from zoo.distributions import logistic_mixture

tfd, tfb = tfp.distributions, tfp.bijectors


class Likelihood(NamedTuple):
    """p(x | z), by what the decoder says.

    Attributes:
      numbers: of channels -> how many the decoder gives for a pixel.
      distribution: (numbers, log sigma) -> p(x | z).
      image: numbers -> the image expected, in [0, 1].
      binary: whether images are binarized stochastically first (Salakhutdinov and Murray 2008).
      learns_sigma: whether it uses log sigma.
      levels: where given, values are 0 to this, and have probabilities instead of densities.
      links: of channels -> how many more the decoder may give, which tie a pixel to others.
    """

    numbers: Callable[[int], int]
    distribution: Callable[[Any, Any], tfd.Distribution]
    image: Callable[[Any], Any]
    binary: bool = False
    levels: float | None = None
    learns_sigma: bool = False
    links: Callable[[int], int] | None = None


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
        lambda channels: channels,
        lambda x, _: _image_event(tfd.Bernoulli(logits=x, dtype=tf.float32)),
        tf.sigmoid,
        True,
    ),
    "continuous_bernoulli": Likelihood(
        lambda channels: channels,
        lambda x, _: _image_event(tfd.ContinuousBernoulli(logits=x)),
        lambda x: tfd.ContinuousBernoulli(logits=x).mean(),
    ),
    "normal": Likelihood(
        lambda channels: channels,
        lambda x, log_sigma: _image_event(tfd.Normal(x + 0.5, tf.exp(log_sigma))),
        lambda x: tf.clip_by_value(x + 0.5, 0.0, 1.0),
        learns_sigma=True,
    ),
    "discretized_logistic": Likelihood(
        lambda channels: 2 * channels,
        _discretized_logistic,
        lambda x: tf.clip_by_value(tf.split(x, 2, axis=-1)[0] + 0.5, 0.0, 1.0),
        levels=255.0,
    ),
    "logistic_mixture": Likelihood(
        logistic_mixture.numbers_of,
        lambda x, _: logistic_mixture.LogisticMixture(x),
        logistic_mixture.image,
        levels=255.0,
        links=logistic_mixture.links_of,
    ),
}
