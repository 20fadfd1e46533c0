"""Numbers in [0, 1] as the levels of 8 or 16 bits that files hold, and back; in numpy."""

import numpy as np

from zoo.cli import UserError


def from_float(image: np.ndarray, dtype: np.dtype | type = np.uint8) -> np.ndarray:
    """The nearest levels of an image in [0, 1]; what lies beyond is clipped. Floats stay floats."""
    if np.dtype(dtype).kind == "f":
        return np.clip(image, 0, 1).astype(dtype)
    return np.round(np.clip(image, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def to_float(levels: np.ndarray) -> np.ndarray:
    """float32 in [0, 1] of uint8 or uint16, of bool as 0 and 1, and of floats as they are."""
    if levels.dtype.kind in "fb":
        return levels.astype(np.float32)
    return np.float32(levels) / np.float32(np.iinfo(levels.dtype).max)


def check_type(array: np.ndarray, name: str) -> None:
    """Raises UserError where an array is of a type that `to_float` does not take."""
    if array.dtype not in (np.bool_, np.uint8, np.uint16) and array.dtype.kind != "f":
        raise UserError(f"{name} has type {array.dtype}; expected uint8, uint16, bool or float")


def check(array: np.ndarray, name: str) -> None:
    """Raises UserError where an array is none that `to_float` brings into [0, 1]."""
    check_type(array, name)
    if array.dtype.kind != "f":
        return
    low, high = (array.min(), array.max()) if array.size else (0, 0)
    if not (low >= 0 and high <= 1):  # not a number is neither
        raise UserError(
            f"{name} has floats from {low:g} to {high:g}; expected 0 to 1 (divide by 255, or give "
            "uint8?)"
        )


def to_eight_bits(levels: np.ndarray) -> np.ndarray:
    """uint8 of uint8, uint16 or floats in [0, 1]."""
    return at_most(levels, np.uint8)


def at_most(levels: np.ndarray, dtype: np.dtype | type) -> np.ndarray:
    """Levels of uint8, uint16 or floats in [0, 1] as this type, if it is the coarser one."""
    if levels.dtype.itemsize <= np.dtype(dtype).itemsize:
        return levels
    return from_float(to_float(levels), dtype)
