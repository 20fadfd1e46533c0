"""What each format costs in the model's own metric: dB, nats, accuracy."""

from typing import Any

import numpy as np

from export.parity.tensors import Call
from zoo.models.base import Model


def score(model: Model, call: Call, pairs: list[tuple[Any, Any]]) -> float | None:
    """The metric of a format over real images.

    Args:
      model: declares the metric, and which signatures give what it judges.
      call: the signatures, in Keras or in any format.
      pairs: (inputs, target), each a batch.

    Returns:
      In the metric's unit; None where the signatures do not give what it needs.
    """
    metric = model.eval_metrics()[name(model)]
    values = []
    for inputs, target in pairs:
        try:
            answer = model.served(call, inputs)
        except NotImplementedError:
            return None
        extra = {"inputs": inputs} if metric.needs_inputs else {}
        values.append(np.asarray(metric.function(target, answer, **extra)))
    return float(metric.reduce(np.concatenate(values)))


def name(model: Model) -> str:
    """Of the metric that formats are judged by."""
    return model.served_metric or model.headline


def described(model: Model) -> dict[str, str]:
    """The metric's name and unit."""
    return {"name": name(model), "unit": model.eval_metrics()[name(model)].unit}


def loss(model: Model, keras: float | None, other: float | None) -> float | None:
    """By how much a format is worse than Keras, in the metric's unit."""
    if keras is None or other is None:
        return None
    better = 1 if model.eval_metrics()[name(model)].higher_is_better else -1
    return better * (keras - other)
