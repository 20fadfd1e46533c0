"""What a training is told, apart from its model and its data."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zoo.models.arguments import (
    Argument,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    Share,
    described,
)

if TYPE_CHECKING:
    from zoo.data.source import Source


@dataclass
class Recipe:
    """How to train. The fields are flags of train.py, too.

    Args:
      epochs: passes over the training images.
      steps: training steps; overrides epochs.
      minutes: of training, by the clock; overrides both.
      steps_per_execution: steps between two looks at the run, which is faster for small networks.
      batch_size: images a step, over all replicas.
      micro_batches: parts in which a batch is worked through, for memory.
      crop_size: side of random training crops; default: 64 where images differ in size or
        exceed 128.
      shrink: reduce pictures by a factor between these before the crop: 2, or 1,2; below 1 they
        are enlarged, and so as soft as a camera's.
      crop_share: crops are a share between these, such as 0.6,1, of a picture's shorter side, made
        crop_size large, for what depends on the whole picture; in place of shrink.
      augment: default: dihedral with crops, else none.
      loss: default: the model's own.
      optimizer: adamw, or muon, by which convolutions learn more from a step.
      learning_rate: at its peak, after the warm-up.
      learning_rate_scaling: how it grows with batch_size / reference_batch.
      reference_batch: the batch that the learning rate is meant for.
      warmup_steps: linear warm-up; a cosine to zero follows.
      weight_decay: decoupled, of all but biases.
      ema: momentum of averaged weights, such as 0.999; 0 is off.
      clip_norm: clip the gradients' global norm to this.
      seed: of weights, order, crops and noise.
      validate_every: steps; default: an epoch, at least 200.
      validation_limit: images for each validation.
      checkpoint_every: steps between checkpoints.
      checkpoint_minutes: minutes between checkpoints, at most.
      patience: stop after so many validations without gain; 0 is never.
      data_service: HOST:PORT of a tf.data service's dispatcher that makes the batches.
      profile: profile so many steps for TensorBoard; 0 is none.
    """

    epochs: NonNegativeFloat = 10.0
    steps: PositiveInt | None = None
    minutes: NonNegativeFloat | None = None
    steps_per_execution: PositiveInt = 1
    batch_size: PositiveInt = 32
    micro_batches: PositiveInt = 1
    crop_size: int | None = None
    shrink: float | list[float] = 1.0
    crop_share: float | list[float] | None = None
    augment: Literal["none", "shift", "flip", "dihedral", "color"] | None = None
    loss: (
        Literal["mse", "mae", "charbonnier", "log_mse", "mae_gradient", "mae_luma", "mae_ssim"]
        | None
    ) = None
    optimizer: Literal["adamw", "muon"] = "adamw"
    learning_rate: NonNegativeFloat = 1e-3
    learning_rate_scaling: Literal["none", "linear", "sqrt"] = "none"
    reference_batch: PositiveInt = 32
    warmup_steps: NonNegativeInt = 100
    weight_decay: NonNegativeFloat = 0.0
    ema: Share = 0.0
    clip_norm: NonNegativeFloat | None = None
    seed: NonNegativeInt = 0
    validate_every: PositiveInt | None = None
    validation_limit: PositiveInt = 1000
    checkpoint_every: PositiveInt = 500
    checkpoint_minutes: NonNegativeFloat = 10.0
    patience: NonNegativeInt = 0
    data_service: str = ""
    profile: NonNegativeInt = 0

    def total_steps(self, source: Source) -> int:
        """`steps`, or as many as `epochs` passes over the source take."""
        return self.steps or max(1, round(self.epochs * source.size / self.batch_size))

    def due(self, step: int, every: int) -> bool:
        """Whether the execution that ends with `step` has a multiple of `every` among its steps."""
        return step % every < self.steps_per_execution

    def scaled_learning_rate(self) -> float:
        """`learning_rate` is meant for `reference_batch`; here it is for `batch_size`."""
        powers = {"none": 0.0, "sqrt": 0.5, "linear": 1.0}
        ratio = self.batch_size / self.reference_batch
        return self.learning_rate * ratio ** powers[self.learning_rate_scaling]

    def kept(self) -> dict[str, Any]:
        """What a run keeps of it, JSON-able: all but how it is looked at and fed just here."""
        return {k: v for k, v in dataclasses.asdict(self).items() if k not in OF_THE_PLACE}


OF_THE_PLACE = "data_service", "profile"


def arguments() -> dict[str, Argument]:
    """The fields of a recipe as they are declared, for flags."""
    texts = described(inspect.getdoc(Recipe))
    return {f.name: Argument(f.type, f.default, texts[f.name]) for f in dataclasses.fields(Recipe)}
