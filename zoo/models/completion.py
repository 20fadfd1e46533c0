"""Completion: fills the hole that a mask marks; the known pixels stay as they are.

A smooth surface through the known pixels is filled in first; the network sees it beside the
mask and predicts what it lacks (Pathak et al. 2016, context encoders; the free-form masks of
Yu et al. 2019). Only the hole takes its answer.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.files import levels
from zoo.images import masks
from zoo.layers.critic import PatchCritic, hinge
from zoo.layers.smooth_fill import smooth_fill
from zoo.metrics.psnr import ROUNDING, psnr
from zoo.metrics.shares import percent
from zoo.metrics.ssim import ssim
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.base import Metric, Tensor
from zoo.models.registry import register
from zoo.models.restorer import Restorer

CRITIC_WIDTH = 32


@register("completion")
class Completion(Restorer):
    """Fills holes in images of any size.

    Args:
      channels: 1 for gray, 3 for RGB.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      fold: side of the squares that become channels before the first level: 2 is four times
        cheaper a pixel (Zhang et al. 2018, FFDNet).
      hole: its shape: center, rectangles, strokes, or any of them in turn.
      hole_area: of the hole, in percent of the image: a number, or low and high.
      adversarial: weight of a critic's word on what looks real, beside --loss; 0 for none.
    """

    default_loss = "log_mse"  # small and smooth holes are easy, and count as much
    headline = "psnr_hole"
    meanings = "image with a hole", "image without a hole"
    beside: ClassVar = ("mask",)
    keeps_pixels = True
    after_training: ClassVar = "hole", "hole_area"
    tiny: ClassVar = {"width": 8, "depth": 1, "levels": 1}

    def __init__(
        self,
        channels: PositiveInt = 3,
        width: PositiveInt = 32,
        depth: PositiveInt = 1,
        levels: NonNegativeInt = 3,
        fold: PositiveInt = 1,
        hole: str = "any",
        hole_area: float | Sequence[float] = (1.0, 40.0),
        adversarial: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if hole not in (*masks.SHAPES, "any"):
            raise UserError(f"unknown --hole={hole}; choose {', '.join(masks.SHAPES)} or any")
        low, high = hole_area if isinstance(hole_area, Sequence) else (hole_area, hole_area)
        if not 0 < low <= high < 100:
            raise UserError(f"--hole_area={low:g},{high:g} must be percent, between 0 and 100")
        self.channels, self.width, self.depth, self.levels = channels, width, depth, levels
        self.hole, self.hole_area = hole, [float(low), float(high)]
        self.fold, self.adversarial = fold, adversarial
        self.network = self.unet(channels, 64, fold)
        self.critic = PatchCritic(CRITIC_WIDTH, name="critic") if adversarial else None
        if self.critic:
            self.critic(ops.zeros([1, 8, 8, channels + 1]))  # which `call` does not

    def call(self, inputs, training=False):
        """{"image": [b, h, w, c], "mask": [b, h, w, 1], 1 in the hole} -> [b, h, w, c]."""
        image, in_hole = inputs["image"], inputs["mask"] > 0.5
        mask = ops.cast(in_hole, image.dtype)
        smooth = smooth_fill(image, mask, self.levels)
        answer = smooth + self.network(ops.concatenate([smooth, mask], axis=-1))
        answer = answer if training else ops.clip(answer, 0.0, 1.0)
        return ops.where(in_hole, answer, image)

    def further_losses(self, inputs, target, output):
        """The critic's own loss, and the network's before it."""
        if self.critic is None:
            return None
        mask = ops.cast(inputs["mask"] > 0.5, target.dtype)
        shown = ops.clip(output, 0.0, 1.0)  # else what is beyond white pleases it without end
        judging, judged = hinge(self.critic, target, shown, mask)
        return judging + self.adversarial * judged

    @classmethod
    def once_trained(cls, kept, changed):
        return super().once_trained(kept, changed) | {"adversarial": 0.0}

    def lasting(self, weights):
        return {name: w for name, w in weights.items() if not name.startswith("critic/")}

    def example(self, record, seed):
        image = record["image"]
        height, width = tf.unstack(tf.shape(image)[:2])
        area_seed, mask_seed = tf.unstack(tf.random.split(seed))
        area = tf.random.stateless_uniform([], area_seed, *self.hole_area) / 100.0
        mask = masks.mask(mask_seed, height, width, self.hole, area)
        mask = tf.ensure_shape(mask, [*image.shape[:2], 1])
        return {"image": image * (1.0 - mask), "mask": mask}, image

    def baseline(self, inputs):
        """The mean of the known pixels."""
        known = 1.0 - inputs["mask"]
        total = tf.reduce_sum(known, [1, 2], keepdims=True)
        mean = tf.reduce_sum(inputs["image"] * known, [1, 2], keepdims=True) / total
        return inputs["image"] * known + mean * (1.0 - known)

    def peers(self):
        return {
            "biharmonic": partial(_each, biharmonic),
            "telea": partial(_each, telea),
        }

    def eval_metrics(self):
        return {
            "psnr_hole": Metric(psnr_hole, "dB", needs_inputs=True),
            "gradient_share": Metric(gradient_energies, "%", needs_inputs=True, reduce=percent),
            # A hole in a blank wall may be filled exactly.
            "psnr": Metric(partial(psnr, floor=ROUNDING), "dB"),
            "ssim": Metric(ssim, ""),
        }

    def check_inputs(self, image, mask):
        hole = levels.to_float(mask) > 0.5
        if hole.all((-3, -2, -1)).any():
            raise UserError("the mask covers the whole picture; leave something to go by")
        if not hole.any((-3, -2, -1)).all():
            raise UserError("the mask marks nothing; it is white (255 in uint8) where to fill in")

    def takes(self):
        mask = Tensor((None, None, 1), "1 in the hole, 0 elsewhere", (0.0, 1.0))
        return super().takes() | {"mask": mask}

    def preview(self, inputs, target, output):
        return {"with a hole": inputs["image"], "completed": output, "original": target}


def psnr_hole(target, output, inputs):
    """PSNR over the hole alone, for every image; an exact fill counts as one rounded to 8 bits."""
    error = tf.square(target - output) * inputs["mask"]
    pixels = tf.reduce_sum(inputs["mask"], [1, 2, 3]) * float(target.shape[-1])
    error = tf.maximum(tf.reduce_sum(error, [1, 2, 3]) / pixels, ROUNDING)
    return -10.0 * tf.math.log(error) / tf.math.log(10.0)


def gradient_energies(target, output, inputs):
    """The squared differences between neighbors in the hole: the output's sum, and the target's.

    Their ratio is 1 where a hole is filled with as much texture as was there, and near 0 in a
    smear. [b, 2].
    """
    mask, both = inputs["mask"], tf.concat([output, target], -1)
    down = tf.square(both[:, 1:] - both[:, :-1]) * mask[:, 1:] * mask[:, :-1]
    across = tf.square(both[:, :, 1:] - both[:, :, :-1]) * mask[:, :, 1:] * mask[:, :, :-1]
    energies = tf.reduce_sum(down, [1, 2]) + tf.reduce_sum(across, [1, 2])
    return tf.stack([tf.reduce_sum(x, -1) for x in tf.split(energies, 2, -1)], -1)


def biharmonic(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Biharmonic inpainting (Damelin and Hoang 2018), by scikit-image."""
    from skimage.restoration import inpaint_biharmonic

    return inpaint_biharmonic(image, mask[..., 0] > 0.5, channel_axis=-1)


def telea(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Fast marching inpainting (Telea 2004), by OpenCV, on 8 bits."""
    import cv2

    hole = np.uint8(mask[..., 0] > 0.5)
    filled = cv2.inpaint(levels.from_float(image), hole, 3, cv2.INPAINT_TELEA)
    filled = filled.reshape(image.shape) / np.float32(255)
    return np.where(mask > 0.5, filled, image)


def _each(function, inputs) -> np.ndarray:
    pairs = zip(np.asarray(inputs["image"]), np.asarray(inputs["mask"]), strict=True)
    return np.stack([np.clip(function(*pair), 0, 1) for pair in pairs]).astype(np.float32)
