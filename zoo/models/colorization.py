"""Colorization: from a gray picture's lightness to Lab's a and b, for every pixel.

A network sees the whole picture, reduced to VIEW pixels a side, and gives small maps of chroma,
which are brought to full size along the edges of the lightness (He and Sun 2015). One head
regresses the chroma; what is uncertain comes out pale. The other predicts a distribution over
quantized chroma, trained with rare colors weighted up, and answers with its annealed mean
(Zhang et al. 2016, sections 2.1 to 2.3). Either follows colored dots, where it is given some
(Zhang et al. 2017).
"""

from functools import partial
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.images import chroma_bins, color
from zoo.images import hints as dots
from zoo.layers import guided, resample
from zoo.layers.blocks import UNet
from zoo.metrics.color import chroma_auc, chroma_mae, colorfulness
from zoo.metrics.psnr import ROUNDING, psnr
from zoo.metrics.shares import percent
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.base import Metric, Signature, Tensor
from zoo.models.registry import register
from zoo.models.steered import Steered

VIEW = 96  # pixels a side of what the network sees of any picture
FOLD = 2  # its chroma has a pixel for so many to a side of these
SMALL = VIEW // FOLD  # pixels a side of the chroma, and of the hints
UNIFORM = 0.25  # share of the uniform distribution in the rebalancing
HEADS = ("regression", "distribution")


