"""Trains one epoch on one replica, then on two, and prints both validations as JSON.

A program of its own, since TensorFlow numbers collective operations once for a process.
"""

import json
import sys
from pathlib import Path

import keras

from tests.models.tiny import small_images, tiny_model
from zoo.distributed import strategy
from zoo.training import fit


def main(name: str, folder: str) -> None:
    two = strategy.make("mirrored", ["CPU:0", "CPU:1"])
    validations = [
        trained(name, Path(folder, "one"), strategy.make("none")),
        trained(name, Path(folder, "two"), two),
    ]
    print(json.dumps(validations))


def trained(name: str, run: Path, devices) -> dict:
    """The last validation, with the epoch's mean training loss."""
    keras.utils.set_random_seed(0)
    with devices.scope():
        model = tiny_model(name)
        # Six batches of an evaluation, and a part of one that must not be dropped.
        digits = small_images(model.channels, 640)
        fit.fit(model, digits, digits, run, fit.Recipe(epochs=1, batch_size=64, warmup_steps=0))
    return json.loads((run / "metrics.json").read_text())["validations"][-1]


if __name__ == "__main__":
    main(*sys.argv[1:])
