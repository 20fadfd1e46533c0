"""python -m zoo.evaluate: a model beside its baseline, metric by metric."""

import math
import sys
import time
from pathlib import Path

import numpy as np
from absl import flags
from tqdm import tqdm

from zoo import cli, model_flags

FLAGS = flags.FLAGS


def evaluate(model, source, seed: int = 0, limit: int | None = None, progress: bool = False):
    """Scores a model and its baseline over whole images.

    Args:
      model: any model of the zoo.
      source: a `zoo.data.source.Source`.
      seed: of what `model.example` draws; image i always gets the same.
      limit: at most so many images.
      progress: shows a bar.

    Returns:
      (metrics, count): metrics by name, each {"model", "baseline", "unit"} with the mean
      over images, and the number of images.
    """
    import keras

    from zoo.data import pipeline

    metrics = model.eval_metrics()
    values = {(name, who): [] for name in metrics for who in ("model", "baseline")}
    batches = pipeline.eval_batches(source, model, seed=seed, limit=limit)
    bar = tqdm(batches, desc="evaluating", unit="batch", disable=None if progress else True)
    for inputs, target in bar:
        for image in keras.tree.flatten(inputs):
            if len(image.shape) == 4:
                model.check_sides(*image.shape[1:3])
        answers = {"model": model.infer(inputs), "baseline": model.baseline(inputs)}
        for name, metric in metrics.items():
            for who, answer in answers.items():
                values[name, who].append(metric.function(target, answer).numpy())
    means = {key: float(np.concatenate(v).mean()) if v else math.nan for key, v in values.items()}
    report = {
        name: {who: means[name, who] for who in ("model", "baseline")} | {"unit": metric.unit}
        for name, metric in metrics.items()
    }
    return report, sum(map(len, values[next(iter(metrics)), "model"]))


def table(metrics: dict[str, dict]) -> str:
    """The metrics as lines for a terminal."""
    rows = [("metric", "model", "baseline", "unit")]
    for name, m in metrics.items():
        rows.append((name, f"{m['model']:.3f}", f"{m['baseline']:.3f}", m["unit"]))
    return "\n".join(f"{a:<14}{b:>10}{c:>10}  {d}" for a, b, c, d in rows)


def main() -> None:
    from zoo import runs
    from zoo.data import sources

    started = time.time()
    config = runs.read_config(FLAGS.run)
    model = runs.load(FLAGS.run, **model_flags.given(model_flags.STRENGTHS))
    name = FLAGS.dataset or config["data"]["dataset"]
    data_dir = FLAGS.data_dir or config["data"].get("data_dir")
    source = sources.load(name, FLAGS.split, data_dir, model.channels)
    metrics, count = evaluate(model, source, FLAGS.seed, FLAGS.limit, progress=True)
    print(f"{FLAGS.run} on {name} {source.split}, {count} images, seed {FLAGS.seed}")
    print(table(metrics))
    if source.broken:
        print(f"{len(source.broken)} of {source.size} files skipped", file=sys.stderr)
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


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder.", required=True)
    flags.DEFINE_string("dataset", None, "Data set (as in train.py); default: the run's own.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    flags.DEFINE_string("split", "", "Such as test[:100]; default: all of test, or all there is.")
    flags.DEFINE_integer("limit", None, "At most so many images.", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "Of the noise that is added.")
    flags.DEFINE_string("json", None, "Also write the table to this file.")
    model_flags.define(model_flags.STRENGTHS)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
