"""Validation while a run trains: its record, and the weights that were best."""

import contextlib
import json
import math
from collections.abc import Iterator
from pathlib import Path

import keras
from tqdm import tqdm

from zoo import runs
from zoo.data import pipeline
from zoo.distributed import workers
from zoo.evaluation import evaluate
from zoo.files import weights
from zoo.pictures import panels
from zoo.training.budget import Budget
from zoo.training.logs import Logs


class Validate(keras.callbacks.Callback):
    """Scores the averaged weights, keeps the best, and stops a run that gains no more."""

    def __init__(self, state, budget: Budget, every, train, source, run: Path, recipe, logs: Logs):
        super().__init__()
        self.state, self.budget, self.every = state, budget, every
        self.train, self.source = train, source
        self.run, self.recipe, self.logs = run, recipe, logs
        self.headline: dict[str, str] = {}  # of the last validation, for the progress bar

    def on_train_begin(self, logs=None):
        self.logs.graph(self.model)
        limit = self.recipe.validation_limit
        self.batches = pipeline.eval_batches(self.source, self.model, limit=limit)
        count = self.model.settles_on
        self.seen, self.held_out = (
            pipeline.sample_images(s, self.model, count) for s in (self.train, self.source)
        )

    def on_train_batch_end(self, batch, logs=None):
        step = self.state.step
        if self.recipe.due(step, 50):
            rate = float(self.model.optimizer.learning_rate)
            self.logs.scalars(step, {"loss": float(logs["loss"]), "learning_rate": rate})
        if self.recipe.due(step, self.every) or self.budget.over:
            self._validate(step, float(logs["loss"]))
            self.model.reset_metrics()

    def _validate(self, step: int, loss: float) -> None:
        with averaged_weights(self.model):
            self.model.settle(self.seen, self.held_out)
            metrics, _ = evaluate.score(self.model, self.batches)
            arrays = self.model.lasting(weights.of_model(self.model))
            columns = panels.shown(self.model, self.batches) if workers.is_chief() else {}
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
        for remark in self.model.remarks(metrics):
            tqdm.write(remark)
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
        minutes = round(self.state.seconds / 60, 1)
        history.append({"step": step, "minutes": minutes, "loss": loss, "metrics": metrics})
        runs.write_json(path, {"best": self.state.best, "minutes": minutes, "validations": history})


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
