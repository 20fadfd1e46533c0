"""What is measured on both sides, without any framework: networks to train, presets to run."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

PEAK_SIDE = 2048  # of the square matrices whose product shows what the machine can do


class Case(NamedTuple):
    """A network of the zoo and the batch it trains on.

    Attributes:
      arguments: of the model's constructor.
      batch: images in a training step.
      side: of the input.
      at_once: training steps in one call of the zoo's graph, as --steps_per_execution.
      scale: of the target beside the input.
      loss: as --loss; None for the model's own.
      signature: whose output shows that networks are the same.
    """

    arguments: dict[str, Any]
    batch: int
    side: int
    at_once: int
    scale: int = 1
    loss: str | None = None
    signature: str = "restore"


CASES = {
    "denoising": Case({"channels": 3}, 16, 64, 4, loss="mse"),
    "super_resolution": Case({"channels": 3, "scale": 3}, 16, 32, 20, 3, loss="mae"),
    "vae": Case({}, 64, 28, 5, signature="reconstruct"),
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


def images(name: str) -> np.ndarray:
    """The images of a batch, [b, h, w, c]."""
    inputs, _ = batch(name)
    return inputs["image"] if isinstance(inputs, dict) else inputs


def decibels(target: np.ndarray, image: np.ndarray) -> float:
    """PSNR of images [n, h, w, c] in [0, 1], the mean of all."""
    errors = np.square(target - image).mean(axis=(1, 2, 3))
    return float(np.mean(-10 * np.log10(errors)))


def nats(target: np.ndarray, image: np.ndarray) -> float:
    """Log-likelihood of black and white images, where `image` is the chance of white; the mean.

    No chance is nearer to 0 or 1 than half of a level of 8 bits, which is all that int8 says.
    """
    chance = np.clip(np.where(target > 0.5, image, 1 - image), 1 / 510, 1 - 1 / 510)
    return float(np.mean(np.log(chance).sum(axis=(1, 2, 3))))


class Preset(NamedTuple):
    """A preset that is run as it is shipped.

    Attributes:
      signature: takes an image and gives one.
      judge: (target, image) -> how good, in `unit`; more is better.
      twin: the network in `benchmarks.twins`, and its arguments, where there is one.
    """

    signature: str = "restore"
    judge: Callable[[np.ndarray, np.ndarray], float] = decibels
    unit: str = "dB"
    twin: tuple[str, dict[str, Any]] | None = None


PRESETS = {
    "denoise_color": Preset(),
    "sr_x2": Preset(twin=("super_resolution", {"scale": 2, "width": 32, "depth": 7})),
    "vae_mnist": Preset("reconstruct", nats, "nats"),
}
