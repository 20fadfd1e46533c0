"""Trains a model of the zoo.

    python train.py --model=denoising --dataset=photos --noise_stddev=25 --output_dir=runs/first

The same --output_dir again goes on where the run was stopped. Recipes are flagfiles:
--flagfile=runs/first/train.flags --epochs=20.
"""

import sys
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.models import flags as model_flags

FLAGS = flags.FLAGS
# Where and beside whom a run takes place is no part of its recipe.
OF_THE_PLACE = ["data_dir", "output_dir", "strategy", "devices", "resolver", "worker_timeout"]
OF_THE_PLACE += ["sigterm_status", "data_service", "profile"]


def main() -> None:
    import tensorflow as tf

    from zoo.distributed import strategy, workers
    from zoo.models import registry
    from zoo.training import fit

    if FLAGS.model == "help":
        for name in registry.names():
            print(f"{name:<16}{registry.find(name).__doc__.splitlines()[0]}")
        return
    model_class = registry.find(FLAGS.model)
    if not FLAGS.output_dir:
        raise UserError("--output_dir is missing; name the folder of this run")
    recipe = fit.Recipe(**{name: FLAGS[name].value for name in fit.Recipe.__dataclass_fields__})
    if FLAGS.deterministic:
        tf.config.experimental.enable_op_determinism()
    # Before anything else starts TensorFlow, which fixes the number of logical CPUs.
    with (
        strategy.entered(FLAGS.strategy, FLAGS.devices, FLAGS.resolver, FLAGS.worker_timeout),
        workers.chief_speaks(),
    ):
        finished = _train(model_class, recipe)
    if not finished:
        sys.exit(FLAGS.sigterm_status)


def _train(model_class: type, recipe: "fit.Recipe") -> bool:  # noqa: F821
    """Makes the model and trains it; returns whether it came to its end."""
    import keras

    from zoo import runs
    from zoo.files import weights
    from zoo.training import fit, lock

    arguments = model_flags.given(model_flags.TRAINED | model_flags.STRENGTHS)
    data, train, validation = _data(model_class, arguments)
    keras.utils.set_random_seed(FLAGS.seed)
    keras.mixed_precision.set_dtype_policy(FLAGS.precision)
    model = runs.create(FLAGS.model, **arguments)
    fit.check(model, train, recipe)  # may refuse, before there is a folder
    run = Path(FLAGS.output_dir)
    if FLAGS.start_from:
        fitting = weights.assign_matching(model, runs.best_weights(FLAGS.start_from))
        print(f"{fitting} of {len(model.weights)} arrays begin as in {FLAGS.start_from}")
    with lock.held(run):
        runs.start(run, model, data, _recipe())
        print(
            f"{FLAGS.model}, {model.count_params():,} parameters, on {train.size:,} images of "
            f"{FLAGS.dataset}; batch {recipe.batch_size}, {recipe.total_steps(train):,} steps"
        )
        finished = fit.fit(model, train, validation, run, recipe) is not None
    if train.broken:
        print(f"{len(train.broken)} of {train.size} files skipped", file=sys.stderr)
    if finished:
        print(f"{run}: best.npz, preview.png, metrics.json; tensorboard --logdir={run / 'logs'}")
    return finished


def _recipe() -> str:
    """This training as a flagfile; where it was run is left out."""
    key_flags = FLAGS.get_key_flags_for_module(sys.modules[__name__])
    told = [f for f in key_flags if f.value is not None and f.name not in OF_THE_PLACE]
    return "\n".join(sorted(flag.serialize() for flag in told)) + "\n"


def _data(model_class: type, arguments: dict) -> tuple[dict, "Source", "Source"]:  # noqa: F821
    """Opens the data; adds to `arguments` what the data decide and no flag does."""
    from zoo.data import labels, source, sources

    splits = sources.training_splits(FLAGS.dataset, FLAGS.data_dir)
    splits = FLAGS.split or splits[0], FLAGS.validation_split or splits[1]
    train, validation = (
        sources.load(FLAGS.dataset, split, FLAGS.data_dir, arguments.get("channels", 0))
        for split in splits
    )
    takes = model_class.parameters()
    if "classes" in takes:
        train.require_labels()
        arguments["classes"] = len(train.class_names)
    if FLAGS.without_label is not None:
        train, validation = (labels.without(s, FLAGS.without_label) for s in (train, validation))
    if FLAGS.label_fraction is not None or FLAGS.labels_per_class is not None:
        per_class, fraction = FLAGS.labels_per_class, FLAGS.label_fraction
        train = labels.few(train, per_class, fraction, FLAGS.label_seed)
    if validation.size == 0:
        print("too few images to hold some out: validating on the training images", file=sys.stderr)
        validation = train
    arguments.setdefault("channels", train.image_shape[2])
    if "image_size" not in takes:
        sides = arguments.pop("image_size", None)
        train, validation = (source.resized(s, sides) for s in (train, validation))
    elif None not in train.image_shape:
        arguments.setdefault("image_size", list(train.image_shape[:2]))
    data = {"dataset": FLAGS.dataset, "data_dir": FLAGS.data_dir}
    return data | dict(zip(("split", "validation_split"), splits, strict=True)), train, validation


