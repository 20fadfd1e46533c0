"""What is in a folder of pictures: counts, sizes, kinds, and what looks like a mistake."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from zoo.data import layout
from zoo.files import formats, image_files
from zoo.files.image_files import BrokenImage

THREADS = 4  # Pillow decodes without Python's lock


class Seen(NamedTuple):
    """A file, looked at.

    Attributes:
      file: its path.
      split: such as train.
      class_name: of the sub-folder that it stands in, or None.
      sides: width and height; None where it cannot be read.
      kind: such as "JPEG, RGB, 8 bits", or why it cannot be read.
      digest: of its content.
    """

    file: Path
    split: str
    class_name: str | None
    sides: tuple[int, int] | None
    kind: str
    digest: str


def of(root: Path) -> list[Seen]:
    """Every file that training would take, decoded once; raises UserError where there is none."""
    found = layout.of(root)
    places = [(file, split) for split, files in found.files.items() for file in files]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda place: _seen(*place, found.class_of[place[0]]), places))


def unreadable(seen: Sequence[Seen]) -> list[Seen]:
    return [each for each in seen if each.sides is None]


def duplicates(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Those with the same content, byte for byte, in groups."""
    return [list(group) for group in _grouped((each.digest, each) for each in seen) if group[1:]]


def counts(seen: Sequence[Seen]) -> dict[str, Counter]:
    """How many files each class has, by split; those in none under ""."""
    found: dict[str, Counter] = defaultdict(Counter)
    for each in seen:
        found[each.split][each.class_name or ""] += 1
    return dict(found)


def sides(seen: Sequence[Seen]) -> dict[str, tuple[int, int]]:
    """Width and height of the smallest, the middle and the largest picture, by pixels."""
    known = sorted((each.sides for each in seen if each.sides), key=np.prod)
    return {"smallest": known[0], "median": known[len(known) // 2], "largest": known[-1]}


def _seen(file: Path, split: str, class_name: str | None) -> Seen:
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return Seen(file, split, class_name, None, str(error.strerror), str(file))
    try:
        picture, *others = image_files.read_all(file)
    except BrokenImage as error:
        return Seen(file, split, class_name, None, str(error), digest)
    height, width, channels = picture.pixels.shape
    told = [
        formats.FORMATS[file.suffix.lower()],
        ("gray" if channels == 1 else "RGB") + (" with alpha" if picture.alpha is not None else ""),
        "floats" if picture.pixels.dtype.kind == "f" else f"{8 * picture.pixels.itemsize} bits",
    ]
    told += ["the first of several"] if others else []
    return Seen(file, split, class_name, (width, height), ", ".join(told), digest)


def _grouped(pairs: Iterable[tuple[str, Seen]]) -> Iterable[list[Seen]]:
    groups = defaultdict(list)
    for key, each in pairs:
        groups[key].append(each)
    return groups.values()
