"""python -m export: a run's folder becomes SavedModel and LiteRT files that agree with it.

    python -m export --run=runs/first --output_dir=artifacts

Writes serving/NAME/VERSION (the next export is the next version), tflite/NAME_float32.tflite,
signatures.json and report.json. All of it is made and checked beside, and moved into place
only where every format agrees with Keras.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS


def main() -> None:
    from export import artifacts
    from zoo import runs

    config = runs.read_config(FLAGS.run)
    model = runs.load(FLAGS.run)
    if FLAGS.tile % model.stride:
        raise UserError(f"--tile={FLAGS.tile} must be a multiple of the model's {model.stride}")
    inputs = _real_inputs(model, config["data"])
    name = Path(FLAGS.run).resolve().name
    output = Path(FLAGS.output_dir)
    version = _next_version(output / "serving" / name)
    output.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".export-", dir=output))
    try:
        with cli.quiet_tensorflow():
            report = artifacts.write(model, beside, name, version, inputs, FLAGS.tile)
        print(artifacts.table(report))
        failed = [a["format"] for a in report["artifacts"] if not a["passed"]]
        if failed:
            raise UserError(
                f"{' and '.join(failed)} is not within its tolerance of Keras, or needs custom "
                "operators; nothing was exported"
            )
        _publish(beside, output)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    if FLAGS.serving_bundle:
        from export import serving_bundle

        print(f"{serving_bundle.write(output)}: docker-compose.yml, kubernetes.yaml")
    print(f"{output}: {', '.join(a['path'] for a in report['artifacts'])}, report.json")


def _real_inputs(model, data: dict, count: int = 4):
    """A few inputs of the run's own data, or of --dataset, of one size that suits LiteRT."""
    from zoo.data import pipeline, source, sources

    name = FLAGS.dataset or data["dataset"]
    try:
        data_set = sources.load(name, "", FLAGS.data_dir or data.get("data_dir"), model.channels)
    except UserError as error:
        if FLAGS.dataset:
            raise
        print(f"compared on the embedded photographs, since {error}", file=sys.stderr)
        data_set = sources.load("photos", "test", None, model.channels)
    if model.image_size is None and any(
        side is None or side % model.stride for side in data_set.image_shape[:2]
    ):
        data_set = source.resized(data_set, FLAGS.tile)
    inputs, _ = next(iter(pipeline.eval_batches(data_set, model, count, limit=count)))
    return inputs


def _next_version(folder: Path) -> int:
    versions = [int(p.name) for p in folder.glob("*") if p.name.isdigit()]
    return max(versions, default=0) + 1


def _publish(beside: Path, output: Path) -> None:
    """Renames each artifact into place; the folder that a server watches for comes last."""
    version = next(beside.glob("serving/*/*"))
    for path in [*beside.glob("tflite/*"), *beside.glob("*.json"), version]:
        target = output / path.relative_to(beside)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("output_dir", "artifacts", "Where the artifacts go.")
    flags.DEFINE_string("dataset", None, "Real images for the comparison; default: the run's own.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    flags.DEFINE_integer("tile", 128, "Side of LiteRT's input where the model takes any size.", 1)
    flags.DEFINE_bool("serving_bundle", False, "Also write what a server of all models needs.")


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
