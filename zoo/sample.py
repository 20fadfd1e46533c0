"""python -m zoo.sample: pictures that a model makes up.

    python -m zoo.sample --run=vae_mnist --output_dir=out --traverse --interpolate=a.png,b.png
    python -m zoo.sample --run=autoencoder_mnist --output_dir=out --sampler=mixture

samples.png every time, and what else is asked for: interpolation.png and .gif, traversal.png
and .gif, map.png. Everything is made before anything is written.
"""

import functools
import math
from pathlib import Path

import numpy as np
from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.files import atomic

FLAGS = flags.FLAGS


def main() -> None:
    from zoo import runs
    from zoo.latents import encoding, pictures
    from zoo.pictures import panels

    atomic.require_folder(Path(FLAGS.output_dir))
    model = runs.load(FLAGS.run)
    _check(model)
    made = {}
    if FLAGS.interpolate:
        first, second = (encoding.read(path, model) for path in FLAGS.interpolate)
        made |= pictures.interpolation(model, first, second, FLAGS.steps)
    if FLAGS.traverse:
        latents, shown = pictures.traversal(model, _center(model), *_spread(model))
        print(f"latents in the order of their rows: {', '.join(map(str, latents))}")
        made |= shown
    if FLAGS.map:
        made |= pictures.plane(model, *_spread(model))
    made |= pictures.samples(_drawn(model))

    paths = {Path(FLAGS.output_dir, name): content for name, content in made.items()}
    for file in map(Path, filter(None, [*FLAGS.interpolate, FLAGS.image])):
        if file.resolve() in [path.resolve() for path in paths]:
            raise UserError(f"{file} is an input and would be overwritten; change --output_dir")
    Path(FLAGS.output_dir).mkdir(parents=True, exist_ok=True)
    for path, content in paths.items():
        (panels.save_gif if path.suffix == ".gif" else panels.save)(path, content)
        print(path)


def _check(model) -> None:
    """Raises UserError where the model cannot do what the flags say."""
    from zoo.latents import encoding

    encoding.require(model, f"{FLAGS.run} has no decoder to sample from")
    latents = math.prod(model.latent_shape)
    if FLAGS.map and latents != 2:
        raise UserError(f"--map needs 2 latents, and {FLAGS.run} has {latents}")
    if len(FLAGS.interpolate) not in (0, 2):
        raise UserError(
            f"--interpolate={','.join(FLAGS.interpolate)}: give two images, a.png,b.png"
        )
    if FLAGS.image and not FLAGS.traverse:
        raise UserError("--image goes with --traverse")


def _drawn(model) -> np.ndarray:
    """What the sampler draws, [count, h, w, c]."""
    from zoo.latents import sampling

    if FLAGS.sampler == "prior":
        return sampling.prior_samples(model, FLAGS.count, FLAGS.temperature, FLAGS.seed)
    codes = _training_codes(model)
    return sampling.mixture_samples(
        model, codes, FLAGS.count, FLAGS.components, FLAGS.temperature, FLAGS.seed
    )


def _center(model) -> np.ndarray:
    """The image around which latents are moved, [h, w, c]."""
    from zoo.data import pipeline
    from zoo.latents import encoding

    if FLAGS.image:
        return encoding.read(FLAGS.image, model)
    return pipeline.sample_images(_training_images(model), model, 1)[0]


def _spread(model) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the prior, or where there is none, of the training codes."""
    from zoo.latents import encoding

    return encoding.spread(model, lambda: _training_codes(model))


@functools.cache  # several pictures ask, and it is opened once
def _training_images(model):
    from zoo.latents import encoding

    return encoding.training_images(FLAGS.run, model.channels, FLAGS.dataset, FLAGS.data_dir)


@functools.cache
def _training_codes(model) -> np.ndarray:
    from zoo.latents import encoding

    return encoding.encoded(model, _training_images(model))


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("output_dir", None, "Where the pictures go.", required=True)
    flags.DEFINE_integer("count", 64, "Samples.", 1, 10_000)
    flags.DEFINE_float("temperature", 1, "Scales the noise of the samples.", lower_bound=0)
    flags.DEFINE_integer("seed", 0, "Of the samples.", 0, 2**32 - 1)
    flags.DEFINE_enum(
        "sampler",
        "prior",
        ["prior", "mixture"],
        "Where latents are drawn: from the prior, or from a Gaussian mixture fitted to the "
        "codes of at most 20,000 training images.",
    )
    flags.DEFINE_integer("components", 50, "Of the mixture.", lower_bound=1)
    flags.DEFINE_list("interpolate", [], "Two images, a.png,b.png: also the way between them.")
    flags.DEFINE_integer("steps", 10, "Images on that way.", 2, 100)
    flags.DEFINE_bool("traverse", False, "Also every latent by itself, moved around an image.")
    flags.DEFINE_string("image", None, "That image; default: the first training image.")
    flags.DEFINE_bool("map", False, "Also the whole plane of a model with two latents.")
    flags.DEFINE_string("dataset", None, "Training images (as in train.py); default: the run's.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
