"""Hierarchical VAE: groups of latent maps, coarse ones first, each drawn in view of those above."""

import functools
from typing import ClassVar

import tensorflow as tf

from zoo.models.base import Metric
from zoo.models.hierarchy import Hierarchy
from zoo.models.registry import register


@register("ladder_vae")
class LadderVAE(Hierarchy):
    """Learns p(x) by groups of latents, from coarse maps to fine ones, and samples.

    Inference goes up once and then down with the generative model (Sonderby et al. 2016; Kingma
    et al. 2016, section 4), by residual blocks (Child 2021). A code is the latents in units of
    their priors, (z - mean) / stddev: so its own prior is a standard normal, whatever stands
    above, noise becomes a new image, and codes can be mixed.

    Args:
      channels: 1 for gray, 3 for RGB.
      image_size: side of the images, or height and width.
      width: channels of all maps.
      depth: residual blocks on the way up, at each resolution.
      groups: of latents at each resolution, the coarsest first; each next one has twice the sides.
      latents: channels of a group at each resolution.
      patch: side of the squares that are folded into channels: the finest maps have so many times
        shorter sides than the image.
      likelihood: of a pixel: bernoulli (images are binarized stochastically), normal,
        discretized_logistic, logistic_mixture (8-bit values), or continuous_bernoulli.
      num_samples: importance samples of the evaluated `nll`.
      kl_warmup: steps in which the KL's weight rises from 0 to 1.
      free_bits: nats that each group may carry for nothing (Kingma et al. 2016, equation 15).
    """

    tiny: ClassVar = {
        "image_size": 8,
        "width": 8,
        "groups": [1, 1],
        "latents": [2, 1],
    }

    def objective(self, images, draws):
        terms = self.terms(images, draws[:, 0])
        kl = terms.by_group
        if self.free_bits:
            means = tf.reduce_mean(self.over_replicas(kl), 0)
            kl = tf.where(means > self.free_bits, kl, self.free_bits)
        return terms.reconstruction + self.progress(self.kl_warmup) * tf.reduce_sum(kl, -1)

    def baseline_draw(self, noise):
        return super().baseline_draw(noise[:, : self.linear.components.shape[0]])

    def call(self, inputs, training=False):
        """As every `Generative`, and the KL "by_group", [b, groups]."""
        output = super().call(inputs, training)
        if training:
            return output
        return output | {"by_group": self.terms(inputs["image"], inputs["draws"][:, 0]).by_group}

    def baseline(self, inputs):
        found = super().baseline(inputs)
        return found | {"by_group": tf.tile(found["kl"][:, tf.newaxis], [1, len(self.shapes)])}

    def eval_metrics(self):
        def of(group: int) -> Metric:
            return Metric(lambda target, out: out["by_group"][:, group], "nats", False)

        return super().eval_metrics() | {f"kl_{i + 1}": of(i) for i in range(len(self.shapes))}

    def remarks(self, metrics):
        kls = [metrics[f"kl_{i + 1}"]["model"] for i in range(len(self.shapes))]
        idle = [str(i + 1) for i, kl in enumerate(kls) if kl < 0.01]
        said = f"groups {', '.join(idle)} of {len(kls)} carry nothing: less than 0.01 nats"
        return [said] if idle else []

    def foreignness(self, images, seed):
        """Also by the likelihood ratio of Havtorn et al. 2021, equation 9, for every cut.

        How much the bound gains where the finer groups too look at the image: those hold what
        all images share, the coarser ones what only these do.
        """
        binarizing, drawing = tf.random.split(seed)
        image = self.binarize(images, binarizing)
        noise = tf.random.stateless_normal([len(images), self.latent_dim], drawing)
        found = super().foreignness(images, seed)
        for cut in range(1, len(self.shapes)):
            terms = self._cut_terms(image, noise, cut)
            ratio = (terms.reconstruction + terms.kl).numpy() - found["model"]
            found[f"likelihood ratio above {cut}"] = ratio
        return found

    @functools.cached_property
    def _cut_terms(self):
        return tf.function(self.terms)
