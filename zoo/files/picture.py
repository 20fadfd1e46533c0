"""A picture in memory: pixels as a person sees them, and what its file carried beside them."""

from typing import NamedTuple

import numpy as np

from zoo.files import levels
from zoo.files.carried import NOTHING, Carried


class Picture(NamedTuple):
    """Pixels as a person sees them, upright.

    Attributes:
      pixels: uint8, uint16 or floats in [0, 1], [height, width, 1 or 3].
      alpha: the same type, [height, width, 1], or None.
      carried: profile, metadata and resolution.
      milliseconds: for how long it is shown in an animation; 0 where it is none.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    carried: Carried = NOTHING
    milliseconds: float = 0.0

    def whole(self) -> np.ndarray:
        """Pixels with alpha as their last channel, where there is one."""
        parts = [self.pixels] + ([] if self.alpha is None else [self.alpha])
        return np.concatenate(parts, axis=-1)


def is_gray(pixels: np.ndarray) -> bool:
    """Whether pixels are gray, be they stored as RGB."""
    return bool((pixels == pixels[..., :1]).all())


def to_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Gray to RGB by repetition, RGB to gray by BT.601 luma; same type."""
    if pixels.shape[-1] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=-1)
    if is_gray(pixels):
        return pixels[..., :1]
    luma = pixels.astype(np.float32) @ np.float32([[0.299], [0.587], [0.114]])
    return luma if pixels.dtype.kind == "f" else np.round(luma).astype(pixels.dtype)


def on_white(picture: Picture) -> np.ndarray:
    """The pixels as seen on a white page."""
    if picture.alpha is None:
        return picture.pixels
    share = levels.to_float(picture.alpha)
    flat = levels.to_float(picture.pixels) * share + (1 - share)
    return levels.from_float(flat, picture.pixels.dtype)
