"""Denoising: a residual encoder-decoder that predicts the noise.

Residual learning: Zhang et al. 2017, DnCNN, equation 1.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.images import degradations
from zoo.models.registry import register
from zoo.models.restorer import Restorer

Strength = float | Sequence[float] | None


@register("denoising")
class Denoising(Restorer):
    """Removes noise of a known kind from images of any size.

    Args:
      channels: 1 for gray, 3 for RGB.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      degrade: what is to be undone: noise, poisson, salt_pepper, jpeg, blur, or several
        with + between.
      noise_stddev: of Gaussian noise, on the 0 to 255 scale. Here and below, a number,
        or [low, high] to train one blind model for all strengths between.
      noise_peak: photons of a white pixel, for Poisson noise.
      noise_amount: share of the pixels that salt and pepper hit.
      jpeg_quality: 1 to 100.
      blur_sigma: of a Gaussian, in pixels.
    """

    meanings = "noisy image", "clean image"
    tiny: ClassVar = {"width": 8, "depth": 1, "levels": 1}

    def __init__(
        self,
        channels: int = 1,
        width: int = 32,
        depth: int = 2,
        levels: int = 2,
        degrade: str = "noise",
        noise_stddev: Strength = None,
        noise_peak: Strength = None,
        noise_amount: Strength = None,
        jpeg_quality: Strength = None,
        blur_sigma: Strength = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.width, self.depth, self.levels = channels, width, depth, levels
        self.degrade = degrade
        self.noise_stddev, self.noise_peak = noise_stddev, noise_peak
        self.noise_amount, self.jpeg_quality = noise_amount, jpeg_quality
        self.blur_sigma = blur_sigma
        names = "noise_stddev", "noise_peak", "noise_amount", "jpeg_quality", "blur_sigma"
        self.steps = degradations.chain(degrade, {name: getattr(self, name) for name in names})
        if "downscale" in degrade:
            raise UserError("denoising keeps the size; --model=super_resolution undoes downscale")
        self.network = self.unet(channels)

    def call(self, inputs, training=False):
        """[b, h, w, c] -> [b, h, w, c]; clipped to [0, 1] outside training."""
        output = inputs - self.network(inputs)
        return output if training else ops.clip(output, 0.0, 1.0)

    def features(self, images):
        """The means of the maps at the bottom of the network."""
        maps, _ = self.network.encode(images)
        return ops.cast(ops.mean(maps, [1, 2]), "float32")

    def feature_layers(self):
        return self.network.encoding_layers()

    def example(self, record, seed):
        clean = record["image"]
        return degradations.apply(clean, seed, self.steps), clean

    def baseline(self, inputs):
        """The noisy image itself."""
        return inputs

    def peers(self):
        name, low, high = self.steps[0]
        if len(self.steps) > 1 or name != "noise" or low != high:
            return {}  # they must be told the noise
        return {"non-local means": partial(non_local_means, stddev=low / 255)}

    def preview(self, inputs, target, output):
        return {"noisy": tf.clip_by_value(inputs, 0.0, 1.0), "restored": output, "clean": target}


def non_local_means(noisy: tf.Tensor, stddev: float) -> np.ndarray:
    """Non-local means (Buades et al. 2005), by scikit-image, told the noise's stddev."""
    from skimage.restoration import denoise_nl_means

    settings = {"patch_size": 5, "patch_distance": 6, "fast_mode": True, "channel_axis": -1}
    clean = [
        denoise_nl_means(image, h=0.8 * stddev, sigma=stddev, **settings).reshape(image.shape)
        for image in np.asarray(noisy)
    ]
    return np.clip(np.stack(clean), 0.0, 1.0)
