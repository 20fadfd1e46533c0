"""Groups of latent maps, coarse ones first, each drawn in view of those above.

Inference goes up once and then down with the generative model (Sonderby et al. 2016; Kingma et al.
2016, section 4), by residual blocks (Child 2021). A code is the latents in units of their priors.
"""

import functools
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.distributions.logistic_mixture import BEFORE
from zoo.layers import blocks, vectors
from zoo.layers.ladder import Bottleneck, Rung
from zoo.models.arguments import PositiveInt
from zoo.models.generative import Generative
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


class Hierarchy(Generative):
    """The way up and the way down; the arguments are those of `LadderVAE`."""

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
        # Numbered from the finest, so that a run may start from one with fewer levels.
        self.tops = [
            self.add_weight(
                shape=[1, *(side // (patch * 2**i) for side in self.image_size), width],
                initializer="zeros",
                name=f"top_{i}",
            )
            for i in range(levels, -1, -1)
        ]
        self.rungs = [
            [Rung(width, latents[i], name=f"rung_{levels - i}_{j}") for j in range(count)]
            for i, count in enumerate(groups)
        ]
        self.ups = [blocks.Up(width, name=f"widen_{i}") for i in range(levels - 1, -1, -1)]
        numbers = self.observed.numbers(channels) * patch**2
        self.tail = blocks.conv(numbers, gain=0.5, name="tail", dtype="float32")
        self.links = None
        if self.observed.links and patch > 1:  # the pixels of a patch are told together
            links = self.observed.links(channels) * patch**2
            self.links = blocks.conv(links, 1, gain=0.0, name="links", dtype="float32")

    @property
    def latent_groups(self):
        return [int(np.prod(shape)) for shape in self.shapes]

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
        tops = [tf.cast(top, self.compute_dtype) for top in self.tops]
        x = tf.tile(tops[0], [tf.shape(noise[0])[0], 1, 1, 1])
        priors, posteriors, latents = [], [], []
        for i, rungs in enumerate(self.rungs):
            x = self.ups[i - 1](x) + tops[i] if i else x
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
        return Descent(self._numbers(keras.ops.silu(x)), priors, posteriors, latents)

    def _numbers(self, x):
        """What is said of each pixel, [b, h, w, n], by the finest maps."""
        numbers = self.tail(x)
        if self.patch > 1:
            numbers = keras.ops.depth_to_space(numbers, self.patch)
        if self.links:
            links = keras.ops.depth_to_space(self.links(x), self.patch)
            numbers = tf.concat([numbers, links * self._within_patches], -1)
        return numbers

    @functools.cached_property
    def _within_patches(self):
        """1 for links between pixels of one patch, [h, w, links]."""
        row, column = np.indices(self.image_size) % self.patch
        inside = [(row + i >= 0) & (column + j >= 0) & (column + j < self.patch) for i, j in BEFORE]
        return np.repeat(np.stack(inside, -1), self.channels**2, -1).astype(np.float32)

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

    def _flat(self, maps: list) -> tf.Tensor:
        return tf.concat(
            [tf.reshape(m, [tf.shape(m)[0], int(np.prod(m.shape[1:]))]) for m in maps], -1
        )


def _normal(mean, stddev) -> tfd.Distribution:
    return tfd.Independent(tfd.Normal(mean, stddev), 3)


def _joined(numbers) -> str:
    return ",".join(map(str, numbers))
