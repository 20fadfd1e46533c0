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
    from zoo import runs

    return runs.create(name, **arguments)


def load(run: str, **overrides) -> "Model":
    """Returns the trained model of a run's folder.

    Args:
      run: the `--output_dir` of a training.
      **overrides: constructor arguments to change, where the weights stay valid
        (`noise_stddev=25` evaluates a blind denoiser at one strength).

    Raises:
      UserError: where the folder holds no run, or its weights are damaged.
    """
    from zoo import runs

    return runs.load(run, **overrides)


def chain(runs: "Sequence[str | Model]") -> "Chain":
    """Returns models in a row, each of which restores what the one before it gives.

    `chain(["deblock", "sr_x2"]).restore(photo)` takes and gives what a model's `restore` does.

    Args:
      runs: models, or what `load` takes.

    Raises:
      UserError: where one does not restore, or is for gray pictures and comes after color.
    """
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
    from zoo import presets, runs

    return runs.load(presets.find(name), **overrides)
