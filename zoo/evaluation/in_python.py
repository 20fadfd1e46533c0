"""zoo.evaluate: the tables of the command, as a dict that prints as one."""

from pathlib import Path
from typing import Any

from zoo import runs
from zoo.cli import UserError, nearest
from zoo.data import given
from zoo.data import labels as class_labels
from zoo.evaluation import evaluate as evaluation
from zoo.files import weights
from zoo.models import declarations, registry
from zoo.models.base import Model


class Report(dict):
    """Metrics by name, each {"model", "baseline", "unit"}; shown as a table.

    Attributes:
      count: of the pictures.
    """

    count: int

    def __repr__(self) -> str:
        return f"{self.count} images\n{evaluation.table(self)}"


def evaluate(
    model: Model | str | Path,
    images: Any,
    *,
    labels: Any = None,
    split: str = "",
    limit: int | None = None,
    seed: int = 0,
    peers: bool = False,
    crop_size: int = 0,
    **changes: Any,
) -> Report:
    """Judges a model; see `zoo.evaluate`."""
    changes = {k: list(v) if isinstance(v, tuple) else v for k, v in changes.items()}
    model = _changed(model if isinstance(model, Model) else runs.load(model), changes)
    source = given.source(images, labels, model.channels, split)
    source = class_labels.as_in(source, model.class_names)
    found, count = evaluation.evaluate(model, source, seed, limit, True, peers, crop_size)
    report = Report(found)
    report.count = count
    return report


def _changed(model: Model, changes: dict[str, Any]) -> Model:
    """The same weights under other arguments."""
    if not changes:
        return model
    may_change = declarations.read()[model.registered_name].after_training
    if unknown := sorted(changes.keys() - set(may_change)):
        raise UserError(
            f"{unknown[0]} may not change in a trained {model.registered_name}; only "
            f"{', '.join(may_change) or 'nothing'} may{nearest(unknown[0], may_change)}"
        )
    arguments = model.once_trained(model.get_config(), changes)
    changed = registry.create(model.registered_name, **arguments)
    weights.assign(changed, model.lasting(weights.of_model(model)))
    changed.class_names = model.class_names
    return changed
