"""Denoising: a fully convolutional residual encoder-decoder with skips.

The encoder halves the sides `levels` times and doubles the channels, the decoder comes
back by pixel shuffle, the encoder's features are added on the way, and the whole predicts
the noise (residual learning: Zhang et al. 2017, DnCNN, equation 1; the shape of the
network: Zhang et al. 2021, DRUNet, figure 1).
"""

from collections.abc import Sequence
from typing import ClassVar

import keras
import tensorflow as tf
from keras import ops

from zoo import degrade, layers
from zoo.metrics.psnr import psnr
from zoo.models.base import Metric, Model, Signature, Tensor
from zoo.registry import register

Strength = float | Sequence[float] | None


@register("denoising")
class Denoising(Model):
    """Removes noise of a known kind from images of any size.

    Args:
      channels: 1 for gray, 3 for RGB.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      noise: gaussian, poisson, salt_pepper or jpeg.
      noise_stddev: of Gaussian noise, on the 0 to 255 scale. Here and below, a number,
        or [low, high] to train one blind model for all strengths between.
      noise_peak: photons of a white pixel, for Poisson noise.
      noise_amount: share of the pixels that salt and pepper hit.
      jpeg_quality: 1 to 100.
    """

    tiny: ClassVar = {"width": 8, "depth": 1, "levels": 1}

    def __init__(
        self,
        channels: int = 1,
        width: int = 32,
        depth: int = 2,
        levels: int = 2,
        noise: str = "gaussian",
        noise_stddev: Strength = None,
        noise_peak: Strength = None,
        noise_amount: Strength = None,
        jpeg_quality: Strength = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.width, self.depth, self.levels = channels, width, depth, levels
        strengths = {
            "noise_stddev": noise_stddev,
            "noise_peak": noise_peak,
            "noise_amount": noise_amount,
            "jpeg_quality": jpeg_quality,
        }
        self.noise = noise
        self.strength = degrade.check_strength(noise, strengths)
        strengths[degrade.NOISES[noise].parameter] = self.strength
        for name, value in strengths.items():
            setattr(self, name, value)

        self.stride = 2**levels
        # Two convolutions a block, of one pixel each at their level: the receptive field's radius.
        radius = 2 + 2 * depth * (2 * (self.stride - 1) + self.stride)
        self.overlap = 2 * -(-min(radius, 32) // self.stride) * self.stride

        self.head = layers.conv(width, name="head")
        self.encoder = [self._blocks(f"encoder_{i}", width * 2**i) for i in range(levels)]
        self.downs = [layers.Down(width * 2 ** (i + 1), name=f"down_{i}") for i in range(levels)]
        self.body = self._blocks("body", width * 2**levels)
        self.ups = [layers.Up(width * 2**i, name=f"up_{i}") for i in range(levels)]
        self.decoder = [self._blocks(f"decoder_{i}", width * 2**i) for i in range(levels)]
        self.tail = layers.conv(channels, name="tail", gain=0.0, dtype="float32")

    def _blocks(self, name: str, width: int) -> keras.Sequential:
        blocks = [layers.ResidualBlock(width, name=f"block_{i}") for i in range(self.depth)]
        return keras.Sequential(blocks, name=name)

    def call(self, inputs, training=False):
        """[b, h, w, c] -> [b, h, w, c]; clipped to [0, 1] outside training."""
        x = self.head(layers.pad_to_multiple(inputs, self.stride))
        skips = []
        for blocks, down in zip(self.encoder, self.downs, strict=True):
            x = blocks(x)
            skips.append(x)
            x = down(x)
        x = self.body(x)
        for blocks, up, skip in reversed(list(zip(self.decoder, self.ups, skips, strict=True))):
            x = blocks(up(x) + skip)
        output = inputs - layers.crop_like(self.tail(x), inputs)
        return output if training else ops.clip(output, 0.0, 1.0)

    def example(self, record, seed):
        clean = record["image"]
        return degrade.noisy(clean, seed, self.noise, self.strength), clean

    def baseline(self, inputs):
        """The noisy image itself."""
        return inputs

    def eval_metrics(self):
        return {"psnr": Metric(psnr, "dB")}

    def signatures(self):
        image = Tensor((None, None, self.channels), "noisy image", (0.0, 1.0))
        return {
            "restore": Signature(
                lambda image: {"image": self(image)},
                inputs={"image": image},
                outputs={"image": image._replace(meaning="clean image")},
            )
        }

    def preview(self, inputs, target, output):
        return {"noisy": tf.clip_by_value(inputs, 0.0, 1.0), "restored": output, "clean": target}