def define_flags() -> None:
    """Declares every flag, without importing TensorFlow."""
    text, integer, number, choice = (
        flags.DEFINE_string,
        flags.DEFINE_integer,
        flags.DEFINE_float,
        flags.DEFINE_enum,
    )
    text("model", None, "What to train; --model=help lists the models.", required=True)
    text("dataset", "digits", "folder:PATH, digits, photos, sprites, chairs, or a TFDS name.")
    text("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    text("split", "", "Training split, such as train[:90%]; default: all but what is held out.")
    text("validation_split", "", "Default: validation if there is one, else the last 5 % of train.")
    integer("labels_per_class", None, "Train on so many images of each class.", lower_bound=1)
    number("label_fraction", None, "Train on this share of each class.")
    integer("label_seed", 0, "Of that choice.", lower_bound=0)
    integer("without_label", None, "Leave the images of this class out.", lower_bound=0)
    text("start_from", None, "Run or preset whose weights to begin with, where they fit.")
    text("output_dir", None, "The run's folder; the same again goes on where it stopped.")

    number("epochs", 10, "Passes over the training images.", lower_bound=0)
    integer("steps", None, "Training steps; overrides --epochs.", lower_bound=1)
    text_of_execution = "Steps between two looks at the run, which is faster for small networks."
    integer("steps_per_execution", 1, text_of_execution, lower_bound=1)
    integer("batch_size", 32, "Images a step, over all replicas.", lower_bound=1)
    integer("micro_batches", 1, "Parts in which a batch is worked through, for memory.", 1)
    integer(
        "crop_size",
        None,
        "Side of random training crops; default: 64 where images differ in size or exceed 128.",
    )
    parser, serializer = model_flags.RANGE
    text_of_shrink = "Reduce pictures by a factor between these before the crop: 2, or 1,2."
    flags.DEFINE(parser, "shrink", 1.0, text_of_shrink, serializer=serializer)
    choice(
        "augment",
        None,
        ["none", "shift", "flip", "dihedral", "color"],
        "Default: dihedral with crops, else none.",
    )
    losses = ["mse", "mae", "charbonnier", "log_mse", "mae_luma", "mae_ssim", "mae_multiscale"]
    choice("loss", None, losses, "Default: the model's own.")
    number("learning_rate", 1e-3, "At its peak, after the warm-up.", lower_bound=0)
    text_of_scaling = "How it grows with batch_size / reference_batch."
    choice("learning_rate_scaling", "none", ["none", "linear", "sqrt"], text_of_scaling)
    integer("reference_batch", 32, "The batch that --learning_rate is meant for.", lower_bound=1)
    integer("warmup_steps", 100, "Linear warm-up; a cosine to zero follows.", lower_bound=0)
    number("weight_decay", 0, "Decoupled, of all but biases.", lower_bound=0)
    number("ema", 0, "Momentum of averaged weights, such as 0.999; 0 is off.", 0, 0.99999)
    number("clip_norm", None, "Clip the gradients' global norm to this.", lower_bound=0)
    integer("seed", 0, "Of weights, order, crops and noise.", lower_bound=0)
    precisions = ["float32", "mixed_float16", "mixed_bfloat16"]
    choice("precision", "float32", precisions, "Of the arithmetic; weights stay float32.")

    integer("validate_every", None, "Steps; default: an epoch, at least 200.", lower_bound=1)
    integer("validation_limit", 1000, "Images for each validation.", lower_bound=1)
    integer("checkpoint_every", 500, "Steps between checkpoints.", lower_bound=1)
    number("checkpoint_minutes", 10, "Minutes between checkpoints, at most.", lower_bound=0)
    integer("patience", 0, "Stop after so many validations without gain; 0 is never.", 0)
    integer("sigterm_status", 0, "Exit status of a run that SIGTERM has stopped.", 0, 255)
    text("data_service", "", "HOST:PORT of a tf.data service's dispatcher that makes the batches.")
    integer("profile", 0, "Profile so many steps for TensorBoard; 0 is none.", lower_bound=0)
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
    number("worker_timeout", 120, "Seconds in which all workers must have come.", lower_bound=1)
    flags.DEFINE_bool("deterministic", False, "The same seed gives the same weights, bit for bit.")
    model_flags.define(model_flags.TRAINED | model_flags.STRENGTHS)
    flags.adopt_module_key_flags(model_flags)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
