"""Trains a model: data, optimizer and callbacks put together for one `model.fit`.

The data are one endless stream and `fit` sees one long epoch, so that everything happens
at step counts and a run can go on from any step.
"""

import math
from pathlib import Path

import keras

from zoo.cli import UserError
from zoo.data import pipeline
from zoo.data.source import Source
from zoo.models.base import Model
from zoo.training import callbacks, checkpoints, global_batch, losses, optimizers, saving
from zoo.training.budget import Budget, ByTheClock
from zoo.training.logs import Logs
from zoo.training.profile import Profile
from zoo.training.recipe import Recipe
from zoo.training.termination import Termination
from zoo.training.validation import Validate, last_metrics


def fit(model: Model, train: Source, validation: Source, run: Path, recipe: Recipe) -> dict | None:
    """Trains, from the last checkpoint in `run` where there is one.

    Args:
      model: built under the strategy's scope, which must be entered here too.
      train: training pictures.
      validation: whole pictures for choosing the best weights.
      run: the run's folder, made by `zoo.runs.start`.
      recipe: how to train.

    Returns:
      The last validation's metrics; None where SIGTERM ended the training early.

    Raises:
      UserError: settings that do not fit the data, or a loss that is no number.
    """
    for source in (train, validation):
        model.check_source(source)
    budget, crop = Budget.of(recipe, train), crop_size(model, train, recipe)
    model.compile(
        optimizer=optimizer(recipe, budget.steps, model, budget.share),
        loss=losses.LOSSES[recipe.loss or model.default_loss],
        steps_per_execution=recipe.steps_per_execution,
    )
    model.optimizer.build(model.trainable_variables)
    model.micro_batches = recipe.micro_batches
    state = checkpoints.resume(run, model)
    if state.step == 0:
        labels = pipeline.sample_labels(train, 2000)
        model.adapt(pipeline.sample_images(train, model, 2000, crop), labels)
    validate_every = recipe.validate_every or max(200, math.ceil(train.size / recipe.batch_size))
    budget.look(state)
    if budget.over or 0 < recipe.patience <= state.rounds_without_gain:
        print(f"{run} is trained: {state.step} steps are done; raise {_more(recipe)} for more")
        return last_metrics(run)
    logs = Logs(run, recipe)
    validate = Validate(state, budget, validate_every, train, validation, run, recipe, logs)
    left = budget.steps - state.step
    with Termination() as termination:
        model.fit(
            global_batch.batches(
                train,
                model,
                recipe.batch_size,
                seed=recipe.seed,
                start=state.position,
                crop_size=crop,
                augment=_augment(model, train, recipe, crop),
                shrink=_shrink(recipe),
                crop_share=_crop_share(recipe, crop),
                data_service=recipe.data_service,
            ),
            epochs=1,
            steps_per_epoch=left,
            shuffle=False,
            verbose=0,
            callbacks=[
                callbacks.Count(state, recipe, budget),
                callbacks.StopOnNaN(state, recipe),
                callbacks.Progress(state, budget, validate),
                *_profile(run, recipe, left),
                validate,
                saving.Checkpoint(state, budget, recipe, run, termination),
            ],
        )
    if termination.asked and not budget.over:
        print(f"SIGTERM: saved after step {state.step}; the same command goes on from there")
        return None
    return last_metrics(run)


def _more(recipe: Recipe) -> str:
    return "--steps or --epochs" if recipe.minutes is None else "--minutes"


def _profile(run: Path, recipe: Recipe, left: int) -> list[keras.callbacks.Callback]:
    settings = recipe.profile, left, recipe.steps_per_execution
    return [Profile(run / "logs", *settings)] if recipe.profile else []


def check(model: Model, train: Source, recipe: Recipe) -> None:
    """Raises UserError where the recipe does not fit the model, the pictures or the replicas."""
    crop = crop_size(model, train, recipe)
    _augment(model, train, recipe, crop)
    _shrink(recipe)
    _crop_share(recipe, crop)
    _profile(Path(), recipe, recipe.total_steps(train))
    images = global_batch.replica_size(recipe.batch_size)
    if images % recipe.micro_batches:
        raise UserError(
            f"--micro_batches={recipe.micro_batches} does not divide the {images} images that each "
            "replica has of a batch"
        )


def crop_size(model: Model, source: Source, recipe: Recipe) -> int:
    """The side of the training crops, 0 for whole images.

    Without --crop_size it is 64 where pictures differ in size or are larger than 128.
    Raises UserError where the model does not take crops, or crops that small.
    """
    if model.image_size is not None:
        if recipe.crop_size:
            raise UserError(
                f"--crop_size does not apply to {model.registered_name}, which takes whole "
                "images of --image_size"
            )
        return 0
    height, width, _ = source.image_shape
    large = height is None or max(height, width) > 128
    size = recipe.crop_size or (64 if large else 0)
    model.check_sides(*([size, size] if size else [height, width]))
    return size


def _shrink(recipe: Recipe) -> tuple[float, float]:
    """The factors' low and high."""
    low, high = _range(recipe.shrink)
    if not 0.25 <= low <= high:
        raise UserError(f"--shrink={low:g},{high:g} must be low,high and at least 0.25")
    return low, high


def _crop_share(recipe: Recipe, crop: int) -> tuple[float, float] | None:
    """The shares' low and high."""
    if recipe.crop_share is None:
        return None
    low, high = _range(recipe.crop_share)
    if not 0 < low <= high <= 1:
        raise UserError(f"--crop_share={low:g},{high:g} must be low,high, above 0 and at most 1")
    if not crop or recipe.shrink != 1:
        raise UserError(
            f"--crop_share={low:g},{high:g} takes the place of --shrink, and needs --crop_size"
        )
    return low, high


def _range(given: float | list[float]) -> tuple[float, float]:
    low, high = given if isinstance(given, list) else (given, given)
    return low, high


def _augment(model: Model, source: Source, recipe: Recipe, crop: int) -> str:
    """The augmentation; quarter turns need squares."""
    augment = recipe.augment or ("dihedral" if crop else "none")
    height, width = model.image_size or source.image_shape[:2]
    if augment in ("dihedral", "color") and not crop and height != width:
        raise UserError(
            f"--augment={augment} turns images, and these are {width}x{height}: "
            "give --crop_size, or --augment=flip"
        )
    return augment


def optimizer(
    recipe: Recipe,
    total: int,
    model: Model | None = None,
    share: keras.Variable | None = None,
) -> keras.optimizers.Optimizer:
    """The recipe's, warmed up linearly and cooled down by a cosine (Loshchilov and Hutter 2017).

    Args:
      recipe: how to train.
      total: steps, or
      share: of the time that is used up.
      model: whose variables these are.
    """
    warmup, peak = min(recipe.warmup_steps, total // 2), recipe.scaled_learning_rate()
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else peak,
        decay_steps=max(1, total - warmup),
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )
    if share is not None:
        schedule = ByTheClock(peak, recipe.warmup_steps, share)
    variables = model.trainable_variables if model else []
    optimizer = {"adamw": optimizers.AdamW, "muon": optimizers.Muon}[recipe.optimizer](
        [model.learning_rate_factor(v) for v in variables],
        learning_rate=schedule,
        weight_decay=recipe.weight_decay,
        global_clipnorm=recipe.clip_norm,
        use_ema=recipe.ema > 0,
        ema_momentum=recipe.ema or 0.99,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer
