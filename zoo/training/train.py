"""A training from its beginning to its end, in a run's folder."""

import sys
from pathlib import Path
from typing import Any

import keras

from zoo import runs
from zoo.data import labels, oddities, source
from zoo.data.source import Source
from zoo.files import weights
from zoo.models import registry
from zoo.models.base import Model
from zoo.training import fit, lock
from zoo.training.recipe import Recipe


def train(
    name: str,
    images: Source,
    validation: Source,
    run: str | Path,
    recipe: Recipe,
    *,
    start_from: str | None = None,
    data_dir: str | None = None,
    flagfile: str = "",
    **arguments: Any,
) -> Model | None:
    """Makes a model and trains it, or goes on where an earlier call in the same folder stopped.

    Args:
      name: of the model, as `zoo.list_models()` has it.
      images: training pictures.
      validation: pictures by which the best weights are chosen.
      run: the run's folder.
      recipe: how to train.
      start_from: a run or preset whose weights to begin with, where they fit.
      data_dir: where the data lie, for later commands.
      flagfile: the flags of train.py that ask for this training, if there were any.
      **arguments: of the model; `image_size` of any. What is left out of channels, image_size and
        classes is as the data have it.

    Returns:
      The model with its last weights; None where SIGTERM ended the training early.

    Raises:
      UserError: what does not fit together, another training at work in the folder, one of
        another model in it, or a loss that is no number.
    """
    run = Path(run)
    arguments, images, validation = _suited(registry.find(name), arguments, images, validation)
    keras.utils.set_random_seed(recipe.seed)
    model = runs.create(name, **arguments)
    for pictures in (images, validation):  # which may be refused, before there is a folder
        model.check_training(pictures)
    fit.check(model, images, recipe)
    if start_from:
        fitting = weights.assign_matching(model, runs.best_weights(start_from))
        print(f"{fitting} of {len(model.weights)} arrays begin as in {start_from}")
    data = {"dataset": images.name, "data_dir": data_dir}
    data |= {"split": images.split, "validation_split": validation.split}
    if "classes" in model.parameters():
        data["classes"] = images.class_names
    with lock.held(run):
        precision = keras.mixed_precision.dtype_policy().name
        runs.start(run, model, data, flagfile, recipe.kept(), precision)
        print(
            f"{name}, {model.count_params():,} parameters, on {images.size:,} images of "
            f"{images.name}; batch {recipe.batch_size}, {_length(recipe, images)}"
        )
        if odd := oddities.line(images.files, () if validation is images else validation.files):
            print(odd, file=sys.stderr)
        finished = fit.fit(model, images, validation, run, recipe) is not None
    if images.broken:
        print(f"{len(images.broken)} of {images.size} files skipped", file=sys.stderr)
    if not finished:
        return None
    print(f"{run}: best.npz, preview.png, metrics.json; tensorboard --logdir={run / 'logs'}")
    return model


def _length(recipe: Recipe, images: Source) -> str:
    minutes = recipe.minutes
    return f"{recipe.total_steps(images):,} steps" if minutes is None else f"{minutes:g} minutes"


def _suited(
    model: type[Model], arguments: dict[str, Any], images: Source, validation: Source
) -> tuple[dict[str, Any], Source, Source]:
    """Arguments as the data decide them, and the data as these ask for."""
    takes, (height, width, channels) = model.parameters(), images.image_shape
    found = {"channels": channels}
    if "classes" in takes:
        images.require_labels()
        found["classes"] = len(images.class_names)
    if "image_size" in takes and height is not None and width is not None:
        found["image_size"] = [height, width]
    if validation.size == 0:
        print("too few images to hold some out: validating on the training images", file=sys.stderr)
        validation = images
    elif "classes" in takes and (missing := labels.missing(images, validation)):
        print(
            f"{validation.split} holds out no images of class {', '.join(missing)}; give more by "
            "--validation_split, such as train[80%:], and --split=train[:80%]",
            file=sys.stderr,
        )
    found |= arguments
    if "image_size" not in takes:
        sides = found.pop("image_size", None)
        images, validation = (source.resized(s, sides) for s in (images, validation))
    return found, images, validation
