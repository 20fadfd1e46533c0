"""zoo.train: a training without a shell, in a run's folder all the same."""

import itertools
from pathlib import Path
from typing import Any

from zoo import runs
from zoo.cli import UserError, nearest
from zoo.data import given
from zoo.distributed import strategy
from zoo.models import parsers, registry
from zoo.models.base import Model
from zoo.runs import precision as precisions
from zoo.training import recipe as recipes
from zoo.training import train as training


def train(
    name: str,
    images: Any,
    *,
    labels: Any = None,
    validation: Any = None,
    output_dir: str | Path | None = None,
    start_from: str | None = None,
    precision: str = "float32",
    **settings: Any,
) -> Model:
    """Trains a new model; see `zoo.train`."""
    recipe, arguments = _parted(settings, name)
    train_on, held_out = given.training(images, labels, arguments.get("channels", 0))
    if validation is not None:
        train_on = given.source(images, labels, train_on.image_shape[-1], "train")
        held_out = given.source(validation, None, train_on.image_shape[-1])
    run = Path(output_dir).expanduser() if output_dir else _free(Path("runs"), name)
    with precisions.computing_in(precisions.policy(precision)), strategy.entered("auto"):
        trained = training.train(
            name, train_on, held_out, run, recipe, start_from=start_from, **arguments
        )
    if trained is None:
        raise UserError(f"stopped; the same call with output_dir={str(run)!r} goes on")
    return runs.load(run)


def _parted(settings: dict[str, Any], name: str) -> tuple[recipes.Recipe, dict[str, Any]]:
    """The recipe's settings, checked as flags are, and the model's."""
    fields, of_model = recipes.arguments(), registry.find(name).parameters()
    for key in settings.keys() - fields.keys() - {*of_model, "image_size"}:
        near = nearest(key, [*fields, *of_model])
        raise UserError(f"{key} is no setting of {name} or of a training{near}")
    told = {k: v for k, v in settings.items() if k in fields and v is not None}
    for key, value in told.items():
        numbers = value if isinstance(value, list | tuple) else [value]
        try:
            told[key] = parsers.of(fields[key].annotation).parse(",".join(map(str, numbers)))
        except ValueError as error:
            raise UserError(f"{key}={value!r}: {error}") from None
    return recipes.Recipe(**told), {k: v for k, v in settings.items() if k not in fields}


def _free(folder: Path, name: str) -> Path:
    """runs/NAME-1, or the first number that no run has."""
    names = (folder / f"{name}-{number}" for number in itertools.count(1))
    return next(path for path in names if not path.exists())
