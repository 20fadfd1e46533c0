"""Trains one epoch on one replica, then on two, and prints both losses as JSON.

And the metrics of the second, evaluated by two replicas, and by one.

A program of its own, since TensorFlow numbers collective operations once for a process.
"""

import json
import sys
from pathlib import Path

import keras

from tests.models.tiny import small_images, tiny_model
from zoo import registry
from zoo.evaluate import evaluate
from zoo.models.base import Model
from zoo.training import fit, strategy


def main(name: str, folder: str) -> None:
    two = strategy.make("mirrored", ["CPU:0", "CPU:1"])
    loss, _ = trained(name, Path(folder, "one"), strategy.make("none"))
    loss_of_two, model = trained(name, Path(folder, "two"), two)
    some = small_images(model.channels, 250)  # two batches and a half
    with two.scope():
        metrics_by_two, _ = evaluate(model, some)
    metrics, _ = evaluate(model, some)
    print(json.dumps([loss, loss_of_two, metrics, metrics_by_two]))


def trained(name: str, run: Path, devices) -> tuple[float, Model]:
    """The epoch's mean training loss, and the model."""
    registry.find(name)  # imports draw random numbers too, so they come before the seed
    keras.utils.set_random_seed(0)
    with devices.scope():
        model = tiny_model(name)
        digits = small_images(model.channels, 640)
        fit.fit(model, digits, digits, run, fit.Recipe(epochs=1, batch_size=64, warmup_steps=0))
    history = json.loads((run / "metrics.json").read_text())["validations"]
    return history[-1]["loss"], model


if __name__ == "__main__":
    main(*sys.argv[1:])
