"""Variational autoencoder (Kingma and Welling 2014), judged in nats per image.

Posterior, prior and likelihood are tensorflow-probability distributions; `log_prob` is the
importance-weighted bound of Burda et al. 2016, equation 8.
"""

from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops

from zoo import distributions, stacks
from zoo.cli import UserError
from zoo.metrics.likelihood import importance_bound
from zoo.metrics.psnr import psnr
from zoo.models.base import Metric, Model, Signature, Tensor
from zoo.ppca import ProbabilisticPCA
from zoo.registry import register

tfd = tfp.distributions


@register("vae")
class VAE(Model):
    """Learns p(x), encodes images of one size to a distribution over latents, and samples.

    Args:
      channels: 1 for gray, 3 for RGB.
      image_size: [height, width], or one number for both; multiples of 2^levels.
      latent_dim: length of the latent vector.
      width: channels of the first level, doubled at every next.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      likelihood: bernoulli (images are binarized stochastically), continuous_bernoulli,
        normal (one learned sigma), or discretized_logistic (8-bit values).
      prior: normal, mixture (of normals, trained) or vamp.
      components: of the mixture, or pseudo-inputs of vamp.
      num_samples: importance samples of the evaluated `nll`.
    """

    headline = "elbo"
    tiny: ClassVar = {"image_size": 8, "latent_dim": 4, "width": 8, "levels": 1}

    def __init__(
        self,
        channels: int = 1,
        image_size: int | list[int] = 28,
        latent_dim: int = 32,
        width: int = 32,
        depth: int = 1,
        levels: int = 2,
        likelihood: str = "bernoulli",
        prior: str = "normal",
        components: int = 100,
        num_samples: int = 16,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.choices = {"likelihood": likelihood, "prior": prior}
        for kind, chosen in self.choices.items():
            known = distributions.KINDS[kind]
            if chosen not in known:
                raise UserError(f"unknown --{kind}={chosen}; choose {', '.join(known)}")
        if num_samples < 1:
            raise UserError(f"--num_samples={num_samples} must be at least 1")
        self.channels, self.latent_dim = channels, latent_dim
        self.width, self.depth, self.levels = width, depth, levels
        self.components, self.num_samples = components, num_samples
        self.image_size, self.stride = stacks.sides(image_size, levels), 2**levels
        shape = [*self.image_size, channels]
        self.pixels = int(np.prod(shape))
        self.observed = distributions.LIKELIHOODS[likelihood]
        numbers = channels * self.observed.per_channel
        self.encoder = stacks.encoder(2 * latent_dim, width, depth, levels)
        self.decoder = stacks.decoder(self.image_size, numbers, width, depth, levels)
        self.prior_layer = distributions.PRIORS[prior](latent_dim, components, shape, name="prior")
        self.log_sigma = self.add_weight(
            shape=[],
            initializer=keras.initializers.Constant(-2.0),
            trainable=self.observed.learns_sigma,
            name="log_sigma",
            dtype="float32",
        )
        self.linear = ProbabilisticPCA(latent_dim, self.pixels, name="linear")

    def get_config(self):
        """The constructor's arguments; two of them have methods of the same name."""
        return super().get_config() | self.choices

    def posterior(self, images) -> tfd.Distribution:
        """q(z | x): a diagonal normal over [latent_dim] for every image [b, h, w, c]."""
        mean, raw = ops.split(self.encoder(images - 0.5), 2, axis=-1)
        return tfd.MultivariateNormalDiag(mean, ops.softplus(raw + 0.5413) + 1e-4)

    def prior(self) -> tfd.Distribution:
        """p(z), over [latent_dim]."""
        return self.prior_layer.distribution(self.posterior)

    def likelihood(self, latent) -> tfd.Distribution:
        """p(x | z), over images, for every latent [b, latent_dim]."""
        return self.observed.distribution(self.decoder(latent), self.log_sigma)

    def decode(self, latent):
        """The image expected at every latent: [b, latent_dim] -> [b, h, w, c] in [0, 1]."""
        return self.observed.image(self.decoder(latent))

    def terms(self, images, noise) -> dict[str, tf.Tensor]:
        """The evidence lower bound's two terms, one sample for each image.

        Args:
          images: [b, h, w, c].
          noise: standard normal [b, latent_dim]; latent = mean + stddev * noise.

        Returns:
          {"latent": [b, latent_dim], "posterior", "reconstruction": -log p(x | z) [b],
          "kl": KL(q(z | x) || p(z)) [b], exact where there is a formula}.
        """
        posterior, prior = self.posterior(images), self.prior()
        latent = posterior.bijector.forward(noise)
        if self.choices["prior"] == "normal":
            kl = tfd.kl_divergence(posterior, prior)
        else:
            kl = posterior.log_prob(latent) - prior.log_prob(latent)
        reconstruction = -self._log_likelihood(images, latent)
        return {
            "latent": latent,
            "posterior": posterior,
            "reconstruction": reconstruction,
            "kl": kl,
        }

    def regularizer(self, terms: dict[str, tf.Tensor]) -> tf.Tensor:
        """What is added to the reconstruction in training, [b]; the family differs here alone."""
        return terms["kl"]

    def log_prob(self, images, num_samples: int = 1, seed: int = 0):
        """The importance-weighted bound on log p(x), in nats [b], of images [b, h, w, c].

        Images are binarized where the likelihood is; more samples, tighter bound.
        """
        return importance_bound(
            self.posterior(images),
            self.prior(),
            lambda latent: self._log_likelihood(images, latent),
            num_samples,
            seed,
        )

    def call(self, inputs, training=False):
        """{"image": [b, h, w, c], "noise": [b, latent_dim]} -> the bound's terms.

        {"reconstruction", "penalty"}, and outside training {"image": that of the mean latent,
        "kl", "nll"}; nats, [b].
        """
        image = inputs["image"]
        terms = self.terms(image, inputs["noise"])
        loss = {"reconstruction": terms["reconstruction"], "penalty": self.regularizer(terms)}
        if training:
            return loss
        return loss | {
            "image": self.decode(terms["posterior"].mean()),
            "kl": terms["kl"],
            "nll": -self.log_prob(image, self.num_samples),
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The negative evidence lower bound, in nats per image."""
        return self.mean_over_replicas(y_pred["reconstruction"] + y_pred["penalty"])

    def example(self, record, seed):
        """The noise of the sample comes with the image, so that every replica draws the same."""
        image_seed, noise_seed = tf.unstack(tf.random.split(seed))
        image = record["image"]
        if self.observed.binary:
            drawn = tf.random.stateless_uniform(tf.shape(image), image_seed)
            image = tf.cast(drawn < image, tf.float32)
        noise = tf.random.stateless_normal([self.latent_dim], noise_seed)
        return {"image": image, "noise": noise}, image

    def adapt(self, images):
        """Fits the probabilistic PCA that is the baseline."""
        self.linear.fit(np.stack(images))

    def baseline(self, inputs):
        """Probabilistic PCA of the same latent width; for binary images, independent pixels.

        A density over real numbers is no probability of black and white ones, so these are
        scored by how often each pixel is white.
        """
        image = inputs["image"]
        if self.observed.binary:
            chance = tf.clip_by_value(self.linear.mean, 1e-3, 1.0 - 1e-3)
            flat = tf.reshape(image, [tf.shape(image)[0], -1])
            log_prob = tf.math.log(flat * chance + (1.0 - flat) * (1.0 - chance))
            nll = -tf.reduce_sum(log_prob, -1)
        else:
            nll = -self.linear.log_prob(image) + self._nats_of_bins()
        projected = self.linear.reconstruct(image)
        return {"image": projected, "reconstruction": nll, "kl": tf.zeros_like(nll), "nll": nll}

    def _log_likelihood(self, images, latent):
        levels = self.observed.levels
        return self.likelihood(latent).log_prob(tf.round(images * levels) if levels else images)

    def _nats_of_bins(self) -> float:
        """From a density over [0, 1] to the probability of one of the levels."""
        return self.pixels * np.log(self.observed.levels) if self.observed.levels else 0.0

    def eval_metrics(self):
        bits = 1.0 / (self.pixels * np.log(2.0))
        nats = {"unit": "nats", "higher_is_better": False}
        return {
            "elbo": Metric(lambda target, out: -out["reconstruction"] - out["kl"], "nats"),
            "nll": Metric(lambda target, out: out["nll"], **nats),
            "reconstruction": Metric(lambda target, out: out["reconstruction"], **nats),
            "kl": Metric(lambda target, out: out["kl"], **nats),
            "bits_per_dim": Metric(lambda target, out: bits * out["nll"], "bits", False),
            "psnr": Metric(lambda target, out: psnr(target, out["image"]), "dB"),
        }

    def signatures(self):
        image = Tensor((*self.image_size, self.channels), "image", (0.0, 1.0))
        latent = Tensor((self.latent_dim,), "latent vector")
        nats = Tensor((), "negative evidence lower bound, in nats")
        noise = Tensor((self.latent_dim,), "standard normal noise")

        def encode(image):
            posterior = self.posterior(image)
            return {"mean": posterior.mean(), "stddev": posterior.stddev()}

        def anomaly_score(image, noise):
            terms = self.terms(image, noise)
            return {"score": terms["reconstruction"] + terms["kl"]}

        return {
            "encode": Signature(encode, {"image": image}, {"mean": latent, "stddev": latent}),
            "decode": Signature(
                lambda latent: {"image": self.decode(latent)}, {"latent": latent}, {"image": image}
            ),
            "reconstruct": Signature(
                lambda image: {"image": self.decode(self.posterior(image).mean())},
                {"image": image},
                {"image": image},
            ),
            "anomaly_score": Signature(
                anomaly_score, {"image": image, "noise": noise}, {"score": nats}
            ),
        }

    def preview(self, inputs, target, output):
        image = inputs["image"]
        drawn = self.prior().sample(tf.shape(image)[0], seed=tf.constant([1, 0]))
        return {"image": image, "reconstructed": output["image"], "sampled": self.decode(drawn)}
