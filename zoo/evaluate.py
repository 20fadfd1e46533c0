"""python -m zoo.evaluate: a model beside its baseline, metric by metric."""

import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from absl import flags

from zoo import cli, runs
from zoo.data import names
from zoo.files import atomic
from zoo.models import flags as model_flags
from zoo.models import parsers
from zoo.runs import precision

FLAGS = flags.FLAGS


def main() -> None:
    started = time.time()
    changed = _check()
    cli.start_tensorflow()
    from zoo.data import labels, sources
    from zoo.evaluation.evaluate import evaluate, table

    config = runs.read_config(FLAGS.run)
    model = runs.load(FLAGS.run, FLAGS.precision, **changed)
    name = FLAGS.dataset or config["data"]["dataset"]
    data_dir = FLAGS.data_dir or config["data"].get("data_dir")
    source = labels.as_in(
        sources.load(name, FLAGS.split, data_dir, model.channels), model.class_names
    )
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
    if FLAGS.curves:
        from zoo.evaluation import curves

        curves.draw(model, source, Path(FLAGS.curves), FLAGS.limit)
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
        runs.write_json(Path(FLAGS.json), report)


def _check() -> dict[str, Any]:
    """What the flags change of a trained model; raises UserError where they or files do not do."""
    runs.check(FLAGS.run)
    config = runs.read_config(FLAGS.run)
    changed = model_flags.given_after_training(config["model"], config["config"])
    if FLAGS.curves:
        runs.require(FLAGS.run, "Detector", "has no --curves, for it finds no defects")
    if FLAGS.samples:
        runs.check(FLAGS.samples)
    names.check(FLAGS.dataset or config["data"]["dataset"])
    for file in filter(None, (FLAGS.json, FLAGS.confusion, FLAGS.curves)):
        atomic.require_folder(Path(file).parent)
    return changed


def _further(model, source, data: dict) -> Iterator[dict[str, dict]]:
    """The tables beyond the model's own metrics that were asked for."""
    if FLAGS.disentanglement:
        from zoo.evaluation.disentanglement import evaluate_disentanglement

        yield evaluate_disentanglement(model, source, FLAGS.seed)
    if source.tells_defects and "detect" in model.signatures():
        from zoo.evaluation.defects import evaluate_defects

        yield evaluate_defects(model, source, FLAGS.limit)
    if FLAGS.foreign:
        from zoo.data import foreign
        from zoo.evaluation.anomaly import evaluate_anomaly

        pair = foreign.pair(source, FLAGS.foreign, "", FLAGS.data_dir, model.channels)
        yield evaluate_anomaly(model, *pair, FLAGS.seed, FLAGS.limit)
    if FLAGS.samples:
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
    text = (
        "Also tell foreign images apart: a data set, label:3 for a class, or these ones changed: "
    )
    text += "invert, rotate, gray, constant, noise."
    flags.DEFINE_string("foreign", None, text)
    text = "Also judge samples by the features of this classifier, a run or preset."
    flags.DEFINE_string("samples", None, text)
    text = "Of the network: auto is bfloat16 where the CPU has it and a preset's card allows it."
    flags.DEFINE_enum("precision", "float32", precision.CHOICES, text)
    flags.DEFINE_string("confusion", None, "Also draw which class is taken for which, as a PNG.")
    flags.DEFINE_string("curves", None, "Also draw how well defects are found, as a PNG.")
    flags.DEFINE_string("json", None, "Also write the table to this file.")
    for name, argument in model_flags.after_training().items():
        parsers.define(name, argument, None)
        flags.declare_key_flag(name)


def console() -> None:
    define_flags()
    cli.run(main)


class _Callable(types.ModuleType):
    """This module, where somebody imported it: it then stands in the place of `zoo.evaluate`."""

    def __call__(self, *arguments, **settings):
        from zoo.evaluation import in_python

        return in_python.evaluate(*arguments, **settings)


sys.modules[__name__].__class__ = _Callable


if __name__ == "__main__":
    console()
