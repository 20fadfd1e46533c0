"""The plain autoencoder: an image through a narrow latent vector and back.

Hinton and Salakhutdinov 2006; convolutional and residual here. Its learning-free
counterpart is PCA with as many components, which is what a linear autoencoder finds
(Baldi and Hornik 1989).
"""

from typing import ClassVar

import numpy as np
from keras import ops

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.layers import vectors
from zoo.metrics.psnr import psnr
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.base import Metric, Signature, Tensor
from zoo.models.registry import register
from zoo.models.vector_latent import VectorLatent, decoding


@register("autoencoder")
class Autoencoder(VectorLatent):
    """Compresses images of one size to `latent_dim` numbers and decodes them.

    Args:
      channels: 1 for gray, 3 for RGB.
      image_size: side of the images, or height and width; multiples of 2^levels times patch.
      latent_dim: how many numbers an image becomes.
      width: channels of the first level, doubled at every next.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      patch: side of the squares that are folded into channels first; 1 for none.
    """

    tiny: ClassVar = {"image_size": 8, "latent_dim": 4, "width": 8}

    def __init__(
        self,
        channels: PositiveInt = 1,
        image_size: int | list[int] = 28,
        latent_dim: PositiveInt = 32,
        width: PositiveInt = 16,
        depth: PositiveInt = 1,
        levels: NonNegativeInt = 2,
        patch: PositiveInt = 1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.latent_dim = channels, latent_dim
        self.width, self.depth, self.levels, self.patch = width, depth, levels, patch
        self.image_size, self.stride = vectors.sides(image_size, levels, patch), patch * 2**levels
        self.encoder = vectors.encoder(latent_dim, width, depth, levels, patch)
        self.decoder = vectors.decoder(self.image_size, channels, width, depth, levels, patch)

        pixels = int(np.prod(self.image_size)) * channels
        self.linear = ProbabilisticPCA(latent_dim, pixels, name="linear")

    def codes(self, images):
        """[b, h, w, c] in [0, 1] -> [b, latent_dim]."""
        return self.encoder(self.as_images(images))

    def features(self, images):
        """The latent vector: no worse to classify by than the 100 times wider maps before it."""
        return self.codes(images)

    def feature_layers(self):
        return [self.encoder]

    @decoding
    def decode(self, latent, training=False):
        """[b, latent_dim] -> [b, h, w, c]; clipped to [0, 1] outside training.

        Linear in training: a sigmoid saturates on MNIST's black, and the gradient dies.
        """
        image = self.decoder(latent)
        return image if training else ops.clip(image, 0.0, 1.0)

    def draw(self, noise, choice=None):
        """Images [b, h, w, c] decoded from noise [b, latent_dim], as if there were a prior.

        Nothing has shaped the codes so, and the pictures show it.
        """
        del choice
        return self.decode(noise)

    def call(self, inputs, training=False):
        return self.decode(self.codes(inputs), training)

    def example(self, record, seed):
        return record["image"], record["image"]

    def baseline(self, inputs):
        """PCA with `latent_dim` components, fitted to the training images."""
        return self.linear.reconstruct(inputs)

    def eval_metrics(self):
        return {"psnr": Metric(psnr, "dB")}

    def signatures(self):
        image = Tensor((*self.image_size, self.channels), "image", (0.0, 1.0))
        latent = Tensor((self.latent_dim,), "latent vector")
        return {
            "encode": Signature(
                lambda image: {"latent": self.codes(image)}, {"image": image}, {"latent": latent}
            ),
            "decode": Signature(
                lambda latent: {"image": self.decode(latent)}, {"latent": latent}, {"image": image}
            ),
            "reconstruct": Signature(
                lambda image: {"image": self(image)}, {"image": image}, {"image": image}
            ),
        }

    def served(self, serve, inputs):
        return serve("reconstruct", {"image": inputs})["image"]

    def preview(self, inputs, target, output):
        return {"image": inputs, "PCA": self.baseline(inputs), "autoencoder": output}
