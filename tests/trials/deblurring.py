"""Deblurring: a U-Net that sharpens what a lens has blurred; a trial of the contract."""

from collections.abc import Sequence
from typing import ClassVar

from keras import ops

from zoo.images import degradations
from zoo.models.registry import register
from zoo.models.restorer import Restorer


@register("deblurring")
class Deblurring(Restorer):
    """Sharpens images of any size.

    Args:
      channels: 1 for gray, 3 for RGB.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      lens_sigma: of the Gaussian blur in pixels, a number or [low, high].
    """

    default_loss = "mae"
    meanings = "blurred image", "sharp image"
    tiny: ClassVar = {"width": 8, "levels": 1}

    def __init__(
        self,
        channels: int = 1,
        width: int = 16,
        depth: int = 1,
        levels: int = 2,
        lens_sigma: float | Sequence[float] = (1.0, 1.5),
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels, self.width, self.depth, self.levels = channels, width, depth, levels
        self.lens_sigma = lens_sigma
        self.steps = degradations.chain("blur+noise", {"blur_sigma": lens_sigma, "noise_stddev": 1})
        self.network = self.unet(channels)

    def call(self, inputs, training=False):
        """[b, h, w, c] -> [b, h, w, c]; clipped to [0, 1] outside training."""
        output = inputs + self.network(inputs)
        return output if training else ops.clip(output, 0.0, 1.0)

    def example(self, record, seed):
        return degradations.apply(record["image"], seed, self.steps), record["image"]

    def baseline(self, inputs):
        """The blurred image itself."""
        return inputs

    def preview(self, inputs, target, output):
        return {"blurred": ops.clip(inputs, 0.0, 1.0), "restored": output, "sharp": target}
