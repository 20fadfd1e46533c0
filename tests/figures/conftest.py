"""Figures on data that every machine has: digits stand in for the sets that must be downloaded."""

import json
from importlib import import_module

import numpy as np
import pytest
from PIL import Image

from tests.models.tiny import small_images
from zoo.data import sources
from zoo.evaluation import reader
from zoo.figures import FIGURES, Made, bounds, compression, latent_space
from zoo.figures.__main__ import MODULES
from zoo.pictures import plots
from zoo.training.fit import Recipe

for module in MODULES:
    import_module(f"zoo.figures.{module}")


@pytest.fixture
def made(tmp_path):
    """made("denoising") -> the figure's numbers and picture, saved as the command does."""

    def make(name: str) -> tuple[dict, np.ndarray]:
        with plots.styled():
            found: Made = FIGURES[name](tmp_path / "runs")
            plots.save(found.figure, tmp_path / "figure.png")
        picture = np.asarray(Image.open(tmp_path / "figure.png"))
        return json.loads(json.dumps(found.numbers)), picture

    return make


@pytest.fixture
def small(monkeypatch):
    """Few digits in place of every other data set but photographs, and trainings of some steps."""
    load = sources.load

    def load_small(name, split="", data_dir=None, channels=1):
        if name in ("photos", "digits"):
            return load(name, split, data_dir, channels)
        return small_images(channels, 5 if split == "test[:5]" else 300)

    monkeypatch.setattr(sources, "load", load_small)
    monkeypatch.setattr(latent_space, "SIZES", (2, 32))
    monkeypatch.setattr(compression, "SIZES", (2, 32))
    monkeypatch.setattr(compression, "COUNT", 40)
    monkeypatch.setattr(latent_space, "RECIPE", Recipe(steps=30, batch_size=32, learning_rate=2e-3))
    monkeypatch.setattr(bounds, "BETAS", (0.25, 8))
    monkeypatch.setattr(bounds, "STEPS", 40)
    monkeypatch.setattr(bounds, "recipe", short_recipe)
    monkeypatch.setattr(reader, "STEPS", 20)


def short_recipe(every: int) -> Recipe:
    return Recipe(steps=40, batch_size=16, learning_rate=2e-3, validate_every=min(every, 10))
