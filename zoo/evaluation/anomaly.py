"""Can a model tell foreign images from those it was trained on?"""

from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import pipeline
from zoo.data.source import Source
from zoo.metrics.classification import auroc

if TYPE_CHECKING:
    from zoo.models.base import Model

BATCH = 100


def evaluate_anomaly(
    model: "Model", source: Source, foreign: Source, seed: int = 0, limit: int | None = None
) -> dict[str, dict]:
    """The area under the ROC curve of "foreign" by the model's anomaly score.

    Args:
      model: one that can tell (`foreignness`).
      source: held-out images of the kind that it was trained on.
      foreign: others; scaled, and made gray or RGB, as the model takes them.
      seed: of binarization and of the posterior's noise.
      limit: at most so many images of each.

    Returns:
      {"auroc": {"model", "baseline", "unit", "peers"}}, the peers being the model's other scores.

    Raises:
      UserError: where the model gives no such score, or one source is empty.
    """
    inside, outside = (scores(model, images, seed, limit) for images in (source, foreign))
    found = {name: auroc(inside[name], outside[name]) for name in inside}
    return {
        "auroc": {
            "model": found.pop("model"),
            "baseline": found.pop("baseline"),
            "unit": "",
            "peers": found,
        }
    }


def scores(
    model: "Model", source: Source, seed: int = 0, limit: int | None = None
) -> dict[str, np.ndarray]:
    """How foreign each image is, [count], by name of the method."""
    if source.size == 0:
        raise UserError(f"the split of {source.name} to score is empty; widen --split")
    found: dict[str, list[np.ndarray]] = {}
    images = np.stack(pipeline.sample_images(source, model, limit or source.size))
    for i, batch in enumerate(np.split(images, range(BATCH, len(images), BATCH))):
        for name, values in model.foreignness(batch, tf.constant([seed, i])).items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}
