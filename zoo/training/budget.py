"""How long a training lasts: so many steps, or so many minutes by the clock."""

import math
from dataclasses import dataclass, field

import keras
from keras import ops

from zoo.data.source import Source
from zoo.distributed import workers
from zoo.training.checkpoints import State
from zoo.training.recipe import Recipe

ENDLESS = 10**9  # steps


@dataclass
class Budget:
    """Of one training.

    Attributes:
      steps: at most so many.
      seconds: at most so many, without the pauses between two starts; None for any.
      over: whether it is used up; all workers agree.
      share: of the seconds that are used up, for the learning rate.
    """

    steps: int
    seconds: float | None = None
    over: bool = False
    share: keras.Variable | None = field(default=None, init=False)

    def __post_init__(self):
        if self.seconds is not None:
            self.share = keras.Variable(0.0, trainable=False, dtype="float32", name="share")

    @classmethod
    def of(cls, recipe: Recipe, source: Source) -> "Budget":
        """As a recipe has it; made where the model's variables are."""
        if recipe.minutes is None:
            return cls(recipe.total_steps(source))
        return cls(ENDLESS, 60.0 * recipe.minutes)

    def look(self, state: State) -> None:
        """Takes notice of what a training has come to."""
        self.over = state.step >= self.steps
        if self.share is not None:
            (self.over,) = workers.any_of([state.seconds >= self.seconds])
            self.share.assign(min(1.0, state.seconds / self.seconds))


class ByTheClock(keras.optimizers.schedules.LearningRateSchedule):
    """Warmed up step by step, in a tenth of the time at most, and cooled down by a cosine of it.

    Args:
      peak: the learning rate after the warm-up.
      warmup: steps of it.
      share: of the time that is used up, 0 to 1.
    """

    def __init__(self, peak: float, warmup: int, share: keras.Variable):
        self.peak, self.warmup, self.share = peak, warmup, share

    def __call__(self, step):
        used = ops.convert_to_tensor(self.share)
        steps = ops.cast(step, "float32") / max(1, self.warmup)
        warm = ops.minimum(1.0, ops.maximum(steps, 10.0 * used))
        return self.peak * warm * 0.5 * (1.0 + ops.cos(math.pi * used))

    def get_config(self):
        return {"peak": self.peak, "warmup": self.warmup}
