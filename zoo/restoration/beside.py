"""What is given beside pictures: a mask or hints; one for all, or a folder of one for each name."""

import functools
from pathlib import Path

import numpy as np

from zoo.cli import UserError
from zoo.files import buckets, image_files, levels
from zoo.files.buckets import BucketPath
from zoo.files.image_files import BrokenImage

WANTED = "expected colored dots, transparent elsewhere: a PNG"
Given = dict[str, Path | BucketPath]  # "mask" or "hints" -> a picture, or a folder of them


def read(source: Path | BucketPath, given: Given) -> dict[str, np.ndarray]:
    """What is given beside a picture: {"mask": ..., "hints": ...}, as far as it is.

    Raises:
      BrokenImage: where something is missing, or cannot be read.
    """
    return {kind: READERS[kind](of(source, path, kind)) for kind, path in given.items()}


def files(source: Path | BucketPath, given: Given) -> list[Path | BucketPath]:
    """Their files; raises BrokenImage where one is missing."""
    return [of(source, path, kind) for kind, path in given.items()]


def of(source: Path | BucketPath, given: Path | BucketPath, kind: str) -> Path | BucketPath:
    """What stands beside a picture: `given`, or the file in that folder whose name is the same.

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
        raise BrokenImage(f"--{kind}={given} has {told} of its name; expected {source.stem}.png")
    return found[0]


def checked(kind: str, given: str) -> Path | BucketPath:
    """Where they are; raises UserError where one for all pictures cannot be read."""
    path = buckets.path(given)
    if not path.is_dir():
        try:
            READERS[kind](path)
        except BrokenImage as error:
            raise UserError(f"--{kind}={given}: {error}") from None
    return path


def mask(path: str | Path | BucketPath) -> np.ndarray:
    """float32 [h, w, 1], 1 where a mask is white, 0 where it is black or nothing was painted.

    Raises:
      BrokenImage: where it cannot be read, or marks nothing.
    """
    picture = image_files.read(buckets.path(str(path)))
    white = levels.to_float(image_files.to_channels(picture.pixels, 1))
    marked = np.float32(
        white * (1 if picture.alpha is None else levels.to_float(picture.alpha)) > 0.5
    )
    if not marked.any():
        raise BrokenImage(f"the mask {path} marks nothing; paint white what is to be filled in")
    return marked


def hints(path: str | Path | BucketPath) -> np.ndarray:
    """float32 [h, w, 4]: colored dots, and 1 where they are, 0 where the picture is transparent.

    Raises:
      BrokenImage: where it cannot be read, shows nothing, or is nowhere transparent.
    """
    picture = image_files.read(buckets.path(str(path)))
    if picture.alpha is None or picture.alpha.all():
        raise BrokenImage(f"the hints {path} are nowhere transparent; {WANTED}")
    painted = np.float32(levels.to_float(picture.alpha) > 0.5)
    if not painted.any():
        raise BrokenImage(f"the hints {path} show nothing; {WANTED}")
    colors = levels.to_float(image_files.to_channels(picture.pixels, 3))
    return np.concatenate([colors, painted], -1)


READERS = {"mask": mask, "hints": hints}


@functools.lru_cache(4)
def _by_name(folder: Path | BucketPath) -> dict[str, list[Path | BucketPath]]:
    """A folder's pictures by their names without endings: one look for a million pictures."""
    found: dict[str, list[Path | BucketPath]] = {}
    for path in image_files.find(folder):
        found.setdefault(path.stem, []).append(path)
    return found
