"""python -m export: a run's folder becomes SavedModel and LiteRT files that agree with it.

    python -m export --run=runs/first --output_dir=artifacts

Writes serving/NAME/VERSION (the next export is the next version), tflite/NAME_FORMAT.tflite,
signatures.json, report.json and README.md. All of it is made and checked beside, and moved
into place only where every format agrees with Keras.
"""

import os
import shutil
import tempfile
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS


def main() -> None:
    from export import artifacts, readme, real_images
    from zoo import runs

    config = runs.read_config(FLAGS.run)
    formats = _formats(artifacts.FORMATS)
    model = runs.load(FLAGS.run)
    if FLAGS.tile % model.stride:
        raise UserError(f"--tile={FLAGS.tile} must be a multiple of the model's {model.stride}")
    counts = FLAGS.calibration, FLAGS.report_images
    images = real_images.load(
        model, config["data"], FLAGS.tile, *counts, FLAGS.dataset, FLAGS.data_dir
    )
    name = Path(FLAGS.run).resolve().name
    output = Path(FLAGS.output_dir)
    version = _next_version(output / "serving" / name)
    output.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".export-", dir=output))
    try:
        with cli.quiet_tensorflow():
            report = artifacts.write(model, beside, name, version, images, FLAGS.tile, formats)
        print(readme.table(report))
        failed = sorted({a["format"] for a in report["artifacts"] if not a["passed"]})
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
    print(f"{output}: {', '.join(a['path'] for a in report['artifacts'])}, README.md, report.json")


def _formats(known: tuple[str, ...]) -> list[str]:
    unknown = [name for name in FLAGS.formats if name not in known]
    if unknown:
        raise UserError(f"unknown --formats={','.join(unknown)}; choose from {','.join(known)}")
    return FLAGS.formats or list(known)


def _next_version(folder: Path) -> int:
    versions = [int(p.name) for p in folder.glob("*") if p.name.isdigit()]
    return max(versions, default=0) + 1


def _publish(beside: Path, output: Path) -> None:
    """Renames each artifact into place; the folder that a server watches for comes last."""
    files = [*beside.glob("tflite/*"), *beside.glob("*.json"), beside / "README.md"]
    for path in [*files, *beside.glob("serving/*/*")]:
        target = output / path.relative_to(beside)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("output_dir", "artifacts", "Where the artifacts go.")
    text = "Some of saved_model,float32,float16,dynamic_int8,int8; default: all."
    flags.DEFINE_list("formats", [], text)
    flags.DEFINE_string("dataset", None, "Real images to compare with; default: the run's own.")
    text = "Training images on which int8 is calibrated."
    flags.DEFINE_integer("calibration", 100, text, lower_bound=1)
    text = "Validation images on which the formats are judged by the model's metric."
    flags.DEFINE_integer("report_images", 20, text, lower_bound=1)
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    flags.DEFINE_integer("tile", 128, "Side of LiteRT's input where the model takes any size.", 1)
    flags.DEFINE_bool("serving_bundle", False, "Also write what a server of all models needs.")


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
