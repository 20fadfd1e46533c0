"""How well a classifier on a trained encoder does with few labels, over draws of them."""

import keras
import numpy as np

from zoo import runs
from zoo.data import labels, pipeline
from zoo.data.source import Source
from zoo.evaluation.evaluate import evaluate
from zoo.training import fit

MEANS = "class means"  # the learning-free baseline


def errors(
    train: Source,
    test: Source,
    recipe: fit.Recipe,
    encoder: str,
    mode: str,
    labels_per_class: int,
    seed: int,
    encoder_rate: float = 1.0,
    dropout: float = 0.7,
) -> dict[str, float]:
    """Trains one classifier on few labels, the last weights, and scores it.

    Args:
      train: labeled images to draw from.
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
    keras.utils.set_random_seed(seed)
    few = labels.few(train, labels_per_class, seed=seed)
    model = runs.create(
        "classifier",
        channels=train.image_shape[2],
        image_size=list(train.image_shape[:2]),
        classes=len(train.class_names),
        init_encoder=encoder,
        encoder_mode=mode,
        encoder_rate=encoder_rate,
        dropout=dropout,
    )
    steps = max(recipe.steps, round(recipe.epochs * few.size / recipe.batch_size))
    model.compile(optimizer=fit.optimizer(recipe, steps, model))
    model.adapt(pipeline.sample_images(few, model, 2000), pipeline.sample_labels(few, 2000))
    batches = pipeline.train_batches(
        few, model, recipe.batch_size, seed=seed, augment=recipe.augment
    )
    model.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    accuracy = evaluate(model, test)[0]["accuracy"]
    return {"error": 100 - accuracy["model"], "means": 100 - accuracy["baseline"]}


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
