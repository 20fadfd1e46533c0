"""Trains a tiny denoiser, with others where TF_CONFIG says so, and keeps what each worker has."""

import sys
from pathlib import Path

import keras

from tests.models.tiny import small_images, tiny_model
from zoo.distributed import strategy, workers
from zoo.files import weights
from zoo.training import fit


def main(folder: str) -> None:
    run = Path(folder)
    with strategy.entered("auto"), workers.chief_speaks():
        keras.utils.set_random_seed(0)
        model = tiny_model("denoising")
        digits = small_images(model.channels, 410)
        recipe = fit.Recipe(steps=60, batch_size=32, validate_every=5, checkpoint_every=5)
        fit.fit(model, digits, digits, run, recipe)
        weights.save(run / f"worker-{workers.index()}.npz", weights.of_model(model))


if __name__ == "__main__":
    main(*sys.argv[1:])
