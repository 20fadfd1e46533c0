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

name, folder = sys.argv[1], Path(sys.argv[2])
two = strategy.make("mirrored", ["CPU:0", "CPU:1"])
losses = []
for number, devices in enumerate([strategy.make("none"), two]):
    keras.utils.set_random_seed(0)
    digits = sources.load("digits", "train[:640]")
    with devices.scope():
        model = registry.create(name, channels=1, **registry.find(name).tiny)
        recipe = fit.Recipe(epochs=1, batch_size=64, warmup_steps=0)
        run = folder / str(number)
        fit.fit(model, digits, digits, run, recipe)
    history = json.loads((run / "metrics.json").read_text())["validations"]
    losses.append(history[-1]["loss"])
print(json.dumps(losses))
