"""What happens beside the steps: counting, progress, validation, checkpoints, logs."""

import contextlib
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import keras
import tensorflow as tf
from tqdm import tqdm

from zoo import runs
from zoo.cli import UserError
from zoo.distributed import workers
from zoo.evaluation.evaluate import evaluate
from zoo.files import weights
from zoo.pictures import panels
from zoo.training import checkpoints

NO_LOGS = tf.summary.create_noop_writer()


class Count(keras.callbacks.Callback):
    """Keeps step, place and time; stands first, so that the others see the step just done.

    Here and in all others, `on_train_batch_end` is called after each execution, which is
    `recipe.steps_per_execution` steps, or at the end as many as are left.
    """

    def __init__(self, state: checkpoints.State, recipe, total: int):
        super().__init__()
        self.state, self.recipe, self.total = state, recipe, total
        self.begun = time.time() - state.seconds

    def on_train_begin(self, logs=None):
        means = self.model.metrics_variables
        self.means = [keras.ops.convert_to_numpy(mean) for mean in means]

    def on_epoch_begin(self, epoch, logs=None):
        # `fit` has just reset them, but a run that goes on has some.
        for variable, value in zip(self.model.metrics_variables, self.means, strict=True):
            variable.assign(value)

    def on_train_batch_begin(self, batch, logs=None):
        left = self.total - self.state.step
        self.model.next_steps = min(self.recipe.steps_per_execution, left)

    def on_train_batch_end(self, batch, logs=None):
        self.state.step += self.model.next_steps
        self.state.position += self.model.next_steps * self.recipe.batch_size
        self.state.seconds = time.time() - self.begun


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

    def __init__(self, state: checkpoints.State, total: int, validate: "Validate"):
        super().__init__()
        self.state, self.validate = state, validate
        self.bar = tqdm(total=total, initial=state.step, unit="step", disable=None)

    def on_train_batch_end(self, batch, logs=None):
        loss = f"{float(logs['loss']):.5f}"
        self.bar.set_postfix(loss=loss, **self.validate.headline, refresh=False)
        self.bar.update(self.state.step - self.bar.n)

    def on_train_end(self, logs=None):
        self.bar.close()


class Validate(keras.callbacks.Callback):
    """Scores the averaged weights, keeps the best, and stops a run that gains no more."""

    def __init__(self, state, total, every, source, run: Path, recipe, logs: "Logs"):
        super().__init__()
        self.state, self.total, self.every = state, total, every
        self.source, self.run, self.recipe, self.logs = source, run, recipe, logs
        self.headline: dict[str, str] = {}  # of the last validation, for the progress bar

    def on_train_begin(self, logs=None):
        self.logs.graph(self.model)

    def on_train_batch_end(self, batch, logs=None):
        step = self.state.step
        if self.recipe.due(step, 50):
            rate = float(self.model.optimizer.learning_rate)
            self.logs.scalars(step, {"loss": float(logs["loss"]), "learning_rate": rate})
        if self.recipe.due(step, self.every) or step == self.total:
            self._validate(step, float(logs["loss"]))
            self.model.reset_metrics()

    def _validate(self, step: int, loss: float) -> None:
        with averaged_weights(self.model):
            metrics, _ = evaluate(self.model, self.source, limit=self.recipe.validation_limit)
            arrays = weights.of_model(self.model)
            columns = panels.preview(self.model, self.source) if workers.is_chief() else {}
        headline = self.model.headline
        value = metrics[headline]["model"]
        gain = self._is_best(value)
        self.state.rounds_without_gain = 0 if gain else self.state.rounds_without_gain + 1
        self.state.best = value if gain else self.state.best
        if workers.is_chief():
            for name in ("best.npz", "last.npz") if gain else ("last.npz",):
                weights.save(self.run / name, arrays)
            self._record(step, loss, metrics, columns)
        unit, baseline = metrics[headline]["unit"], metrics[headline]["baseline"]
        self.headline = {headline: f"{value:.2f} {unit}"}
        tqdm.write(
            f"step {step}: loss {loss:.5f}, {headline} {value:.2f} {unit} (baseline {baseline:.2f})"
        )
        if 0 < self.recipe.patience <= self.state.rounds_without_gain:
            tqdm.write(f"no gain in {self.recipe.patience} validations: stopping")
            self.model.stop_training = True

    def _is_best(self, value: float) -> bool:
        if math.isnan(self.state.best):
            return True
        higher = self.model.eval_metrics()[self.model.headline].higher_is_better
        return value > self.state.best if higher else value < self.state.best

    def _record(self, step: int, loss: float, metrics: dict, columns: dict) -> None:
        self.logs.scalars(step, {f"validation/{k}": v["model"] for k, v in metrics.items()})
        sheet = panels.sheet(columns)
        self.logs.image(step, sheet)
        panels.save(self.run / "preview.png", sheet)
        path = self.run / "metrics.json"
        history = json.loads(path.read_text())["validations"] if path.exists() else []
        history = [row for row in history if row["step"] < step]
        history.append({"step": step, "loss": loss, "metrics": metrics})
        minutes = round(self.state.seconds / 60, 1)
        runs.write_json(path, {"best": self.state.best, "minutes": minutes, "validations": history})


class Logs:
    """TensorBoard: scalars, learning rate, pictures, graph and hyper-parameters."""

    def __init__(self, run: Path, recipe):
        self.recipe = recipe
        folder = str(run / "logs")
        chief = workers.is_chief()
        self.writer = tf.summary.create_file_writer(folder) if chief else NO_LOGS

    def graph(self, model) -> None:
        from tensorboard.plugins.hparams import api as hparams

        concrete = tf.function(lambda x: model(x)).get_concrete_function(model.blank_inputs(2))
        settings = model.get_config() | asdict(self.recipe)
        settings = {k: str(v) if isinstance(v, list | dict) else v for k, v in settings.items()}
        with self.writer.as_default(step=0):
            tf.summary.graph(concrete.graph)
            hparams.hparams({k: v for k, v in settings.items() if v is not None})

    def scalars(self, step: int, values: dict[str, float]) -> None:
        with self.writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
        self.writer.flush()

    def image(self, step: int, picture) -> None:
        with self.writer.as_default(step=step):
            tf.summary.image("preview", picture[tf.newaxis])
        self.writer.flush()


@contextlib.contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Puts the optimizer's moving averages in the place of the weights, for a while."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not optimizer.use_ema:
        yield
        return
    variables = model.trainable_variables
    kept = [keras.ops.convert_to_numpy(v) for v in variables]
    for variable, average in zip(variables, optimizer._model_variables_moving_average, strict=True):
        variable.assign(keras.ops.convert_to_numpy(average))
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=True):
            variable.assign(value)


def last_metrics(run: Path) -> dict:
    """The newest validation in `metrics.json`, which is the chief's."""
    if not workers.is_chief():
        return {}
    return json.loads((run / "metrics.json").read_text())["validations"][-1]["metrics"]
