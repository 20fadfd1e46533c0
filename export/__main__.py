"""python -m export: a run's folder becomes SavedModel and LiteRT files that agree with it.

    python -m export --run=runs/first --output_dir=artifacts

Writes serving/NAME/VERSION (the next export is the next version), tflite/NAME_FORMAT.tflite,
signatures.json, report.json and README.md. All of it is made and checked beside, and moved
into place only where every format agrees with Keras.
"""

from pathlib import Path

from absl import flags

from export.kinds import known
from export.web import page_folder
from zoo import cli, runs
from zoo.cli import UserError
from zoo.data import names
from zoo.files import atomic

FLAGS = flags.FLAGS


def main() -> None:
    kinds = known(FLAGS.formats)
    output = Path(FLAGS.output_dir)
    called = [Path(run).resolve().name for run in FLAGS.run]
    if len(set(called)) < len(called):
        raise UserError(f"--run={','.join(FLAGS.run)}: each needs a folder of another name")
    for run in FLAGS.run:
        runs.check(run)
    if FLAGS.dataset:
        names.check(FLAGS.dataset)
    atomic.require_folder(output)
    if FLAGS.web:
        page_folder.check(kinds)
    cli.start_tensorflow()
    folders = {
        run: output / name if len(called) > 1 else output
        for run, name in zip(FLAGS.run, called, strict=True)
    }
    for run, folder in folders.items():
        _export(run, folder, kinds)
    if FLAGS.web:
        print(f"{page_folder.write(output, folders, FLAGS.dataset, FLAGS.data_dir)}: the web page")
    if FLAGS.serving_bundle:
        from export.serving import bundle

        print(f"{bundle.write(output)}: docker-compose.yml, kubernetes.yaml")
        print(f"python -m export.release --artifacts={output}: what it serves becomes the newest")


def _export(run: str, output: Path, kinds: list[str]) -> None:
    from export import in_python
    from export.litert import qat
    from export.parity import real_images

    config = runs.read_config(run)
    model = runs.load(run)
    tile = in_python.side_of(model, FLAGS.tile)
    data = real_images.open_sources(model, config["data"], FLAGS.dataset, FLAGS.data_dir)
    images = real_images.of(model, *data, tile, FLAGS.calibration, FLAGS.report_images)
    for_int8 = qat.finetuned(run, *data, FLAGS.qat_steps) if FLAGS.qat_steps else None
    in_python.made(model, output, Path(run).resolve().name, kinds, images, tile, for_int8)


def define_flags() -> None:
    text = "A run's folder or a preset's name; several, by commas, go into a folder each."
    flags.DEFINE_list("run", None, text, required=True)
    flags.DEFINE_string("output_dir", "artifacts", "Where the artifacts go.")
    text = "Some of saved_model,float32,float16,dynamic_int8,int8; default: all."
    flags.DEFINE_list("formats", [], text)
    flags.DEFINE_string("dataset", None, "Real images to compare with; default: the run's own.")
    text = "Training images on which int8 is calibrated."
    flags.DEFINE_integer("calibration", 100, text, lower_bound=1)
    text = "Fine-tune for int8 by so many steps, with layers that compute as if in 8 bits."
    flags.DEFINE_integer("qat_steps", 0, text, lower_bound=0)
    text = "Validation images on which the formats are judged by the model's metric."
    flags.DEFINE_integer("report_images", 20, text, lower_bound=1)
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    text = (
        "Side of LiteRT's input where the model takes any; default: 128, or 256 for wide overlaps."
    )
    flags.DEFINE_integer("tile", None, text, lower_bound=1)
    flags.DEFINE_bool("web", False, "Also write a web page that runs the LiteRT files.")
    flags.DEFINE_bool("serving_bundle", False, "Also write what a server of all models needs.")


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
