"""The contract of models that find defects, beside that of every model.

Scores of good pictures that were held out from training give the threshold, by the false alarms
that are allowed (split conformal prediction: Vovk et al. 2005, section 2.1).
"""

from typing import Any, ClassVar, NamedTuple

import cv2
import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.layers import resample
from zoo.metrics import classification, localization
from zoo.models.base import Metric, Model, Signature, Tensor

SCORES = 512  # of held-out pictures, at most, that the threshold rests on
KNOWN = 0.25  # share of a reduced pixel that a mask must cover to count


class Finding(NamedTuple):
    """What a model says of a picture.

    Attributes:
      score: of its hottest spot, 0 to 1.
      defective: whether that is above the threshold.
      heat: the chance of a defect at each pixel, float32 [h, w].
    """

    score: float
    defective: bool
    heat: np.ndarray


class Detector(Model):
    """A model whose `call` gives {"heat": [b, h, w, 1], "image": what it should have been}.

    It learns from good pictures alone. Its constructor keeps `view`, the side of the square to
    which every picture is squeezed, and `false_alarms`, the share of good pictures that may be
    taken for bad ones.
    """

    view: int
    false_alarms: float
    headline = "auroc"
    served_metric = "pixel_auroc"
    squeezes = True
    settles_on = 1000
    after_training: ClassVar = ("false_alarms",)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        # Sorted; above 1, where no score lies, behind those that there are.
        self.good_scores = self.add_weight(
            shape=[SCORES],
            initializer=keras.initializers.Constant(2.0),
            trainable=False,
            dtype="float32",
            name="good_scores",
        )

    def detect(self, picture: Any) -> Finding:
        """Looks for a defect in a picture of any size.

        Args:
          picture: [h, w] or [h, w, c]; uint8 or uint16 over their full range, bool, or floats in
            [0, 1]. Or the path of a picture, or one of Pillow's, as seen on white.

        Raises:
          UserError: where it is none, or cannot be read.
        """
        pixels = np.asarray(image_files.pixels_of(picture, self.channels))
        levels.check(pixels, "picture")
        pixels = levels.to_float(pixels if pixels.ndim == 3 else pixels[..., np.newaxis])
        if pixels.ndim != 3 or 0 in pixels.shape:
            raise UserError(
                f"a picture of shape {list(pixels.shape)}; expected [h, w] or [h, w, c]"
            )
        pixels = image_files.to_channels(pixels, self.channels)
        found = self.serve["detect"]({"image": resample.resize(pixels[None], self.view, self.view)})
        heat = cv2.resize(np.array(found["heat"][0, ..., 0]), pixels.shape[1::-1])
        return Finding(float(found["score"][0]), bool(found["defective"][0] > 0.5), heat)

    def score(self, heat):
        """The hottest spot of 3x3 pixels, [b, h, w, 1] -> [b]."""
        return ops.max(ops.average_pool(heat, 3, 1, "same"), [1, 2, 3])

    def settle(self, images, held_out):
        """Scores good pictures that were held out."""
        scores = [self.score(self.infer(x[np.newaxis])["heat"])[0] for x in held_out[:SCORES]]
        scores = np.sort(np.array(scores, np.float32))
        self.good_scores.assign(np.pad(scores, [0, SCORES - len(scores)], constant_values=2.0))

    def held_out_scores(self) -> np.ndarray:
        """Of the good pictures that the threshold rests on, sorted."""
        with tf.init_scope():  # the weight's value, also while a graph is made
            scores = self.good_scores.numpy()
        return scores[scores <= 1.0]

    def threshold(self) -> float:
        """The score above which a picture is taken for a bad one: the rank-th held-out score."""
        scores = self.held_out_scores()
        return float(scores[self.rank() - 1]) if len(scores) else 1.0

    def rank(self) -> int:
        """Of n sorted scores the k-th, k = ceil((n + 1)(1 - false_alarms)), or the largest.

        A further good picture lies above it with a chance of at most `false_alarms`, where n is
        large enough to tell.
        """
        count = len(self.held_out_scores())
        return min(count, int(np.ceil((count + 1) * (1 - self.false_alarms))))

    def check_training(self, source):
        if source.tells_defects:
            raise UserError(
                f"{source.name} {source.split} holds {', '.join(source.class_names)}: "
                f"{self.registered_name} learns from good pictures alone; give "
                "--dataset=folder:PATH/good"
            )

    def located(self, defect: tf.Tensor) -> tf.Tensor:
        """A mask of any size, as `view` shows it; a fine crack leaves something, however small."""
        mask = resample.resize(defect[tf.newaxis], self.view, self.view)[0]
        enough = tf.minimum(tf.reduce_max(mask), KNOWN)
        return tf.where(mask > 0, tf.cast(mask >= enough, mask.dtype), mask)  # NaN stays

    def eval_metrics(self):
        def scored(target, output):
            # NaN, where nobody knows where, is bad as well.
            bad = tf.reduce_any(~(target["mask"] <= 0.5), [1, 2, 3])
            return tf.stack([self.score(output["heat"]), tf.cast(bad, tf.float32)], -1)

        def counted(target, output):
            return localization.counts(target["mask"], output["heat"])

        precision = classification.average_precision
        return {
            "auroc": Metric(scored, "", reduce=classification.auroc_of_rows),
            "average_precision": Metric(scored, "", reduce=precision),
            "pixel_auroc": Metric(counted, "", reduce=localization.pixel_auroc),
            "pro": Metric(counted, "", reduce=localization.pro),
        }

    def signatures(self):
        limit = self.threshold()

        def detect(image):
            heat = self(image)["heat"]
            score = self.score(heat)
            return {"heat": heat, "score": score, "defective": ops.cast(score > limit, "float32")}

        image = Tensor((self.view, self.view, self.channels), "picture of a part", (0.0, 1.0))
        outputs = {
            "heat": Tensor((self.view, self.view, 1), "chance of a defect", (0.0, 1.0)),
            "score": Tensor((), "of the hottest spot", (0.0, 1.0)),
            "defective": Tensor((), f"1 where the score is above {limit:.6g}, else 0", (0.0, 1.0)),
        }
        return {"detect": Signature(detect, {"image": image}, outputs)}

    def foreignness(self, images, seed):
        answers = {"model": self.infer(images), "baseline": self.baseline(images)}
        return {name: np.asarray(self.score(x["heat"])) for name, x in answers.items()}

    def served(self, serve, inputs):
        return {"heat": serve("detect", {"image": inputs})["heat"], "image": inputs}

    def preview(self, inputs, target, output):
        mask = tf.where(tf.math.is_nan(target["mask"]), 0.0, target["mask"])
        heat = tf.clip_by_value(output["heat"], 0.0, 1.0)
        return {"picture": inputs, "heat": heat, "mask": mask, "as it should be": output["image"]}
