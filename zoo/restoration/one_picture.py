"""One picture through models: channels, bit depth, alpha, and a comparison beside it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from zoo.files import image_files, levels
from zoo.files.picture import Picture
from zoo.restoration.chain import Chain

if TYPE_CHECKING:
    from zoo.images.degradations import Step
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
        after = self.picture
        sides = after.pixels.shape[1::-1]
        before = cv2.resize(self.before, sides, interpolation=cv2.INTER_NEAREST)
        before = before.reshape(*after.pixels.shape[:2], -1)
        channels = max(before.shape[-1], after.pixels.shape[-1])
        pair = [image_files.to_channels(x, channels) for x in (before, after.pixels)]
        alpha = None if after.alpha is None else np.concatenate([after.alpha] * 2, axis=1)
        return after._replace(pixels=np.concatenate(pair, axis=1), alpha=alpha)


def restore(
    model: "Model | Chain",
    picture: Picture,
    extra: dict[str, np.ndarray] | None = None,
    degrade: "Sequence[Step]" = (),
    seed: int = 0,
    strength: float = 1.0,
    progress: Callable[[float, int], None] = lambda done, total: None,
) -> Restored:
    """Restores a picture of any size, gray or color, 8 or 16 bits.

    Args:
      model: one with a `restore` signature, or several in a row.
      picture: what to restore.
      extra: the signatures' other inputs, [h, w, c].
      degrade: what to do to the picture first, for a try.
      seed: of that.
      strength: how far from the picture, 0, to what the network makes of it, 1.
      progress: called after every tile with (models done, with a fraction, and models in all).

    Raises:
      UserError: where the picture does not suit the model.
    """
    chain = model if isinstance(model, Chain) else Chain([model])
    pixels, before = shown(picture, chain.colors)
    if degrade:
        from zoo.images import degradations

        damaged = degradations.apply(levels.to_float(before), (seed & 0x7FFFFFFF, 0), degrade)
        # Finer than any screen, in half the memory of floats.
        before = levels.from_float(damaged, np.promote_types(before.dtype, np.uint16))
    started = time.perf_counter()
    after = chain.restore(before, progress, strength, **(extra or {}))
    seconds = time.perf_counter() - started
    before = levels.at_most(before, pixels.dtype)
    return Restored(returned(picture, pixels, after), before, seconds)


def shown(picture: Picture, as_gray: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Its pixels, and the same without what is hidden under alpha, as a model is to see them."""
    pixels = image_files.to_channels(picture.pixels, 1) if as_gray else picture.pixels
    if picture.alpha is None:
        return pixels, pixels
    return pixels, _without_hidden(pixels, picture.alpha[..., 0] == 0)


def returned(picture: Picture, pixels: np.ndarray, after: np.ndarray) -> Picture:
    """What a model made of a picture's `pixels`, with its depth, alpha and all that it carried."""
    after = levels.at_most(after, pixels.dtype)
    if after.dtype.kind == "f":
        after = np.clip(after, 0, 1)  # what lies beyond is read by nobody
    if picture.alpha is not None and after.shape == pixels.shape:
        after = np.where(picture.alpha == 0, pixels, after)
    carried = picture.carried
    if after.shape[-1] != pixels.shape[-1]:
        carried = carried._replace(icc_profile=None)  # it is of the channels that there were
    alpha = _enlarged(picture.alpha, after)
    return picture._replace(pixels=after, alpha=alpha, carried=carried)


def _without_hidden(pixels: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Where nothing is seen, the nearest color that is: what lies there must not bleed out."""
    if hidden.all() or not hidden.any():
        return pixels
    kind = cv2.DIST_LABEL_PIXEL
    _, nearest = cv2.distanceTransformWithLabels(np.uint8(hidden), cv2.DIST_L2, 5, labelType=kind)
    colors = np.zeros([nearest.max() + 1, pixels.shape[-1]], pixels.dtype)
    colors[nearest[~hidden]] = pixels[~hidden]
    return colors[nearest]


def _enlarged(alpha: np.ndarray | None, image: np.ndarray) -> np.ndarray | None:
    """Alpha as it was, or as smooth as the picture that has grown; no finer than that."""
    if alpha is None:
        return None
    alpha = levels.at_most(alpha, image.dtype)
    if alpha.shape[:2] == image.shape[:2]:
        return alpha
    sides = image.shape[1::-1]
    return cv2.resize(alpha, sides, interpolation=cv2.INTER_CUBIC)[..., np.newaxis]
