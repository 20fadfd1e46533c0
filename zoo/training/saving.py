"""When checkpoints are saved: every so many steps or minutes, on SIGTERM, and at the end."""

import sys
import time
from pathlib import Path

import keras
from tqdm import tqdm

from zoo.distributed import workers
from zoo.training import checkpoints
from zoo.training.budget import Budget
from zoo.training.termination import Termination


class Checkpoint(keras.callbacks.Callback):
    """Saves what the other callbacks have come to, and so stands last.

    All workers agree on the step, whoever of them has seen SIGTERM or the clock.
    """

    def __init__(self, state, budget: Budget, recipe, run: Path, termination: Termination):
        super().__init__()
        self.state, self.recipe, self.run = state, recipe, run
        self.budget = budget
        self.termination = termination
        self.saved_at = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        step = self.state.step
        minutes = (time.monotonic() - self.saved_at) / 60
        late, asked = workers.any_of(
            [minutes >= self.recipe.checkpoint_minutes, self.termination.asked]
        )
        last = asked or self.budget.over or self.model.stop_training
        if not (last or late or self.recipe.due(step, self.recipe.checkpoint_every)):
            return
        self.saved_at = time.monotonic()
        self.termination.asked = asked
        self.model.stop_training |= asked
        try:
            checkpoints.save(self.run, self.model, self.state)
        except OSError as error:  # such as a full disk, which somebody may clear
            if last:
                raise
            tqdm.write(f"no checkpoint of step {step}: {error}; training goes on", sys.stderr)
