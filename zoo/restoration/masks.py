"""Masks for completion: one for all pictures, or a folder of one for each, by name."""

import functools
from pathlib import Path

import numpy as np

from zoo.files import buckets, image_files, levels
from zoo.files.buckets import BucketPath
from zoo.files.image_files import BrokenImage


def of(source: Path | BucketPath, given: Path | BucketPath) -> Path | BucketPath:
    """The mask of a picture: `given`, or the picture in that folder whose name is the same.

    Raises:
      BrokenImage: where the folder has none, or several.
    """
    if not given.is_dir():
        return given
    found = _by_name(given).get(source.stem, [])
    if len(found) != 1 or not found[0].exists():  # the folder may have changed meanwhile
        _by_name.cache_clear()
        found = _by_name(given).get(source.stem, [])
    if len(found) != 1:
        told = " and ".join(path.name for path in found) or "nothing"
        raise BrokenImage(f"--mask={given} has {told} of its name; expected {source.stem}.png")
    return found[0]


def read(path: str | Path | BucketPath) -> np.ndarray:
    """float32 [h, w, 1], 1 where a mask is white, 0 where it is black or nothing was painted.

    Raises:
      BrokenImage: where it cannot be read, or marks nothing.
    """
    picture = image_files.read(buckets.path(str(path)))
    white = levels.to_float(image_files.to_channels(picture.pixels, 1))
    mask = np.float32(
        white * (1 if picture.alpha is None else levels.to_float(picture.alpha)) > 0.5
    )
    if not mask.any():
        raise BrokenImage(f"the mask {path} marks nothing; paint white what is to be filled in")
    return mask


@functools.lru_cache(4)
def _by_name(folder: Path | BucketPath) -> dict[str, list[Path | BucketPath]]:
    """A folder's pictures by their names without endings: one look for a million pictures."""
    found: dict[str, list[Path | BucketPath]] = {}
    for path in image_files.find(folder):
        found.setdefault(path.stem, []).append(path)
    return found
