"""Does a map of heat tell defects from what is good: by the picture, the pixel, the defect?

Maps are counted into LEVELS of heat, so that a set of any size is held as one small table.
"""

import numpy as np
import tensorflow as tf
from scipy import ndimage

LEVELS = 2000
LOGITS = 14.0  # beyond this, either way, heat is as good as none or all
MOST_FALSE = 0.3  # share of good pixels up to which PRO is averaged (Bergmann et al. 2020)


def counts(mask: tf.Tensor, heat: tf.Tensor) -> np.ndarray:
    """How much of each picture lies at each level of heat, [b, 3, LEVELS], hottest first.

    Args:
      mask: [b, h, w, 1], above 0.5 where a defect is; NaN in pictures of which nobody knows where.
      heat: [b, h, w, 1] in [0, 1].

    Returns:
      Good pixels; pixels of defects; and for each defect, which is a connected region, the share
      of it, so that small ones count as much as large ones. All 0 where nobody knows.
    """
    mask, heat = np.asarray(mask)[..., 0], np.clip(np.asarray(heat, np.float64)[..., 0], 0, 1)
    with np.errstate(divide="ignore"):
        logits = np.log(heat) - np.log1p(-heat)
    share = 0.5 - np.clip(logits, -LOGITS, LOGITS) / (2 * LOGITS)  # 0 is hottest
    level = np.minimum((share * LEVELS).astype(int), LEVELS - 1)
    return np.stack([_of_one(*pair) for pair in zip(mask, level, strict=True)])


def _of_one(mask: np.ndarray, level: np.ndarray) -> np.ndarray:
    if np.isnan(mask).any():
        return np.zeros([3, LEVELS])
    regions, number = ndimage.label(mask > 0.5, np.ones([3, 3]))
    sizes = np.bincount(regions.ravel())
    inside = regions > 0

    def histogram(where: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(level[where], weights, LEVELS)

    return np.stack(
        [histogram(~inside), histogram(inside), histogram(inside, 1 / sizes[regions[inside]])]
        if number
        else [histogram(~inside), np.zeros(LEVELS), np.zeros(LEVELS)]
    )


def pixel_auroc(rows: np.ndarray) -> float:
    """The area under the ROC curve of all pixels, from `counts`; NaN without defects."""
    false, found = pixel_roc(rows)
    return float(np.trapezoid(found, false))


def pro(rows: np.ndarray) -> float:
    """The mean share of each defect that is found, per-region overlap, from `counts`.

    Averaged over the share of good pixels that are taken for bad, up to MOST_FALSE (Bergmann et
    al. 2020, section 5.2); 1 is perfect, NaN without defects.
    """
    false, overlap = pro_curve(rows)
    ends = np.append(false[false < MOST_FALSE], MOST_FALSE)
    return float(np.trapezoid(np.interp(ends, false, overlap), ends) / MOST_FALSE)


def pixel_roc(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of good pixels taken for bad, and of bad ones found, from the strictest level on."""
    return _grown(rows[:, 0]), _grown(rows[:, 1])


def pro_curve(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of good pixels taken for bad, and of each defect found on the mean."""
    return _grown(rows[:, 0]), _grown(rows[:, 2])


def _grown(counted: np.ndarray) -> np.ndarray:
    """[count, LEVELS] -> the share of all that is as hot as each level, from 0 to 1."""
    total = np.cumsum(counted.sum(0))
    return np.append(0.0, total / total[-1] if total[-1] else np.full(LEVELS, np.nan))
