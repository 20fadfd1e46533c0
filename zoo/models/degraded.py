"""What models that undo degradations share: the strengths are arguments of all of them."""

from typing import ClassVar

import tensorflow as tf

from zoo.images import degradations
from zoo.images.degradation import DEGRADATIONS
from zoo.metrics.psnr import psnr_of_files
from zoo.models.base import Metric
from zoo.models.restorer import Restorer

STRENGTHS = [d.parameter for d in DEGRADATIONS.values() if not d.changes_size]


class Degraded(Restorer):
    """A restorer of what `zoo.images.degradations` did to a picture.

    Its constructor takes the strength of each of them by its name, such as noise_stddev=25:
    a number, or [low, high] to train one blind model for all strengths between.

    Attributes:
      steps: what is undone, as `chain` gives it.
    """

    steps: list[degradations.Step]
    takes_strengths: ClassVar = True  # says so to `zoo.models.declarations`

    def __init__(self, **kwargs):
        strengths = {name: kwargs.pop(name, None) for name in STRENGTHS}
        super().__init__(**kwargs)
        for name, strength in strengths.items():
            setattr(self, name, strength)

    @classmethod
    def parameters(cls):
        return [*super().parameters(), *STRENGTHS]

    @classmethod
    def once_trained(cls, kept, changed):
        """The strengths of other degradations do not go with the ones that they are changed to."""
        if "degrade" in changed:
            kept = {k: v for k, v in kept.items() if k not in STRENGTHS}
        return super().once_trained(kept, changed)

    def pair(self, record: dict[str, tf.Tensor], seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The damaged picture, by the data or else by the steps, and the clean one."""
        clean = record["image"]
        if "damaged" in record:
            return record["damaged"], clean
        return degradations.apply(clean, seed, self.steps), clean

    def eval_metrics(self):
        found = super().eval_metrics()
        if DEGRADATIONS[self.steps[-1][0]].eight_bits:  # what comes as a file goes into one
            found |= {"psnr": Metric(psnr_of_files, "dB")}
        return found

    def chain(self, degrade: str, **scale: int) -> list[degradations.Step]:
        """The steps of "blur+noise" with the model's strengths; see `degradations.chain`."""
        strengths = {name: getattr(self, name) for name in STRENGTHS}
        return degradations.chain(degrade, strengths | scale)
