"""The tiny models of the whole registry, as a server gets them.

    python -m tests.export.tiny_models FOLDER

Writes FOLDER/serving/NAME/1 for each, to be served by a server that is not of these tests.
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

import zoo
from export.parity import tensors
from export.savedmodel import guards, served
from tests.models.tiny import moved_model, small_images
from zoo.data import pipeline

MOST_PIXELS = 2**16  # in a request; the least that takes a colorizer's view of the whole


class Served(NamedTuple):
    """A model, the folder of its version 1, and real inputs for each of its signatures."""

    model: Any
    folder: Path
    feeds: dict[str, dict[str, np.ndarray]]


def serve(name: str, folder: Path) -> Served:
    """Writes a tiny model, the same in every process."""
    model = moved_model(name)
    digits = small_images(model.channels)
    inputs, _ = next(iter(pipeline.eval_batches(digits, model, 3)))
    feeds = tensors.feeds(model, inputs)
    with mock.patch.object(guards, "MAX_PIXELS", MOST_PIXELS):
        served.write(model, folder, name, feeds)
    return Served(model, folder, feeds)


def main() -> None:
    for name in zoo.list_models():
        print(serve(name, Path(sys.argv[1]) / "serving" / name / "1").folder)


if __name__ == "__main__":
    main()
