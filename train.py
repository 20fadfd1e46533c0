"""Trains a model of the zoo.

    python train.py --model=denoising --dataset=photos --noise_stddev=25 --output_dir=runs/first

The same --output_dir again goes on where the run was stopped. Recipes are flagfiles:
--flagfile=runs/first/train.flags --epochs=20. --model=help lists the models, and
--model=NAME --help the flags of one.
"""

import sys
from pathlib import Path
from typing import Any

from absl import flags

from zoo import cli, runs
from zoo.cli import UserError
from zoo.data import names
from zoo.files import atomic
from zoo.models import flags as model_flags
from zoo.models import parsers
from zoo.runs import precision
from zoo.training import recipe as recipes

FLAGS = flags.FLAGS
# Where and beside whom a run takes place is no part of its recipe.
OF_THE_PLACE = ["data_dir", "output_dir", "strategy", "devices", "resolver", "worker_timeout"]
OF_THE_PLACE += ["sigterm_status", *recipes.OF_THE_PLACE]


def main() -> None:
    if FLAGS.model == "help":
        print(model_flags.list_models())
        return
    recipe = recipes.Recipe(**{name: FLAGS[name].value for name in recipes.arguments()})
    arguments = model_flags.given_to(FLAGS.model)
    _check(recipe, arguments)
    cli.start_tensorflow()
    import keras
    import tensorflow as tf

    from zoo.distributed import strategy, workers
    from zoo.training.train import train

    if FLAGS.deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.mixed_precision.set_dtype_policy(precision.policy(FLAGS.precision))
    # Before anything else starts TensorFlow, which fixes the number of logical CPUs.
    with (
        strategy.entered(FLAGS.strategy, FLAGS.devices, FLAGS.resolver, FLAGS.worker_timeout),
        workers.chief_speaks(),
    ):
        images, validation = _data(arguments.get("channels", 0))
        model = train(
            FLAGS.model,
            images,
            validation,
            FLAGS.output_dir,
            recipe,
            start_from=FLAGS.start_from,
            data_dir=FLAGS.data_dir,
            flagfile=_flagfile(),
            **arguments,
        )
    if not model:
        sys.exit(FLAGS.sigterm_status)


def _check(recipe: recipes.Recipe, arguments: dict[str, Any]) -> None:
    """Raises UserError where a run, a folder or a flag does not do, as far as files can tell."""
    if not FLAGS.output_dir:
        raise UserError("--output_dir is missing; name the folder of this run")
    from_runs = model_flags.from_runs(FLAGS.model, arguments)
    for run in filter(None, (FLAGS.start_from, *from_runs.values())):
        runs.check(run)
    names.check(FLAGS.dataset)
    atomic.require_folder(Path(FLAGS.output_dir))
    own = {name: value for name, value in arguments.items() if name not in from_runs}
    ours = {"model": FLAGS.model, "config": own, "recipe": recipe.kept()}
    runs.refuse_another(Path(FLAGS.output_dir), ours | {"data": {"dataset": FLAGS.dataset}})


def _data(channels: int) -> tuple["Source", "Source"]:  # noqa: F821
    """The training and the validation pictures."""
    from zoo.data import labels, sources

    train, validation = sources.training_splits(FLAGS.dataset, FLAGS.data_dir)
    train, validation = FLAGS.split or train, FLAGS.validation_split or validation
    images = sources.load(FLAGS.dataset, train, FLAGS.data_dir, channels, repeat=True)
    validation = sources.load(FLAGS.dataset, validation, FLAGS.data_dir, channels)
    if FLAGS.without_label is not None:
        images, validation = (labels.without(s, FLAGS.without_label) for s in (images, validation))
    if FLAGS.label_fraction is not None or FLAGS.labels_per_class is not None:
        per_class, fraction = FLAGS.labels_per_class, FLAGS.label_fraction
        images = labels.few(images, per_class, fraction, FLAGS.label_seed)
    return images, validation


def _flagfile() -> str:
    """This training as a flagfile; where it was run is left out."""
    key_flags = FLAGS.get_key_flags_for_module(sys.modules[__name__])
    told = [f for f in key_flags if f.value is not None and f.name not in OF_THE_PLACE]
    return "\n".join(sorted(flag.serialize() for flag in told)) + "\n"


def define_flags(model: str | None) -> None:
    """Declares every flag, without importing TensorFlow; the help has those of `model` alone."""
    text, integer, choice = flags.DEFINE_string, flags.DEFINE_integer, flags.DEFINE_enum
    text(
        "dataset",
        "digits",
        "folder:PATH, digits, photos, sprites, chairs, a TFDS name; or several: 3*digits,mnist.",
    )
    text("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    text("split", "", "Training split, such as train[:90%]; default: all but what is held out.")
    text("validation_split", "", "Default: validation if there is one, else the last 5 % of train.")
    integer("labels_per_class", None, "Train on so many images of each class.", lower_bound=1)
    flags.DEFINE_float("label_fraction", None, "Train on this share of each class.")
    integer("label_seed", 0, "Of that choice.", lower_bound=0)
    integer("without_label", None, "Leave the images of this class out.", lower_bound=0)
    text("start_from", None, "Run or preset whose weights to begin with, where they fit.")
    text("output_dir", None, "The run's folder; the same again goes on where it stopped.")
    text_of_it = "Of the arithmetic; weights stay float32. auto: bfloat16 on a CPU that has it."
    choice("precision", "float32", precision.CHOICES, text_of_it)
    flags.DEFINE_bool("deterministic", False, "The same seed gives the same weights, bit for bit.")
    integer("sigterm_status", 0, "Exit status of a run that SIGTERM has stopped.", 0, 255)
    choice(
        "strategy",
        "auto",
        ["auto", "mirrored", "multi_worker", "none"],
        "mirrored: over --devices; multi_worker: with the workers that --resolver finds; none; "
        "auto: multi_worker where TF_CONFIG is set, else mirrored over all GPUs, or the CPU.",
    )
    flags.DEFINE_list("devices", None, "For --strategy=mirrored: GPU:0,GPU:1 or CPU:0,CPU:1.")
    resolvers = ["tf_config", "slurm", "kubernetes"]
    choice("resolver", "tf_config", resolvers, "Who tells which workers there are.")
    timeout = "Seconds in which all workers must have come."
    flags.DEFINE_float("worker_timeout", 120, timeout, lower_bound=1)
    for name, argument in recipes.arguments().items():
        parsers.define(name, argument, argument.default)
    for name in ["model", *recipes.arguments(), *model_flags.define_models(model)]:
        flags.declare_key_flag(name)


def console() -> None:
    model = model_flags.chosen(sys.argv)
    define_flags(model)
    cli.run(main)


if __name__ == "__main__":
    console()
