"""How well a classifier on a trained encoder does with few labels, over draws of them."""

import contextlib
import dataclasses
import io
import tempfile
from collections.abc import Iterator

import keras
import numpy as np

from zoo.cli import UserError
from zoo.data import labels
from zoo.data.source import Source
from zoo.evaluation.evaluate import evaluate
from zoo.training.recipe import Recipe
from zoo.training.train import train

MEANS = "class means"  # the learning-free baseline


def errors(
    images: Source,
    test: Source,
    recipe: Recipe,
    encoder: str,
    mode: str,
    labels_per_class: int,
    seed: int,
    encoder_rate: float = 1.0,
    dropout: float = 0.7,
) -> dict[str, float]:
    """Trains one classifier on few labels, the last weights, and scores it.

    Args:
      images: labeled, to draw from.
      test: on which errors are counted.
      recipe: how to train; `steps` are made at least, and `epochs` passes too.
      encoder: a run or preset.
      mode: frozen, finetune or scratch, as in `zoo.models.classifier`.
      labels_per_class: images of each class.
      seed: of the draw and of fresh weights.
      encoder_rate: factor on the learning rate of an encoder that is finetuned.
      dropout: of the features, in every mode.

    Returns:
      {"error"} in percent, and that of the "means", the class whose mean picture is nearest.
    """
    keras.backend.clear_session()  # or the graphs of many trainings would pile up
    few = labels.few(images, labels_per_class, seed=seed)
    steps = max(recipe.steps, round(recipe.epochs * few.size / recipe.batch_size))
    # Nothing is chosen by a validation; the last weights count.
    once = {"validate_every": steps, "validation_limit": 1, "checkpoint_every": steps}
    recipe = dataclasses.replace(recipe, steps=steps, seed=seed, **once)
    arguments = {"init_encoder": encoder, "encoder_mode": mode}
    arguments |= {"encoder_rate": encoder_rate, "dropout": dropout}
    with tempfile.TemporaryDirectory() as run, _silence():
        model = train("classifier", few, few, run, recipe, **arguments)
    if model is None:
        raise UserError("stopped by SIGTERM; the same command goes on from there")
    accuracy = evaluate(model, test)[0]["accuracy"]
    return {"error": 100 - accuracy["model"], "means": 100 - accuracy["baseline"]}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Hides what each of the many trainings says, and its bar; errors are raised."""
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


def summary(results: list[dict]) -> dict[tuple[str, str], dict[int, tuple[float, float]]]:
    """(encoder, mode) -> labels of each class -> mean and standard deviation over the draws.

    Args:
      results: what `errors` was given, by name, and what it gave. Every training scores the
        class means too; they count once for a draw.
    """
    found: dict = {}
    for r in results:
        count, seed = r["labels_per_class"], r["seed"]
        for row, error in (((r["encoder"], r["mode"]), r["error"]), ((MEANS, ""), r["means"])):
            found.setdefault(row, {}).setdefault(count, {})[seed] = error
    return {
        row: {
            count: (float(np.mean([*draws.values()])), float(np.std([*draws.values()])))
            for count, draws in sorted(counts.items())
        }
        for row, counts in found.items()
    }
