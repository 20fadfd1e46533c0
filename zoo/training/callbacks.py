"""What happens at every step: counting, progress, and the end of a run that diverges."""

import math
import sys
import time
import warnings

import keras

from zoo.cli import UserError
from zoo.training import checkpoints
from zoo.training.budget import Budget
from zoo.training.validation import Validate

with warnings.catch_warnings():  # of a notebook without ipywidgets, where a line of text will do
    warnings.simplefilter("ignore")
    from tqdm.auto import tqdm

# A notebook is no terminal, and shows bars; None means silence where there is no terminal.
SILENT = False if "ipykernel" in sys.modules else None


class Count(keras.callbacks.Callback):
    """Keeps step, place and time; stands first, so that the others see the step just done.

    Here and in all others, `on_train_batch_end` is called after each execution, which is
    `recipe.steps_per_execution` steps, or at the end as many as are left.
    """

    def __init__(self, state: checkpoints.State, recipe, budget: Budget):
        super().__init__()
        self.state, self.recipe, self.budget = state, recipe, budget
        self.begun = time.time() - state.seconds

    def on_train_begin(self, logs=None):
        means = self.model.metrics_variables
        self.means = [keras.ops.convert_to_numpy(mean) for mean in means]

    def on_epoch_begin(self, epoch, logs=None):
        # `fit` has just reset them, but a run that goes on has some.
        for variable, value in zip(self.model.metrics_variables, self.means, strict=True):
            variable.assign(value)

    def on_train_batch_begin(self, batch, logs=None):
        left = self.budget.steps - self.state.step
        self.model.next_steps = min(self.recipe.steps_per_execution, left)

    def on_train_batch_end(self, batch, logs=None):
        self.state.step += self.model.next_steps
        self.state.position += self.model.next_steps * self.recipe.batch_size
        self.state.seconds = time.time() - self.begun
        self.budget.look(self.state)
        self.model.stop_training |= self.budget.over


class StopOnNaN(keras.callbacks.Callback):
    """Ends a run whose loss is no number, and says at which step and what to try."""

    def __init__(self, state: checkpoints.State, recipe):
        super().__init__()
        self.state, self.recipe = state, recipe

    def on_train_batch_end(self, batch, logs=None):
        if not math.isfinite(float(logs["loss"])):
            raise UserError(
                f"the loss is {float(logs['loss'])} at step {self.state.step}; try a lower "
                f"--learning_rate than {self.recipe.learning_rate:g}, --clip_norm=1, or "
                "--precision=float32; the last checkpoint is kept"
            )


class Progress(keras.callbacks.Callback):
    """A bar with the time left, the loss and the last validation."""

    def __init__(self, state: checkpoints.State, budget: Budget, validate: Validate):
        super().__init__()
        self.state, self.budget, self.validate = state, budget, validate
        total, unit = (budget.steps, "step") if budget.seconds is None else (budget.seconds, "s")
        self.bar = tqdm(total=round(total), initial=self._done(), unit=unit, disable=SILENT)

    def on_train_batch_end(self, batch, logs=None):
        loss = f"{float(logs['loss']):.5f}"
        self.bar.set_postfix(loss=loss, **self.validate.headline, refresh=False)
        self.bar.update(self._done() - self.bar.n)

    def on_train_end(self, logs=None):
        self.bar.close()

    def _done(self) -> int:
        if self.budget.seconds is None:
            return self.state.step
        return round(min(self.state.seconds, self.budget.seconds))
