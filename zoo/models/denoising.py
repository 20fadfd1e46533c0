"""Denoising: a residual encoder-decoder that predicts the noise.

Residual learning: Zhang et al. 2017, DnCNN, equation 1.
"""

from functools import partial
from typing import ClassVar

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.files import levels
from zoo.images.degradation import DEGRADATIONS
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.degraded import Degraded
from zoo.models.registry import register


@register("denoising")
class Denoising(Degraded):
    """Removes noise of a known kind from images of any size.

    Args:
      channels: 1 for gray, 3 for RGB.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      fold: side of the squares that become channels before the first level: 2 is four times
        cheaper a pixel (Zhang et al. 2018, FFDNet).
      degrade: what is to be undone: noise, camera, poisson, salt_pepper, jpeg, web_jpeg, blur, or
        several with + between.
      **kwargs: the strengths of these, as in `Degraded`.
    """

    after_training = ("degrade",)
    meanings = "noisy image", "clean image"
    tiny: ClassVar = {"width": 8, "depth": 1, "levels": 1}

    def __init__(
        self,
        channels: PositiveInt = 1,
        width: PositiveInt = 32,
        depth: PositiveInt = 2,
        levels: NonNegativeInt = 2,
        fold: PositiveInt = 1,
        degrade: str = "noise",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.width, self.depth, self.levels = channels, width, depth, levels
        self.fold, self.degrade = fold, degrade
        self.steps = self.chain(degrade)
        if any(DEGRADATIONS[name].changes_size for name, _, _ in self.steps):
            raise UserError(f"denoising keeps the size; --model=super_resolution undoes {degrade}")
        self.network = self.unet(channels, 32 * fold, fold)

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
        return self.pair(record, seed)

    def baseline(self, inputs):
        """The noisy image itself."""
        return inputs

    def peers(self):
        name, low, high = self.steps[0]
        if name == "camera" and self.channels == 3:
            return {"non-local means": colored_non_local_means}
        if len(self.steps) > 1 or name != "noise" or low != high:
            return {}  # they must be told the noise
        return {"non-local means": partial(non_local_means, stddev=low / 255)}

    def preview(self, inputs, target, output):
        title = "compressed" if "jpeg" in self.degrade.split("+")[0] else "noisy"
        return {title: tf.clip_by_value(inputs, 0.0, 1.0), "restored": output, "clean": target}


def non_local_means(noisy: tf.Tensor, stddev: float) -> np.ndarray:
    """Non-local means (Buades et al. 2005), by scikit-image, told the noise's stddev."""
    from skimage.restoration import denoise_nl_means

    settings = {"patch_size": 5, "patch_distance": 6, "fast_mode": True, "channel_axis": -1}
    clean = [
        denoise_nl_means(image, h=0.8 * stddev, sigma=stddev, **settings).reshape(image.shape)
        for image in np.asarray(noisy)
    ]
    return np.clip(np.stack(clean), 0.0, 1.0)


def colored_non_local_means(noisy: tf.Tensor) -> np.ndarray:
    """The same of lightness and color apart, by OpenCV on 8 bits, at the strengths it advises."""
    import cv2

    files = levels.from_float(np.asarray(noisy))
    clean = [cv2.fastNlMeansDenoisingColored(x, None, 3, 3, 7, 21) for x in files]
    return np.stack(clean) / np.float32(255)
