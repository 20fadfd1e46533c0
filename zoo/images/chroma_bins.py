"""Chroma as shares of bins on a grid of Lab's a and b (Zhang et al. 2016, section 2.1)."""

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.images import color

GRID = 10.0  # Lab units between two bins
SOFTNESS = 5.0  # standard deviation of the soft target, in Lab units


def centers() -> np.ndarray:
    """a and b of the bins that sRGB reaches, on a grid of GRID; float32 [count, 2]."""
    levels = np.linspace(0, 1, 33, dtype=np.float32)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3)
    chroma = np.asarray(color.rgb_to_lab(tf.constant(cube)))[:, 1:]
    return np.unique(np.round(chroma / GRID) * GRID, axis=0).astype(np.float32) + 0.0


def soft(chroma, bins: np.ndarray):
    """Shares of the bins near each pixel's chroma, [..., 2] -> [..., count], sum 1.

    A Gaussian over all bins, which is as good as none but the nearest five.
    """
    centers = ops.array(bins, "float32")
    product = ops.matmul(chroma, ops.transpose(centers))
    # The pixel's own square is the same for all bins, and falls out of the softmax.
    return ops.softmax((product - 0.5 * ops.sum(centers**2, -1)) / SOFTNESS**2)
