"""Hierarchical VAE: groups of latent maps, coarse ones first, each drawn in view of those above."""

import functools
from typing import ClassVar, NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.layers import blocks, vectors
from zoo.layers.ladder import Bottleneck, Rung
from zoo.models.arguments import PositiveInt
from zoo.models.base import Metric
from zoo.models.generative import Generative
from zoo.models.registry import register
from zoo.models.vector_latent import decoding

tfd = tfp.distributions


class Descent(NamedTuple):
    """One way down.

    Attributes:
      numbers: what the decoder says of the image.
      priors: p(z | those above), a tfp distribution of maps [h, w, z], for each group.
      posteriors: q(z | x, those above); the prior itself where no image is looked at.
      latents: their samples, [b, h, w, z] each.
    """

    numbers: tf.Tensor
    priors: list[tfd.Distribution]
    posteriors: list[tfd.Distribution]
    latents: list[tf.Tensor]


class Terms(NamedTuple):
    """The evidence lower bound of one sample: -reconstruction - kl."""

    reconstruction: tf.Tensor  # -log p(x | z), [b]
    kl: tf.Tensor  # of all groups, [b]
    by_group: tf.Tensor  # KL(q(z | x, above) || p(z | above)), [b, groups]


@register("ladder_vae")
class LadderVAE(Generative):
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

    def __init__(
        self,
        channels: PositiveInt = 1,
        image_size: int | list[int] = 28,
        width: PositiveInt = 64,
        depth: PositiveInt = 2,
        groups: list[int] = (3, 3),
        latents: list[int] = (8, 2),
        patch: PositiveInt = 2,
        likelihood: str = "bernoulli",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if len(groups) != len(latents) or min(*groups, *latents) < 1:
            raise UserError(
                f"--groups={_joined(groups)} and --latents={_joined(latents)} are to be as many, "
                "one for each resolution, and at least 1"
            )
        self.channels, self.width, self.depth, self.patch = channels, width, depth, patch
        self.groups, self.latents, self.likelihood = list(groups), list(latents), likelihood
        levels = len(groups) - 1
        self.image_size = vectors.sides(image_size, levels, patch)
        self.stride = patch * 2**levels
        self.observe(likelihood)
        self.shapes = [
            [*(side // (patch * 2 ** (levels - i)) for side in self.image_size), latents[i]]
            for i, count in enumerate(groups)
            for _ in range(count)
        ]
        self.latent_dim = sum(self.latent_groups)
        self.linear = ProbabilisticPCA(min(64, self.pixels // 2), self.pixels, name="linear")

        self.head = blocks.conv(width, name="head")
        self.up = [
            [Bottleneck(width, name=f"up_{i}_{j}") for j in range(depth)] for i in range(levels + 1)
        ]
        self.downs = [blocks.Down(width, name=f"down_{i}") for i in range(levels)]
        shape = [1, *self.shapes[0][:2], width]
        self.top = self.add_weight(shape=shape, initializer="zeros", name="top")
        self.rungs = [
            [Rung(width, latents[i], name=f"rung_{i}_{j}") for j in range(count)]
            for i, count in enumerate(groups)
        ]
        self.ups = [blocks.Up(width, name=f"widen_{i}") for i in range(levels)]
        numbers = self.observed.numbers(channels) * patch**2
        self.tail = blocks.conv(numbers, gain=0.5, name="tail", dtype="float32")

    @property
    def latent_groups(self):
        return [int(np.prod(shape)) for shape in self.shapes]

    def objective(self, images, draws):
        terms = self.terms(images, draws[:, 0])
        kl = terms.by_group
        if self.free_bits:
            means = tf.reduce_mean(self.over_replicas(kl), 0)
            kl = tf.where(means > self.free_bits, kl, self.free_bits)
        return terms.reconstruction + self.progress(self.kl_warmup) * tf.reduce_sum(kl, -1)

    def terms(self, images, noise, seen: int | None = None) -> Terms:
        """The evidence lower bound's two terms.

        Args:
          images: [b, h, w, c].
          noise: standard normal, [b, latent_dim].
          seen: how many groups, from the top, look at the image; the others are drawn from
            their priors. None for all.
        """
        descent = self.descend(noise, self.ascend(images), seen)
        pairs = zip(descent.posteriors[:seen], descent.priors, strict=False)
        by_group = tf.stack([tfd.kl_divergence(q, p) for q, p in pairs], -1)
        reconstruction = -self.log_probability(images, descent.numbers)
        return Terms(reconstruction, tf.reduce_sum(by_group, -1), by_group)

    def ascend(self, images) -> list[tf.Tensor]:
        """Maps [b, h, w, width] of each resolution, the coarsest first."""
        x = images - 0.5
        x = self.head(x if self.patch == 1 else keras.ops.space_to_depth(x, self.patch))
        found = []
        for i, stage in enumerate(self.up):
            x = self.downs[i - 1](x) if i else x
            for block in stage:
                x = x + block(x)
            found.insert(0, x)
        return found

    def descend(self, noise, maps: list | None = None, seen: int | None = None) -> Descent:
        """What is drawn with noise [b, latent_dim]: from the posteriors, where maps are given.

        `maps` as `ascend` gives them, `seen` as in `terms`.
        """
        noise, done = self.grouped(noise), 0
        seen = 0 if maps is None else len(noise) if seen is None else seen
        x = tf.tile(tf.convert_to_tensor(self.top), [tf.shape(noise[0])[0], 1, 1, 1])
        priors, posteriors, latents = [], [], []
        for i, rungs in enumerate(self.rungs):
            x = self.ups[i - 1](x) if i else x
            for rung in rungs:
                x, mean, log_stddev = rung.prior(x)
                stddev = tf.exp(log_stddev)
                prior = posterior = _normal(mean, stddev)
                if done < seen:
                    shift, log_scale = rung.posterior(x, maps[i])
                    posterior = _normal(mean + stddev * shift, stddev * tf.exp(log_scale))
                latents.append(posterior.mean() + posterior.stddev() * noise[done])
                x = rung.place(x, latents[-1])
                priors.append(prior)
                posteriors.append(posterior)
                done += 1
        numbers = self.tail(keras.ops.silu(x))
        if self.patch > 1:
            numbers = keras.ops.depth_to_space(numbers, self.patch)
        return Descent(numbers, priors, posteriors, latents)

    def grouped(self, codes) -> list[tf.Tensor]:
        """[b, latent_dim] as maps [b, h, w, z] of each group, the coarsest first."""
        parts = tf.split(codes, self.latent_groups, axis=-1)
        return [tf.reshape(x, [-1, *s]) for x, s in zip(parts, self.shapes, strict=True)]

    def weigher(self, images):
        maps = self.ascend(images)

        def log_weight(noise):
            numbers, *groups = self.descend(noise, maps)
            found = self.log_probability(images, numbers)
            for prior, posterior, latent in zip(*groups, strict=True):
                found += prior.log_prob(latent) - posterior.log_prob(latent)
            return found

        return log_weight

    def moments(self, images):
        """Mean and standard deviation, each [b, latent_dim], in units of the priors.

        Of every group, where those above are at their means.
        """
        return self._moments(self.as_observed(images))

    def _moments(self, images):
        maps = self.ascend(images)
        descent = self.descend(tf.zeros([tf.shape(images)[0], self.latent_dim]), maps)
        means, stddevs = [], []
        for prior, posterior in zip(descent.priors, descent.posteriors, strict=True):
            means.append((posterior.mean() - prior.mean()) / prior.stddev())
            stddevs.append(posterior.stddev() / prior.stddev())
        return self._flat(means), self._flat(stddevs)

    def codes(self, images):
        return self._moments(self.as_images(images))[0]

    @decoding
    def decode(self, latent):
        """The image expected at every code: [b, latent_dim] -> [b, h, w, c] in [0, 1]."""
        return self.observed.image(self.descend(latent).numbers)

    def draw(self, noise, choice=None):
        return self.decode(noise)

    def spread(self):
        return np.zeros(self.latent_dim, np.float32), np.ones(self.latent_dim, np.float32)

    def features(self, images):
        """The coarsest maps on the way up, averaged over places, [b, width]."""
        return tf.cast(tf.reduce_mean(self.ascend(images)[0], [1, 2]), tf.float32)

    def feature_layers(self):
        return [self.head, *(block for stage in self.up for block in stage), *self.downs]

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

    def _flat(self, maps: list) -> tf.Tensor:
        return tf.concat(
            [tf.reshape(m, [tf.shape(m)[0], int(np.prod(m.shape[1:]))]) for m in maps], -1
        )


def _normal(mean, stddev) -> tfd.Distribution:
    return tfd.Independent(tfd.Normal(mean, stddev), 3)


def _joined(numbers) -> str:
    return ",".join(map(str, numbers))
