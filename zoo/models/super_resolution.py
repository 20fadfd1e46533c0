"""Super-resolution: a convolutional network at low resolution, pixel shuffle at its end.

A chain of residual blocks works on the small image and predicts, for every pixel, the
scale x scale block of differences from that pixel's own color (pixel shuffle: Shi et al.
2016, ESPCN; the repeated pixel as anchor: Du et al. 2021, whose int8 networks lose little).
"""

from functools import partial
from typing import ClassVar

import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.images import degradations
from zoo.images.degradation import DEGRADATIONS
from zoo.layers import blocks
from zoo.metrics.luma import psnr_y, ssim_y
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.base import Metric
from zoo.models.degraded import Degraded
from zoo.models.registry import register

# name -> (width, convolutions between the first and the last at scale 2, 3 and 4): the last
# one's own weights grow with the scale, so a size has fewer before it.
SIZES = {"tiny": (24, (4, 4, 3)), "small": (32, (6, 5, 4)), "base": (64, (9, 9, 8))}

REDUCTIONS = [name for name, each in DEGRADATIONS.items() if each.changes_size]


@register("super_resolution")
class SuperResolution(Degraded):
    """Enlarges images of any size by 2, 3 or 4.

    Args:
      channels: 1 for gray, 3 for RGB.
      scale: enlargement: 2, 3 or 4.
      size: of the network: tiny, small or base, with about 25, 55 and 340 thousand parameters.
      width: channels of the network, if not as its size has it.
      depth: convolutions between its first and its last one, if not as its size has it.
      expansion: channels by which every kernel of its body is over-parameterized in training.
      degrade: how a large picture becomes a small one: downscale is what benchmarks use,
        photo is what happens to pictures on the web, or choose: blur+downscale+noise+jpeg.
      **kwargs: the strengths of these, as in `Degraded`; before downscale, in pixels of the
        large picture.
    """

    default_loss = "mae"
    headline = "psnr_y"
    after_training = ("degrade",)
    tiny: ClassVar = {"size": "tiny"}

    def __init__(
        self,
        channels: PositiveInt = 3,
        scale: PositiveInt = 2,
        size: str = "small",
        width: PositiveInt | None = None,
        depth: PositiveInt | None = None,
        expansion: NonNegativeInt = 0,
        degrade: str = "downscale",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if scale not in (2, 3, 4):
            raise UserError(f"--scale={scale} is not supported; choose 2, 3 or 4")
        if size not in SIZES:
            raise UserError(f"unknown --size={size}; choose one of {', '.join(SIZES)}")
        self.channels, self.scale, self.size, self.degrade = channels, scale, size, degrade
        self.expansion = expansion
        if sum(name in REDUCTIONS for name in degrade.split("+")) != 1:
            raise UserError(f"--degrade={degrade} must hold one of {', '.join(REDUCTIONS)}, once")
        self.steps = self.chain(degrade, scale=scale)
        usual_width, usual_depths = SIZES[size]
        self.width, self.depth = width or usual_width, depth or usual_depths[scale - 2]
        width, depth = self.width, self.depth
        self.overlap = 2 * (depth + 2)  # each convolution sees one pixel further
        self.head = blocks.conv(width, name="head", activation="relu")
        self.body = blocks.Stack(
            [blocks.NearIdentityConv(width, expansion, name=f"conv_{i}") for i in range(depth)],
            name="body",
        )
        self.tail = blocks.conv(channels * scale**2, name="tail", gain=0.0, dtype="float32")

    @classmethod
    def once_trained(cls, kept, changed):
        return super().once_trained(kept, changed) | {"expansion": 0}

    def lasting(self, weights):
        return blocks.collapsed(weights)

    def call(self, inputs, training=False):
        """[b, h, w, c] -> [b, scale h, scale w, c]; clipped to [0, 1] outside training."""
        features = self.body(self.head(inputs))
        row = ops.concatenate([inputs] * self.scale, axis=-1)
        anchor = ops.concatenate([row] * self.scale, axis=-1)  # XNNPACK joins five at most
        output = ops.depth_to_space(anchor + self.tail(features), self.scale)
        return output if training else ops.clip(output, 0.0, 1.0)

    def example(self, record, seed):
        large = degradations.crop_to_multiple(record["image"], self.scale)
        return self.pair(record | {"image": large}, seed)

    def baseline(self, inputs):
        """Bicubic interpolation."""
        sides = tf.shape(inputs)[1:3] * self.scale
        return tf.clip_by_value(tf.image.resize(inputs, sides, "bicubic"), 0.0, 1.0)

    def eval_metrics(self):
        return {
            "psnr_y": Metric(partial(psnr_y, border=self.scale), "dB"),
            "ssim_y": Metric(partial(ssim_y, border=self.scale), ""),
        } | super().eval_metrics()

    @property
    def meanings(self):
        return "small image", f"image {self.scale} times as large"

    def preview(self, inputs, target, output):
        return {"bicubic": self.baseline(inputs), "restored": output, "original": target}
