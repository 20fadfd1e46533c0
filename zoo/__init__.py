"""A zoo of autoencoders: train, evaluate, restore, export.

>>> import zoo
>>> "denoising" in zoo.list_models()
True
>>> model = zoo.create("denoising", channels=1, width=8, noise_stddev=25)
>>> import numpy as np
>>> model.restore(np.zeros([30, 21, 1], "uint8")).shape
(30, 21, 1)

TensorFlow is imported by the first call, not by `import zoo`, so that every command
answers `--help` at once.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.models.base import Model
    from zoo.restoration.chain import Chain

__version__ = "0.1.0"


def list_models() -> list[str]:
    """Returns the names that `create` takes."""
    from zoo.models import registry

    return registry.names()


def create(name: str, **arguments) -> "Model":
    """Returns a new, built model.

    Args:
      name: one of `list_models()`.
      **arguments: constructor arguments of that model; where it takes another's model, a run's
        folder or a preset's name.

    Raises:
      UserError: for an unknown name, or an argument that the model does not take.

    >>> create("autoencoder", channels=1, image_size=8, latent_dim=4).count_params() > 0
    True
    """
    _start()
    from zoo import runs

    return runs.create(name, **arguments)


def load(run: str, **overrides) -> "Model":
    """Returns the trained model of a run's folder.

    Args:
      run: the `--output_dir` of a training.
      **overrides: constructor arguments to change, where the weights stay valid
        (`noise_stddev=25` evaluates a blind denoiser at one strength); and `precision`, such as
        auto: bfloat16 where the CPU has it and a preset's card allows it.

    Raises:
      UserError: where the folder holds no run, or its weights are damaged.
    """
    _start()
    from zoo import runs

    return runs.load(run, **overrides)


def train(name: str, images, **settings) -> "Model":
    """Trains a new model, and returns it with its best weights.

    `train("denoising", photos, noise_stddev=(0, 55), minutes=5)`. The run's folder is kept, as
    train.py keeps it, and a call with the same `output_dir` goes on where one was stopped.

    Args:
      name: one of `list_models()`.
      images: [n, h, w] or [n, h, w, c]; a list of pictures, of any sizes, as arrays, paths or
        Pillow's; a tf.data set of pictures, (picture, label) pairs or dicts with "image"; a
        folder; or what train.py's --dataset takes. One in 20 is held out.
      **settings: `labels`, whole numbers [n]; `validation`, pictures to hold out instead;
        `output_dir`, by default the next runs/NAME-1; `start_from`, a run or preset;
        `precision`, float32, mixed_bfloat16 or auto; and by their names the flags of train.py,
        such as `minutes`, `steps`, `batch_size`, `learning_rate`, and the model's arguments.

    Raises:
      UserError: what does not fit together, in one line.
    """
    _start()
    from zoo.training import in_python

    return in_python.train(name, images, **settings)


def evaluate(model: "Model | str", images, **settings) -> dict:
    """Judges a model beside its baseline: a dict of metrics that prints as a table.

    `evaluate(model, "folder:set14", noise_stddev=25)`

    Args:
      model: a model, a run's folder or a preset's name.
      images: as in `train`.
      **settings: `labels`; `split`, `limit`, `seed`, `peers` and `crop_size` as the flags of
        `python -m zoo.evaluate`; and what may change in a trained model.

    Raises:
      UserError: what does not fit together, in one line.
    """
    _start()
    from zoo.evaluation import in_python

    return in_python.evaluate(model, images, **settings)


def export(model: "Model", output_dir: str = "artifacts", **settings) -> dict:
    """Writes SavedModel and LiteRT files that agree with a model; returns the report.

    `export(model, "artifacts", formats=["float16"])`

    Args:
      model: any model of the zoo.
      output_dir: gets what `python -m export` writes.
      **settings: `formats`, some of saved_model, float32, float16, dynamic_int8, int8;
        `images`, as in `train`, to calibrate on and compare with, by default embedded
        photographs; `name` of the artifacts; `tile`, `calibration`, `report_images`.

    Raises:
      UserError: where a format does not agree.
    """
    _start()
    from export import in_python

    return in_python.export(model, output_dir, **settings)


def chain(runs: "Sequence[str | Model]") -> "Chain":
    """Returns models in a row, each of which restores what the one before it gives.

    `chain(["deblock", "sr_x2"]).restore(photo)` takes and gives what a model's `restore` does.

    Args:
      runs: models, or what `load` takes.

    Raises:
      UserError: where one does not restore, or is for gray pictures and comes after color.
    """
    _start()
    from zoo.restoration.chain import Chain

    models = [load(run) if isinstance(run, str) else run for run in runs]
    return Chain(models, [run if isinstance(run, str) else run.registered_name for run in runs])


def list_presets() -> list[str]:
    """Returns the names of the trained models that come with the zoo."""
    from zoo import presets

    return presets.names()


def from_preset(name: str, **overrides) -> "Model":
    """Returns a trained model that comes with the zoo.

    Args:
      name: one of `list_presets()`.
      **overrides: as in `load`.

    Raises:
      UserError: for an unknown name, or weights that are not the published ones.
    """
    _start()
    from zoo import presets, runs

    return runs.load(presets.find(name), **overrides)


def _start() -> None:
    """TensorFlow's first import, without the lines that it would print in a notebook."""
    import sys

    if "tensorflow" not in sys.modules:
        from zoo import cli

        with cli.quiet_tensorflow():
            import tensorflow as tf

            tf.config.list_physical_devices()
