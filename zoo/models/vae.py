"""Variational autoencoder (Kingma and Welling 2014): learns p(x), encodes and samples."""

from typing import ClassVar

import tensorflow as tf

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.models.registry import register
from zoo.models.variational import Variational


@register("vae")
class VAE(Variational):
    """Learns p(x), encodes images of one size to a distribution over latents, and samples.

    Args:
      channels: 1 for gray, 3 for RGB.
      image_size: side of the images, or height and width; multiples of 2^levels times patch.
      latent_dim: length of the latent vector.
      width: channels of the first level, doubled at every next.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      patch: side of the squares that are folded into channels first; 1 for none.
      likelihood: of a pixel: bernoulli (images are binarized stochastically),
        continuous_bernoulli, normal (one learned sigma), discretized_logistic or
        logistic_mixture (8-bit values).
      posterior: of the latents: normal (diagonal), or iaf, an inverse autoregressive flow on top.
      prior: of the latents: normal, mixture (of normals, trained) or vamp.
      components: of a mixture prior, or pseudo-inputs of vamp.
      num_samples: importance samples of the evaluated `nll`.
      kl_warmup: steps in which the regularizer's weight rises from 0 to 1.
      free_bits: nats that each latent may carry for nothing (Kingma et al. 2016, equation 15,
        for every image by itself).
    """

    tiny: ClassVar = {"image_size": 8, "latent_dim": 4, "width": 8, "levels": 1}

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if self.free_bits:
            self.needs_factors("--free_bits")
        self.linear = ProbabilisticPCA(self.latent_dim, self.pixels, name="linear")

    def regularizer(self, posterior, latent):
        """What is added to the reconstruction in training, [b]; the family differs here.

        Args:
          posterior: q(z | x), a tfp distribution.
          latent: its sample, [b, latent_dim].
        """
        if not self.free_bits:
            return self.kl(posterior, latent)
        variance = tf.square(posterior.stddev())
        each = 0.5 * (tf.square(posterior.mean()) + variance - 1.0 - tf.math.log(variance))
        return tf.reduce_sum(tf.maximum(each, self.free_bits), -1)

    def objective(self, images, draws):
        """What is minimized, [b], of images [b, h, w, c] and noise [b, samples, latent_dim]."""
        terms = self.terms(images, draws[:, 0])
        penalty = self.regularizer(terms.posterior, terms.latent)
        return terms.reconstruction + self.progress(self.kl_warmup) * penalty

    def needs_factors(self, flag: str) -> None:
        """Raises UserError where the posterior or the prior does not treat latents one by one."""
        for kind in ("posterior", "prior"):
            if self.choices[kind] != "normal":
                raise UserError(f"{flag} needs --{kind}=normal, not {self.choices[kind]}")
