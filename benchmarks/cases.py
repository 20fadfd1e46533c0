"""What is measured on both sides: networks, batches and losses, without any framework."""

from typing import Any, NamedTuple

import numpy as np

PEAK_SIDE = 2048  # of the square matrices whose product shows what the machine can do


class Case(NamedTuple):
    """A network of the zoo and the batch it trains on.

    Attributes:
      arguments: of the model's constructor.
      batch: images in a training step.
      side: of the input in training.
      tile: of the input in inference, a batch of 1.
      at_once: training steps in one call of the zoo's graph, as --steps_per_execution.
      scale: of the target beside the input.
      loss: as --loss; None for the model's own.
      signature: what inference measures.
    """

    arguments: dict[str, Any]
    batch: int
    side: int
    tile: int
    at_once: int
    scale: int = 1
    loss: str | None = None
    signature: str = "restore"


CASES = {
    "denoising": Case({"channels": 3}, 16, 64, 128, 4, loss="mse"),
    "super_resolution": Case({"channels": 3, "scale": 3}, 16, 32, 128, 20, 3, loss="mae"),
    "vae": Case({}, 64, 28, 28, 5, signature="reconstruct"),
}
LATENTS = 32
LEARNING_RATE = 1e-4
EPSILON = 1e-12  # where Adam's is not negligible, Keras and PyTorch mean different things by it


def batch(name: str, number: int = 0) -> tuple[Any, np.ndarray]:
    """(inputs, target) of one training step, float32 in [0, 1]; images are [b, h, w, c]."""
    case, random = CASES[name], np.random.default_rng(number)
    if name == "vae":
        image = np.float32(random.random([case.batch, case.side, case.side, 1]) < 0.3)
        draws = random.standard_normal([case.batch, 1, LATENTS], np.float32)
        return {"image": image, "draws": draws}, image
    inputs = random.random([case.batch, case.side, case.side, 3], np.float32)
    return inputs, inputs.repeat(case.scale, 1).repeat(case.scale, 2)


def image(name: str) -> np.ndarray:
    """The input of one inference, float32 [1, h, w, c]."""
    tile, channels = CASES[name].tile, 1 if name == "vae" else 3
    return np.random.default_rng(0).random([1, tile, tile, channels], np.float32)
