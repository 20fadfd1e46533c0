"""Shares of a sum over all images."""

import numpy as np


def percent(pairs: np.ndarray) -> float:
    """How much the first of each pair, [count, 2], are of the second, in percent; 0 of nothing."""
    return float(100.0 * pairs[:, 0].sum() / max(pairs[:, 1].sum(), 1e-9))
