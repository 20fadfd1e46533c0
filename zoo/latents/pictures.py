"""What is in a latent space, as pictures and animations: file name -> content.

A PNG's content is a picture, uint8 [h, w, 3], and a GIF's a list of such frames.
"""

import math

import numpy as np

from zoo.latents import sampling
from zoo.latents.encoding import encoder
from zoo.models.latent import Latent
from zoo.pictures import panels

Content = np.ndarray | list[np.ndarray]

FRAMES = 25  # of an animation, from one end to the other
EVERY = 3  # frames between a traversal's columns: -2, -1.5, ... 2 standard deviations


def samples(images: np.ndarray) -> dict[str, Content]:
    """samples.png: [count, h, w, c] in a square."""
    return {"samples.png": _square(images)}


def interpolation(
    model: Latent, first: np.ndarray, second: np.ndarray, steps: int
) -> dict[str, Content]:
    """interpolation.png, `steps` images in a row, and .gif, from one [h, w, c] to another."""
    row = sampling.interpolate(model, first, second, steps)
    frames = sampling.interpolate(model, first, second, FRAMES)
    return {
        "interpolation.png": panels.grid(row, steps),
        "interpolation.gif": _there_and_back(
            [panels.grid(frame[np.newaxis], 1, panels.PANEL_SIDE) for frame in frames]
        ),
    }


def traversal(
    model: Latent, image: np.ndarray, mean: np.ndarray, stddev: np.ndarray
) -> tuple[np.ndarray, dict[str, Content]]:
    """traversal.png, one latent a row, and .gif, one latent a tile, around an image [h, w, c].

    `mean` and `stddev` [d] say where latents lie. Returns the latents in the order in
    which they are shown, and the pictures; see `zoo.latents.sampling.traverse`.
    """
    code = encoder(model)(image[np.newaxis])[0]
    latents, images = sampling.traverse(model, code, mean, stddev, FRAMES)
    shown = images[:, ::EVERY]
    return latents, {
        "traversal.png": panels.grid(shown.reshape(-1, *shown.shape[2:]), shown.shape[1]),
        "traversal.gif": _there_and_back([_square(images[:, frame]) for frame in range(FRAMES)]),
    }


def plane(model: Latent, mean: np.ndarray, stddev: np.ndarray) -> dict[str, Content]:
    """map.png: all that two latents decode to, without margins, as it is one surface."""
    images = sampling.plane(model, mean, stddev)
    return {"map.png": panels.grid(images, math.isqrt(len(images)), margin=0)}


def _square(images: np.ndarray) -> np.ndarray:
    return panels.grid(images, math.ceil(math.sqrt(len(images))))


def _there_and_back(frames: list[np.ndarray]) -> list[np.ndarray]:
    return frames + frames[-2:0:-1]
