"""Finds the odd one out: learns from good pictures alone, and shows where another is not like them.

Defects are painted into the good pictures while it trains, and the network learns to say where,
and to give the picture back without them (after DRAEM, Zavrtanik et al. 2021; one network for
both). What it then sees at each place of good pictures has a normal distribution (PaDiM: Defard et
al. 2021), and what lies far from it is hot: in two steps, as Li et al. 2021 have it (CutPaste).
"""

from typing import ClassVar

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.cli import UserError
from zoo.images import defects
from zoo.layers import resample
from zoo.layers.blocks import UNet
from zoo.layers.gaussians import Gaussians
from zoo.models.arguments import PositiveInt
from zoo.models.detector import Detector
from zoo.models.registry import register

COMPONENTS = 10  # of the baseline
FEW = 20.0  # pixels; a defect smaller than this counts less


@register("anomaly")
class Anomaly(Detector):
    """Tells pictures that are not like those it was trained on, and shows where.

    Args:
      channels: 1 for gray, 3 for RGB.
      view: side of the square that every picture is squeezed to, in pixels.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      false_alarms: share of good pictures that may be taken for bad ones; sets the threshold.
    """

    tiny: ClassVar = {"view": 16, "width": 16, "levels": 1}

    def __init__(
        self,
        channels: PositiveInt = 1,
        view: PositiveInt = 160,
        width: PositiveInt = 16,
        depth: PositiveInt = 1,
        levels: PositiveInt = 3,
        false_alarms: float = 0.01,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not 0 < false_alarms < 1:
            raise UserError(f"--false_alarms={false_alarms:g} must lie between 0 and 1")
        self.network = UNet(1 + channels, width, depth, levels, fold=2, name="network")
        if view % self.network.stride:
            raise UserError(
                f"--view={view} is not a multiple of {self.network.stride}, by which {levels} "
                "--levels reduce it"
            )
        self.channels, self.view, self.false_alarms = channels, view, false_alarms
        self.width, self.depth, self.levels = width, depth, levels
        self.image_size = [view, view]
        self.gaussians = Gaussians(view // 8, view // 8, 2 * width, name="gaussians")
        self.usual = self.add_weight(
            shape=[],
            initializer="ones",
            trainable=False,
            dtype="float32",
            autocast=False,
            name="usual",
        )
        self.linear = ProbabilisticPCA(COMPONENTS, view * view * channels, name="linear")

    def call(self, inputs, training=False):
        """[b, h, w, c] -> heat [b, h, w, 1], in training the logit of a defect, and an image."""
        answer, seen = self._look(inputs)
        image = inputs + answer[..., 1:]
        if training:
            return {"heat": answer[..., :1], "image": image}
        distance = self.gaussians(seen)
        heat = resample.resize(distance / (distance + self.usual), self.view, self.view)
        return {"heat": heat, "image": ops.clip(image, 0.0, 1.0)}

    def _look(self, images):
        """The network's answer, and what it sees at each place, [b, view/8, view/8, 2 width]."""
        answer, maps = self.network(2.0 * images - 1.0, with_maps=True)
        return answer, ops.average_pool(ops.cast(maps[1], "float32"), 2)

    def settle(self, images, held_out):
        """Fits how good pictures look at each place; what is usual for others has a heat of 0.5."""
        seen = tf.function(lambda image: self._look(image)[1])
        self.gaussians.fit(np.concatenate([seen(image[np.newaxis]) for image in images]))
        hottest = [np.max(self.gaussians(seen(image[np.newaxis]))) for image in held_out]
        self.usual.assign(np.maximum(np.median(hottest), 1e-6))  # 0 where all are the same picture
        super().settle(images, held_out)

    def image_losses(self, inputs, target, output):
        """Cross-entropy, on the mean of what is bad and of what is good, and the repair.

        So that a pore counts as much as a stain that covers half of the picture. What is good
        is focused on what is hard (Lin et al. 2017, equation 4).
        """
        heat, mask = output["heat"], target["mask"]
        bad, good = (ops.cast(mask == value, "float32") for value in (1.0, 0.0))
        entropy = ops.relu(heat) - heat * bad + ops.log1p(ops.exp(-ops.abs(heat)))
        missed = _mean(bad, entropy, FEW)
        focus = 0.3 + 3.0 * ops.sigmoid(heat) ** 2
        alarms = _mean(good, focus * entropy)
        repair = ops.mean(ops.abs(output["image"] - target["image"]), [1, 2, 3])
        return 0.5 * missed + alarms + repair

    def example(self, record, seed):
        """A good picture with defects painted in; or with those that it has."""
        image = record["image"]
        if "defect" in record:
            return image, {"mask": self.located(record["defect"]), "image": image}
        damaged, mask = defects.painted(image, seed)
        return damaged, {"mask": mask, "image": image}

    def adapt(self, images, labels=None):
        self.linear.fit(np.stack(images))

    def baseline(self, inputs):
        """What ten principal components leave unexplained (Jolliffe 2002, section 10.1)."""
        return _residual(inputs, self.linear.reconstruct(inputs))

    def peers(self):
        mean = tf.reshape(self.linear.mean, [1, *self.image_size, self.channels])
        return {
            "mean image": lambda inputs: _residual(inputs, mean + tf.zeros_like(inputs)),
            "pixel residual": lambda inputs: _residual(inputs, self.infer(inputs)["image"]),
            "painted defects": lambda inputs: self._told(inputs),
        }

    def _told(self, inputs):
        """Where the network sees a defect of the painted kind."""
        return {"heat": ops.sigmoid(self._look(inputs)[0][..., :1]), "image": inputs}


def _mean(where, values, more: float = 1.0):
    """Over the pixels there, [b, h, w, 1] -> [b], as if there were a few `more`."""
    return ops.sum(where * values, [1, 2, 3]) / (ops.sum(where, [1, 2, 3]) + more)


def _residual(inputs, image):
    return {"heat": tf.reduce_mean(tf.abs(inputs - image), -1, keepdims=True), "image": image}
