"""Trains one epoch on one replica, then on two, and prints both losses as JSON.

A program of its own, since TensorFlow numbers collective operations once for a process.
"""

import json
import sys
from pathlib import Path

import keras

from zoo import registry
from zoo.data import sources
from zoo.training import fit, strategy


def main(name: str, folder: str) -> None:
    two = strategy.make("mirrored", ["CPU:0", "CPU:1"])
    losses = [
        final_loss(name, Path(folder, "one"), strategy.make("none")),
        final_loss(name, Path(folder, "two"), two),
    ]
    print(json.dumps(losses))


def final_loss(name: str, run: Path, devices) -> float:
    """The epoch's mean training loss."""
    keras.utils.set_random_seed(0)
    digits = sources.load("digits", "train[:640]")
    with devices.scope():
        model = registry.create(name, channels=1, **registry.find(name).tiny)
        fit.fit(model, digits, digits, run, fit.Recipe(epochs=1, batch_size=64, warmup_steps=0))
    return json.loads((run / "metrics.json").read_text())["validations"][-1]["loss"]


if __name__ == "__main__":
    main(*sys.argv[1:])
