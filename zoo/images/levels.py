"""Numbers in [0, 1] as the levels of 8 or 16 bits that files hold, and back; in numpy."""

import numpy as np


def from_float(image: np.ndarray, dtype: np.dtype | type = np.uint8) -> np.ndarray:
    """The nearest levels of an image in [0, 1], uint8 or uint16; what lies beyond is clipped."""
    return np.round(np.clip(image, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def to_float(levels: np.ndarray) -> np.ndarray:
    """float32 in [0, 1] of uint8 or uint16."""
    return np.float32(levels) / np.float32(np.iinfo(levels.dtype).max)


def to_eight_bits(levels: np.ndarray) -> np.ndarray:
    """uint8 of uint8 or uint16."""
    return levels if levels.dtype == np.uint8 else np.round(levels / 257).astype(np.uint8)
