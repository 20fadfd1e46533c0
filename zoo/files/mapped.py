"""Pixels that lie in a file and not in memory, for pictures that are too large for it."""

import mmap
import tempfile
from pathlib import Path

import numpy as np


def is_mapped(array: np.ndarray) -> bool:
    """Whether an array's numbers lie in a file."""
    return _file(array) is not None


def empty(shape: tuple[int, ...], dtype: np.dtype | type, like: np.ndarray) -> np.ndarray:
    """A new array, which lies where another one does: in memory, or in a file of its own."""
    if not is_mapped(like):
        return np.empty(shape, dtype)
    with tempfile.TemporaryDirectory() as folder:
        return np.memmap(Path(folder, "pixels"), dtype, "w+", shape=tuple(shape))


def opened(path: Path, shape: tuple[int, ...], dtype: np.dtype | type) -> np.ndarray:
    """The array whose bytes a file holds; the file may be deleted, and lives on until this ends."""
    return np.memmap(path, dtype, "r+", shape=tuple(shape))


def forget(array: np.ndarray) -> None:
    """Gives back the memory that what was read and written of it takes; the file keeps it."""
    file = _file(array)
    if file is not None and hasattr(mmap, "MADV_DONTNEED"):
        file.madvise(mmap.MADV_DONTNEED)


def _file(array: np.ndarray | None) -> mmap.mmap | None:
    while isinstance(array, np.ndarray):  # views of views
        array = array.base
    return array if isinstance(array, mmap.mmap) else None
