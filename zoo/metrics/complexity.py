"""How long an image is when it is packed, which tells how much there is in it."""

import io

import numpy as np
from PIL import Image

from zoo.files import levels


def complexity(images: np.ndarray) -> np.ndarray:
    """The length of each image as a PNG, in nats [count] (Serra et al. 2020, equation 1).

    Their score is the model's minus this: a smooth image is likely under any model, and tells
    nothing of what this one has learned.

    Args:
      images: [count, h, w, 1 or 3] in [0, 1].
    """
    pixels = levels.from_float(images)
    return np.array([_png_bytes(image) for image in pixels]) * 8 * np.log(2)


def _png_bytes(pixels: np.ndarray) -> int:
    stream = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
        stream, "PNG", optimize=True
    )
    return stream.tell()