@register("colorization")
class Colorization(Steered):
    """Gives gray images of any size their colors, and keeps their lightness.

    Args:
      channels: of the training pictures; only 3.
      head: what predicts the chroma: regression, or distribution for richer colors.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      temperature: of the distribution head's annealed mean; 1 is the mean, near 0 the mode.
    """

    default_loss = "log_mse"  # nearly gray pictures are easy, and many
    meanings = "gray image", "colored image"
    colors = True
    after_training: ClassVar = ("temperature",)
    tiny: ClassVar = {"channels": 3, "width": 8, "depth": 1, "levels": 1}

    def __init__(
        self,
        channels: PositiveInt = 3,
        head: str = "regression",
        width: PositiveInt = 32,
        depth: PositiveInt = 1,
        levels: NonNegativeInt = 3,
        temperature: float = 0.38,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if channels != 3:
            raise UserError(f"colorization learns from color pictures, not {channels} channels")
        if head not in HEADS:
            raise UserError(f"unknown --head={head}; choose {' or '.join(HEADS)}")
        if temperature <= 0:
            raise UserError(f"--temperature={temperature:g} must be above 0")
        self.channels, self.head, self.temperature = channels, head, temperature
        self.draws = head == "distribution"
        self.width, self.depth, self.levels = width, depth, levels
        self.bins = chroma_bins.centers()
        outputs = 2 if head == "regression" else len(self.bins)
        self.network = UNet(outputs, width, depth, levels, name="network")
        fixed = {"trainable": False, "dtype": "float32"}
        self.mean_chroma = self.add_weight(
            shape=[2], initializer="zeros", name="mean_chroma", **fixed
        )
        self.bin_weights = self.add_weight(
            shape=[len(self.bins)], initializer="ones", name="bin_weights", **fixed
        )

    @classmethod
    def once_trained(cls, kept, changed):
        if "temperature" in changed and kept["head"] != "distribution":
            raise UserError(f"--temperature is of --head=distribution; this is a {kept['head']}")
        return super().once_trained(kept, changed)

    def call(self, inputs, training=False):
        """Gray sRGB [b, h, w, 1], or {"image": it} -> sRGB [b, h, w, 3]; or logits, in training.

        There it also looks at "hints", [b, SMALL, SMALL, 3], as `colored` takes them.
        """
        image = inputs["image"] if isinstance(inputs, dict) else inputs
        whole = resample.resize(image, VIEW, VIEW)
        told = inputs["hints"] if training else dots.none(ops.shape(image)[0], SMALL)
        if training and self.head == "distribution":
            return self.answer(whole, told)
        return self.colored(image, whole, ops.array([[0.0, 0.0, 1.0, 1.0]]), told)

    def colored(self, image, whole, box, told):
        """A part of a picture in the colors that the whole of it says.

        Args:
          image: the part, gray sRGB [b, h, w, 1].
          whole: the picture, reduced, [b, VIEW, VIEW, 1].
          box: top, left, bottom and right of the part, as shares of the picture, [b, 4].
          told: colors of places in the whole, [b, SMALL, SMALL, 3]: Lab's a and b in hundreds,
            and 1 where they are told, all 0 elsewhere.

        Returns:
          sRGB [b, h, w, 3].
        """
        guide = ops.average_pool(color.lightness(whole) / 100.0, FOLD)
        curves = guided.coefficients(guide, self._chroma(self.answer(whole, told)))
        curves = resample.part(curves, box, ops.shape(image)[1], ops.shape(image)[2])
        return color.paint(image, 100.0 * guided.follow(curves, color.lightness(image) / 100.0))

    def answer(self, whole, told):
        """Of the network, [b, SMALL, SMALL, 2 or bins], of the whole and what is told of it."""
        seen = ops.space_to_depth(color.lightness(whole) / 50.0 - 1.0, FOLD)
        return self.network(ops.concatenate([seen, told], -1))

    def _chroma(self, answer):
        """Lab's a and b, in hundreds, of what the network says."""
        if self.head == "regression":
            return answer
        likely = ops.softmax(answer / self.temperature)
        return ops.matmul(likely, ops.array(self.bins / 100.0, likely.dtype))

    def image_losses(self, inputs, target, output):
        """The distribution's cross-entropy, rare colors weighted up (equation 2)."""
        if self.head == "regression":
            return None
        soft = chroma_bins.soft(100.0 * small_chroma(target), self.bins)
        rarity = ops.matmul(soft, self.bin_weights[:, None])[..., 0]
        entropy = keras.losses.categorical_crossentropy(soft, output, from_logits=True)
        return ops.mean(rarity * entropy, [1, 2])

    def example(self, record, seed):
        image = record["image"]
        gray = color.gray_of_lightness(color.rgb_to_lab(image)[..., :1])
        told = dots.drawn(small_chroma(image[tf.newaxis])[0], seed)
        return {"image": tf.clip_by_value(gray, 0.0, 1.0), "hints": told}, image

    def adapt(self, images, labels=None):
        """Learns the mean chroma, and how rare each bin is (Zhang et al. 2016, equation 4)."""
        total, mean = np.zeros(len(self.bins)), np.zeros(2)
        for image in images:
            chroma = color.rgb_to_lab(tf.constant(image))[..., 1:]
            total += tf.reduce_mean(chroma_bins.soft(chroma, self.bins), [0, 1]).numpy()
            mean += tf.reduce_mean(chroma, [0, 1]).numpy()
        share = total / total.sum()
        weights = 1.0 / ((1.0 - UNIFORM) * share + UNIFORM / len(share))
        self.bin_weights.assign(weights / (share * weights).sum())
        self.mean_chroma.assign(mean / len(images))

    def baseline(self, inputs):
        """The gray picture."""
        return tf.image.grayscale_to_rgb(inputs["image"])

    def peers(self):
        return {"mean chroma": self._mean_colored}

    def _mean_colored(self, inputs):
        gray = inputs["image"]
        return color.paint(gray, tf.broadcast_to(self.mean_chroma, [*gray.shape[:3], 2]))

    def eval_metrics(self):
        return {
            # One in 70 of CIFAR-10's images is gray, and its gray copy exact.
            "psnr": Metric(partial(psnr, floor=ROUNDING), "dB"),
            "chroma_mae": Metric(chroma_mae, "Lab", higher_is_better=False),
            "chroma_auc": Metric(chroma_auc, "%"),
            "colorfulness": Metric(lambda target, output: colorfulness(output), "M3"),
            "colorfulness_share": Metric(
                lambda target, output: tf.stack([colorfulness(output), colorfulness(target)], -1),
                "%",
                reduce=percent,
            ),
        }

    def takes(self):
        return {"image": Tensor((None, None, 1), self.meanings[0], (0.0, 1.0))}

    def signatures(self):
        def restore_part(image, whole, box):
            return steer(image, whole, box, dots.none(ops.shape(image)[0], SMALL))

        def steer(image, whole, box, hints):
            return {"image": self.colored(image, whole, box, hints)}

        known = super().signatures()
        gives = known["restore"].outputs
        seen = {
            "whole": Tensor((VIEW, VIEW, 1), "all of the picture, reduced", (0.0, 1.0)),
            "box": Tensor((4,), "the image's top, left, bottom, right in it", (0.0, 1.0)),
        }
        told = Tensor((SMALL, SMALL, 3), "a / 100, b / 100 and 1 where told, else 0", (-1.3, 1.3))
        return known | {
            "restore_part": Signature(restore_part, self.takes() | seen, gives),
            "steer": Signature(steer, self.takes() | seen | {"hints": told}, gives),
        }

    def preview(self, inputs, target, output):
        return {"gray": inputs["image"], "colorized": output, "original": target}


def small_chroma(image):
    """Of [b, h, w, 3], Lab's a and b, in hundreds, as the network gives them."""
    chroma = resample.resize(color.rgb_to_lab(image)[..., 1:], VIEW, VIEW)
    return ops.average_pool(chroma, FOLD) / 100.0
