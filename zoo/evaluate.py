"""python -m zoo.evaluate: a model beside its baseline, metric by metric."""

import itertools
import math
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from absl import flags
from tabulate import tabulate
from tqdm import tqdm

from zoo import cli
from zoo.models import flags as model_flags

FLAGS = flags.FLAGS


def evaluate(
    model,
    source,
    seed: int = 0,
    limit: int | None = None,
    progress: bool = False,
    peers: bool = False,
    crop_size: int = 0,
) -> tuple[dict[str, dict], int]:
    """Scores a model and its baseline over whole images.

    Args:
      model: any model of the zoo.
      source: a `zoo.data.source.Source`.
      seed: of what `model.example` draws; image i always gets the same.
      limit: at most so many images.
      progress: shows a bar.
      peers: also scores the model's classical peers, which are slow.
      crop_size: scores the middle square of this side of each image; 0 for whole images.

    Returns:
      (metrics, count): metrics by name, each {"model", "baseline", "unit"} over all images
      (and "peers" by name), and the number of images.
    """
    from zoo.data import pipeline
    from zoo.distributed import workers

    model.check_source(source)
    metrics = model.eval_metrics()
    rivals = {"baseline": model.baseline} | (model.peers() if peers else {})
    values = {(name, rival): [] for name in metrics for rival in ("model", *rivals)}
    batches = pipeline.eval_batches(source, model, seed=seed, limit=limit, crop_size=crop_size)
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


def _with_outputs(model, batches: Iterable[tuple]) -> Iterator[tuple]:
    """(inputs, target, output) of every batch, as many at a time as there are replicas."""
    import keras

    from zoo.distributed import workers

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


def main() -> None:
    import keras

    from zoo import runs
    from zoo.data import sources

    started = time.time()
    config = runs.read_config(FLAGS.run)
    keras.mixed_precision.set_dtype_policy(FLAGS.precision)
    model = runs.load(FLAGS.run, **model_flags.given(model_flags.STRENGTHS))
    name = FLAGS.dataset or config["data"]["dataset"]
    data_dir = FLAGS.data_dir or config["data"].get("data_dir")
    source = sources.load(name, FLAGS.split, data_dir, model.channels)
    metrics, count = evaluate(
        model, source, FLAGS.seed, FLAGS.limit, True, FLAGS.peers, FLAGS.crop_size
    )
    print(f"{FLAGS.run} on {name} {source.split}, {count} images, seed {FLAGS.seed}")
    print(table(metrics))
    for further in _further(model, source, config["data"]):
        print(table(further))
        metrics |= further
    if source.broken:
        print(f"{len(source.broken)} of {source.size} files skipped", file=sys.stderr)
    if FLAGS.confusion:
        _draw_confusion(model, source, Path(FLAGS.confusion))
    if FLAGS.json:
        report = {
            "run": FLAGS.run,
            "dataset": name,
            "split": source.split,
            "count": count,
            "seed": FLAGS.seed,
            "seconds": round(time.time() - started, 1),
            "metrics": metrics,
        }
        Path(FLAGS.json).parent.mkdir(parents=True, exist_ok=True)
        runs.write_json(Path(FLAGS.json), report)


def _further(model, source, data: dict) -> Iterator[dict[str, dict]]:
    """The tables beyond the model's own metrics that were asked for."""
    if FLAGS.disentanglement:
        from zoo.evaluation.disentanglement import evaluate_disentanglement

        yield evaluate_disentanglement(model, source, FLAGS.seed)
    if FLAGS.foreign:
        from zoo.data import foreign
        from zoo.evaluation.anomaly import evaluate_anomaly

        pair = foreign.pair(source, FLAGS.foreign, "", FLAGS.data_dir, model.channels)
        yield evaluate_anomaly(model, *pair, FLAGS.seed, FLAGS.limit)
    if FLAGS.samples:
        from zoo import runs
        from zoo.data import sources
        from zoo.evaluation.samples import evaluate_samples

        data_dir = FLAGS.data_dir or data.get("data_dir")
        train = sources.load(data["dataset"], data["split"], data_dir, model.channels)
        classifier = runs.load(FLAGS.samples)
        yield evaluate_samples(model, source, train, classifier, FLAGS.seed, FLAGS.limit or 10_000)


def _draw_confusion(model, source, path: Path) -> None:
    from zoo.evaluation import confusion
    from zoo.pictures import panels

    counts = confusion.evaluate_confusion(model, source, FLAGS.limit)
    names = source.class_names or [str(i) for i in range(model.classes)]
    path.parent.mkdir(parents=True, exist_ok=True)
    panels.save(path, confusion.picture(counts, names))


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("dataset", None, "Data set (as in train.py); default: the run's own.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    flags.DEFINE_string("split", "", "Such as test[:100]; default: all of test, or all there is.")
    flags.DEFINE_integer("limit", None, "At most so many images.", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "Of the noise that is added.")
    flags.DEFINE_integer("crop_size", 0, "Score the middle square of each image; 0: all of it.", 0)
    flags.DEFINE_bool("peers", False, "Also score classical methods; slow.")
    flags.DEFINE_bool("disentanglement", False, "Also MIG and its like; for sets of known factors.")
    text = "Also tell foreign images apart: a data set, invert, rotate, or label:3 for a class."
    flags.DEFINE_string("foreign", None, text)
    text = "Also judge samples by the features of this classifier, a run or preset."
    flags.DEFINE_string("samples", None, text)
    precisions = ["float32", "mixed_bfloat16"]
    flags.DEFINE_enum("precision", "float32", precisions, "Of the arithmetic in the network.")
    flags.DEFINE_string("confusion", None, "Also draw which class is taken for which, as a PNG.")
    flags.DEFINE_string("json", None, "Also write the table to this file.")
    model_flags.define(model_flags.STRENGTHS)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
