"""A model beside its baseline, metric by metric."""

import itertools
import math
from collections.abc import Iterable, Iterator

import keras
import numpy as np
import tensorflow as tf
from tabulate import tabulate
from tqdm import tqdm

from zoo.data import pipeline
from zoo.data.source import Source
from zoo.distributed import workers
from zoo.models.base import Model


def evaluate(
    model: Model,
    source: Source,
    seed: int = 0,
    limit: int | None = None,
    progress: bool = False,
    peers: bool = False,
    crop_size: int = 0,
) -> tuple[dict[str, dict], int]:
    """Scores a model and its baseline over whole images.

    Args:
      model: any model of the zoo.
      source: the images.
      seed: of what `model.example` draws; image i always gets the same.
      limit: at most so many images.
      progress: shows a bar.
      peers: also scores the model's classical peers, which are slow.
      crop_size: scores the middle square of this side of each image; 0 for whole images.

    Returns:
      (metrics, count): metrics by name, each {"model", "baseline", "unit"} over all images
      (and "peers" by name), and the number of images.
    """
    model.check_source(source)
    batches = pipeline.eval_batches(source, model, seed=seed, limit=limit, crop_size=crop_size)
    return score(model, batches, progress, peers)


def score(
    model: Model, batches: tf.data.Dataset, progress: bool = False, peers: bool = False
) -> tuple[dict[str, dict], int]:
    """`evaluate` on what `pipeline.eval_batches` made: whoever scores often makes them once."""
    metrics = model.eval_metrics()
    rivals = {"baseline": model.baseline} | (model.peers() if peers else {})
    values = {(name, rival): [] for name in metrics for rival in ("model", *rivals)}
    batches = workers.share_of(batches)
    bar = tqdm(batches, desc="evaluating", unit="batch", disable=None if progress else True)
    for inputs, target, output in _with_outputs(model, bar):
        answers = {"model": output} | {name: rival(inputs) for name, rival in rivals.items()}
        for name, metric in metrics.items():
            extra = {"inputs": inputs} if metric.needs_inputs else {}
            for rival, answer in answers.items():
                values[name, rival].append(np.asarray(metric.function(target, answer, **extra)))
    scores = {key: workers.gathered(rows) for key, rows in values.items()}
    count = len(scores[model.headline, "model"])
    report = {}
    for name, metric in metrics.items():
        found = {
            rival: float(metric.reduce(scores[name, rival])) if count else math.nan
            for rival in ("model", *rivals)
        }
        report[name] = {who: found.pop(who) for who in ("model", "baseline")}
        report[name] |= {"unit": metric.unit} | ({"peers": found} if found else {})
    return report, count


def _with_outputs(model: Model, batches: Iterable[tuple]) -> Iterator[tuple]:
    """(inputs, target, output) of every batch, as many at a time as there are replicas."""
    batches = iter(batches)
    while group := list(itertools.islice(batches, workers.local_replicas())):
        for image in keras.tree.flatten([inputs for inputs, _ in group]):
            if len(image.shape) == 4:
                model.check_sides(*image.shape[1:3])
        outputs = workers.on_replicas(model.infer, [inputs for inputs, _ in group])
        for (inputs, target), output in zip(group, outputs, strict=True):
            yield inputs, target, output


def table(metrics: dict[str, dict]) -> str:
    """The metrics as lines for a terminal."""
    rows = [
        {"metric": name, "model": m["model"], "baseline": m["baseline"]}
        | m.get("peers", {})
        | {"unit": m["unit"]}
        for name, m in metrics.items()
    ]
    return tabulate(rows, "keys", "plain", floatfmt=".3f")
