"""One picture through models: channels, bit depth, alpha, and a comparison beside it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoo.files import image_files
from zoo.files.image_files import Picture
from zoo.images import levels
from zoo.restoration.chain import Chain

if TYPE_CHECKING:
    from zoo.models.base import Model


@dataclass
class Restored:
    """A restored picture.

    Attributes:
      picture: of the same bit depth as what was given, with its alpha.
      before: the pixels that the first model saw.
      seconds: spent in the models.
    """

    picture: Picture
    before: np.ndarray
    seconds: float

    def beside(self) -> Picture:
        """Before on the left, after on the right, of one height and channel count."""
        after = self.picture.pixels
        factor = after.shape[0] // self.before.shape[0]
        before = self.before.repeat(factor, 0).repeat(factor, 1)
        channels = max(before.shape[-1], after.shape[-1])
        pair = [image_files.to_channels(x, channels) for x in (before, after)]
        return Picture(np.concatenate(pair, axis=1), icc_profile=self.picture.icc_profile)


def restore(
    model: "Model | Chain",
    picture: Picture,
    extra: dict[str, np.ndarray] | None = None,
    noise_stddev: float = 0.0,
    seed: int = 0,
    strength: float = 1.0,
    progress: Callable[[float, int], None] = lambda done, total: None,
) -> Restored:
    """Restores a picture of any size, gray or color, 8 or 16 bits.

    Args:
      model: one with a `restore` signature, or several in a row.
      picture: what to restore.
      extra: the signatures' other inputs, [h, w, c].
      noise_stddev: Gaussian noise to add first, on the 0 to 255 scale.
      seed: of that noise.
      strength: how far from the picture, 0, to what the network makes of it, 1.
      progress: called after every tile with (models done, with a fraction, and models in all).

    Raises:
      UserError: where the picture does not suit the model.
    """
    chain = model if isinstance(model, Chain) else Chain([model])
    pixels = image_files.to_channels(picture.pixels, 1) if chain.colors else picture.pixels
    before = _add_noise(pixels, noise_stddev, seed) if noise_stddev else pixels
    started = time.perf_counter()
    after = chain.restore(before, progress, strength, **(extra or {}))
    seconds = time.perf_counter() - started
    before, after = (_as_type(image, pixels.dtype) for image in (before, after))
    result = picture._replace(pixels=after, alpha=_alpha_like(picture.alpha, after))
    return Restored(result, before, seconds)


def _add_noise(pixels: np.ndarray, stddev: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(pixels.shape, np.float32)
    return np.clip(levels.to_float(pixels) + noise * np.float32(stddev / 255), 0, 1)


def _as_type(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if image.dtype == dtype:
        return image
    return levels.from_float(image, dtype)


def _alpha_like(alpha: np.ndarray | None, image: np.ndarray) -> np.ndarray | None:
    """Alpha as it was, repeated where the picture has grown by a whole factor."""
    if alpha is None or alpha.shape[:2] == image.shape[:2]:
        return alpha
    factor = image.shape[0] // alpha.shape[0]
    return alpha.repeat(factor, 0).repeat(factor, 1)
