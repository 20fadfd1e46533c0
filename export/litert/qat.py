"""Quantization-aware fine-tuning: a few more steps, while layers compute as if in 8 bits.

For models that lose more by 8 bits than a better calibration could give back.
"""

import dataclasses
import tempfile
from pathlib import Path
from typing import NamedTuple

from export.litert import fake_quant
from zoo import runs
from zoo.cli import UserError
from zoo.data.source import Source
from zoo.files import weights
from zoo.models.base import Model
from zoo.training import fit
from zoo.training.recipe import Recipe

LEARNING_RATE = 0.1  # of the run's own peak: the weights are good already


class Finetuned(NamedTuple):
    """A model with weights made for 8 bits, and how many steps that took."""

    model: Model
    steps: int


def finetuned(run: str, train: Source, validation: Source, steps: int) -> Finetuned:
    """The run's model with weights that lose less by 8 bits.

    Trains by the run's own recipe, at a tenth of its learning rate, and keeps what was best on
    the validation images in simulated 8 bits.

    Args:
      run: a run's folder, or a preset's name; stays as it is.
      train: its training images.
      validation: its validation images.
      steps: how many.

    Raises:
      UserError: where SIGTERM asks for an end.
    """
    simulated = runs.load(run)
    fake_quant.simulate(simulated)
    simulated.is_trained = True
    own = recipe(run)
    ours = dataclasses.replace(
        own,
        steps=steps,
        learning_rate=LEARNING_RATE * own.learning_rate,
        warmup_steps=min(own.warmup_steps, steps // 10),
        validate_every=max(1, steps // 4),
        checkpoint_every=steps,
        ema=0.0,  # would still hold much of the start
        patience=0,
    )
    model = runs.load(run)
    with tempfile.TemporaryDirectory() as folder:
        if fit.fit(simulated, train, validation, Path(folder), ours) is None:
            raise UserError("stopped by SIGTERM while fine-tuning; nothing was exported")
        weights.assign(model, weights.load(Path(folder) / "best.npz"))
    return Finetuned(model, steps)


def recipe(run: str) -> Recipe:
    """How a run was trained; raises UserError where it does not say."""
    kept = runs.read_config(run).get("recipe")
    if not kept:
        raise UserError(f"the config.json of {run} holds no recipe to go on by; train it again")
    return Recipe(**kept)
