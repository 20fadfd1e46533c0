"""VQ-VAE (van den Oord et al. 2017): latents are maps of entries of a learned codebook.

A trial of the contract in one file: codes that are no vector, a signature of integers, a loss of
its own.
"""

from typing import ClassVar

import keras
import numpy as np
from keras import ops

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.layers import blocks
from zoo.metrics.psnr import psnr
from zoo.models.base import Metric, Signature, Tensor
from zoo.models.latent import Latent
from zoo.models.registry import register

COMMITMENT = 0.25  # beta of equation 3
COMPONENTS = 8  # of the PCA beside it


@register("vector_quantized")
class VectorQuantized(Latent):
    """Compresses images of one size to a map of codebook entries.

    Args:
      channels: 1 for gray, 3 for RGB.
      image_size: side of the images, a multiple of 2^levels.
      width: channels of the convolutions.
      levels: how many times the sides are halved.
      entries: of the codebook.
      entry_dim: length of an entry.
    """

    tiny: ClassVar = {"image_size": 8, "width": 8, "levels": 1, "entries": 16, "entry_dim": 4}

    def __init__(
        self,
        channels: int = 1,
        image_size: int | list[int] = 28,
        width: int = 32,
        levels: int = 2,
        entries: int = 128,
        entry_dim: int = 16,
        **kwargs,
    ):
        super().__init__(**kwargs)
        sides = [image_size] * 2 if isinstance(image_size, int) else list(image_size)
        if any(side % 2**levels for side in sides):
            raise UserError(f"image size {sides} is no multiple of {2**levels}; try fewer --levels")
        self.channels, self.image_size, self.width, self.levels = channels, sides, width, levels
        self.entries, self.entry_dim, self.stride = entries, entry_dim, 2**levels
        self.encoder = keras.Sequential(
            [
                blocks.conv(width, name="head", activation="relu"),
                *(blocks.Down(width, name=f"down_{i}") for i in range(levels)),
                blocks.ResidualBlock(width, name="block"),
                blocks.conv(entry_dim, name="tail", dtype="float32"),
            ],
            name="encoder",
        )
        self.decoder = keras.Sequential(
            [
                blocks.conv(width, name="head"),
                blocks.ResidualBlock(width, name="block"),
                *(blocks.Up(width, name=f"up_{i}") for i in range(levels)),
                blocks.conv(channels, name="tail", dtype="float32"),
            ],
            name="decoder",
        )
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.codebook = self.add_weight(
            [entries, entry_dim], normal, name="codebook", dtype="float32", autocast=False
        )
        self.linear = ProbabilisticPCA(COMPONENTS, int(np.prod(sides)) * channels, name="linear")

    @property
    def latent_shape(self):
        return (*(side // self.stride for side in self.image_size), self.entry_dim)

    def indices(self, vectors):
        """The nearest entry of each vector: [..., entry_dim] -> int32 [...]."""
        book = ops.convert_to_tensor(self.codebook)
        distance = ops.sum(book**2, -1) - 2.0 * ops.matmul(vectors, ops.transpose(book))
        return ops.squeeze(ops.top_k(-distance, 1)[1], -1)  # Keras's argmin is no LiteRT operator

    def quantized(self, vectors):
        """The nearest entries themselves, [..., entry_dim]."""
        return ops.take(self.codebook, self.indices(vectors), axis=0)

    def codes(self, images):
        return self.quantized(self.encoder(images))

    def decode(self, latent):
        return ops.clip(self.decoder(self.quantized(latent)), 0.0, 1.0)

    def draw(self, noise, choice=None):
        """From independent entries, those nearest to noise."""
        del choice
        return self.decode(noise)

    def baseline_codes(self, images):
        return self.linear.codes(images)

    def baseline_draw(self, noise):
        pixels = self.linear.draw(noise[:, :COMPONENTS])
        return ops.reshape(pixels, [-1, *self.image_size, self.channels])

    def call(self, inputs, training=False):
        """Images -> images; in training {"image", "penalty": [b]} (equation 3)."""
        if not training:
            return self.decode(self.encoder(inputs))
        vectors = self.encoder(inputs)
        nearest = self.quantized(vectors)
        axes = [1, 2, 3]
        book = ops.mean((ops.stop_gradient(vectors) - nearest) ** 2, axes)
        commitment = ops.mean((vectors - ops.stop_gradient(nearest)) ** 2, axes)
        straight_through = vectors + ops.stop_gradient(nearest - vectors)
        return {"image": self.decoder(straight_through), "penalty": book + COMMITMENT * commitment}

    def image_losses(self, inputs, target, output):
        return ops.mean((output["image"] - target) ** 2, [1, 2, 3]) + 0.1 * output["penalty"]

    def example(self, record, seed):
        return record["image"], record["image"]

    def adapt(self, images, labels=None):
        """Fits the PCA that is the baseline."""
        self.linear.fit(np.stack(images))

    def baseline(self, inputs):
        """PCA with a few components."""
        return self.linear.reconstruct(inputs)

    def eval_metrics(self):
        return {"psnr": Metric(psnr, "dB")}

    def signatures(self):
        image = Tensor((*self.image_size, self.channels), "image", (0.0, 1.0))
        entries = Tensor(
            self.latent_shape[:2], "codebook entries", (0, self.entries - 1), dtype="int32"
        )
        return {
            "encode": Signature(
                lambda image: {"entries": self.indices(self.encoder(image))},
                {"image": image},
                {"entries": entries},
            ),
            "decode": Signature(
                lambda entries: {"image": self.decode(ops.take(self.codebook, entries, axis=0))},
                {"entries": entries},
                {"image": image},
            ),
            "reconstruct": Signature(
                lambda image: {"image": self(image)}, {"image": image}, {"image": image}
            ),
        }

    def served(self, serve, inputs):
        return serve("reconstruct", {"image": inputs})["image"]

    def preview(self, inputs, target, output):
        return {"image": inputs, "PCA": self.baseline(inputs), "VQ-VAE": output}
