"""Models with a density: what they are judged by, serve and show, once p and q are there.

Kingma and Welling 2014; everything is in nats per image.
"""

from typing import ClassVar

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.metrics.complexity import complexity
from zoo.metrics.likelihood import active_units
from zoo.metrics.psnr import psnr
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.base import Metric, Signature, Tensor
from zoo.models.density import Density


class Generative(Density):
    """An autoencoder whose loss is a bound on log p(x).

    Attributes:
      samples: of the posterior, for each image in training.
      prior_chooses: whether `draw` needs a choice.
    """

    headline = "elbo"
    served_metric = "elbo"
    after_training: ClassVar = ("num_samples",)
    samples = 1
    prior_chooses = False

    def __init__(
        self,
        num_samples: PositiveInt = 16,
        kl_warmup: NonNegativeInt = 0,
        free_bits: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if num_samples < 1:
            raise UserError(f"--num_samples={num_samples} must be at least 1")
        if free_bits < 0:
            raise UserError(f"--free_bits={free_bits:g} must be at least 0 nats")
        self.num_samples, self.kl_warmup, self.free_bits = num_samples, kl_warmup, free_bits

    def objective(self, images, draws):
        """What is minimized, [b], of images [b, h, w, c] and noise [b, samples, latent_dim]."""
        raise NotImplementedError

    def moments(self, images):
        """The posterior's mean and standard deviation, each [b, latent_dim]."""
        raise NotImplementedError

    def call(self, inputs, training=False):
        """{"image": [b, h, w, c], "draws": noise [b, samples, latent_dim]} -> nats, each [b].

        {"loss"} in training; else also {"reconstruction", "kl", "nll"}, and the posterior's
        {"mean"} with its {"image"}.
        """
        image, draws = inputs["image"], inputs["draws"]
        if training:
            return {"loss": self.objective(image, draws)}
        terms = self.terms(image, draws[:, 0])
        mean = self.codes(image)
        return {
            "loss": terms.reconstruction + terms.kl,
            "image": self.decode(mean),
            "mean": mean,
            "reconstruction": terms.reconstruction,
            "kl": terms.kl,
            "nll": -self.log_prob(image, self.num_samples),
        }

    def image_losses(self, inputs, target, output):
        return output["loss"]

    def example(self, record, seed):
        """The posterior's noise comes with the image, so that replicas draw what one would."""
        image_seed, noise_seed = tf.unstack(tf.random.split(seed))
        image = self.binarize(record["image"], image_seed)
        draws = tf.random.stateless_normal([self.samples, self.latent_dim], noise_seed)
        return {"image": image, "draws": draws}, image

    def baseline(self, inputs):
        """Probabilistic PCA of the same latent width; for binary images, independent pixels.

        A density over real numbers is no probability of black and white ones, so these are
        scored by how often each pixel is white.
        """
        image = inputs["image"]
        if self.observed.binary:
            nll = -self.linear.log_prob_of_independent_pixels(image)
        else:
            nll = -self.linear.log_prob(image)
        if self.observed.levels:  # from a density to the probability of one level
            nll += self.pixels * np.log(self.observed.levels)
        return {
            "image": self.linear.reconstruct(image),
            "mean": self.linear.codes(image),
            "reconstruction": nll,
            "kl": tf.zeros_like(nll),
            "nll": nll,
        }

    def eval_metrics(self):
        bits = 1.0 / (self.pixels * np.log(2.0))
        nats = {"unit": "nats", "higher_is_better": False}
        return {
            "elbo": Metric(lambda target, out: -out["reconstruction"] - out["kl"], "nats"),
            "nll": Metric(lambda target, out: out["nll"], **nats),
            "reconstruction": Metric(lambda target, out: out["reconstruction"], **nats),
            "kl": Metric(lambda target, out: out["kl"], **nats),
            "bits_per_dim": Metric(lambda target, out: bits * out["nll"], "bits", False),
            "active_units": Metric(lambda target, out: out["mean"], "latents", reduce=active_units),
            "psnr": Metric(lambda target, out: psnr(target, out["image"]), "dB"),
        }

    def anomaly_score(self, image, noise):
        """Negative evidence lower bound in nats, [b]; noise: standard normal [b, latent_dim]."""
        terms = self.terms(image, noise)
        return terms.reconstruction + terms.kl

    def foreignness(self, images, seed):
        """Beside the bound, it corrected by complexity (Serra et al. 2020), and that alone."""
        binarizing, drawing = tf.random.split(seed)
        image = self.binarize(images, binarizing)
        noise = tf.random.stateless_normal([len(images), self.latent_dim], drawing)
        score = self.serve["anomaly_score"]({"image": image, "noise": noise})["score"].numpy()
        nats = complexity(np.asarray(image))
        return {
            "model": score,
            "baseline": -self.linear.log_prob(images).numpy(),
            "complexity corrected": score - nats,
            "complexity": nats,
        }

    def signatures(self):
        image = Tensor((*self.image_size, self.channels), "image", (0.0, 1.0))
        latent = Tensor((self.latent_dim,), "latent vector")
        noise = Tensor((self.latent_dim,), "standard normal noise")
        nats = Tensor((), "negative evidence lower bound, in nats")
        drawn = {"noise": noise}
        if self.prior_chooses:
            drawn["choice"] = Tensor((), "uniform number: which component", (0.0, 1.0))

        def encode(image):
            return dict(zip(("mean", "stddev"), self.moments(image), strict=True))

        return {
            "encode": Signature(encode, {"image": image}, {"mean": latent, "stddev": latent}),
            "decode": Signature(
                lambda latent: {"image": self.decode(latent)}, {"latent": latent}, {"image": image}
            ),
            "reconstruct": Signature(
                lambda image: {"image": self.decode(self.moments(image)[0])},
                {"image": image},
                {"image": image},
            ),
            "sample": Signature(
                lambda **drawn: {"image": self.draw(**drawn)}, drawn, {"image": image}
            ),
            "anomaly_score": Signature(
                lambda image, noise: {"score": self.anomaly_score(image, noise)},
                {"image": image, "noise": noise},
                {"score": nats},
            ),
        }

    def served(self, serve, inputs):
        """The bound's two terms as one, from the same noise as `call`."""
        feed = {"image": inputs["image"], "noise": inputs["draws"][:, 0]}
        return {"reconstruction": serve("anomaly_score", feed)["score"], "kl": 0.0}

    def preview(self, inputs, target, output):
        count = tf.shape(target)[0]
        noise = tf.random.stateless_normal([count, self.latent_dim], [1, 0])
        sampled = self.draw(noise, tf.random.stateless_uniform([count], [1, 1]))
        return {"image": target, "reconstructed": output["image"], "sampled": sampled}
