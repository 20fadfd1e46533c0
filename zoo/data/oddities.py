"""What looks like a mistake in the files of a training, as far as a moment at its start tells."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from zoo.files import formats, image_files
from zoo.files.image_files import BrokenImage

SECONDS = 1.0  # python -m zoo.data takes its time, and finds all


def line(training: Sequence[Path], held_out: Sequence[Path]) -> str:
    """One line on files that are in both, cannot be read or hold several pictures; "" for none.

    None was found in time, that is.
    """
    end = time.monotonic() + SECONDS
    twins = list(_until(end, _in_both(training, held_out)))
    bad, several = [], []
    for file in _until(end, iter([*held_out, *training])):
        pictures = _pictures_in(file)
        bad += [file] if pictures == 0 else []
        several += [file] if pictures > 1 else []
    told = []
    if twins:
        told.append(f"{_some(twins)} held out, and trained on too")
    if bad:
        told.append(f"{_some(bad)} no picture that can be read")
    if several:
        told.append(f"of several pictures in a file the first is taken ({_named(several)})")
    return "; ".join(told) and f"{'; '.join(told)}: python -m zoo.data tells more of a folder"


def _in_both(first: Sequence[Path], second: Sequence[Path]) -> Iterator[Path | None]:
    """Files of `second` that are in `first` byte for byte; None for each that was looked at.

    Contents are read, once each, where the sizes are the same.
    """
    sizes, held = defaultdict(list), defaultdict(list)
    for file in second:
        sizes[_size(file)].append(file)
        yield None
    known = set(sizes)
    for file in first:
        size = _size(file)
        for other in sizes.pop(size, ()):
            held[_digest(other)].append(other)
            yield None
        if size in known:
            yield from (other for other in held.pop(_digest(file), ()) if other != file)
        yield None


def _size(file: Path) -> int:
    """In bytes; -1 where it cannot be told, which whoever reads the file will say."""
    try:
        return file.stat().st_size
    except OSError:
        return -1


def _digest(file: Path) -> str:
    """Of its content; its name where that cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return str(file)


def _pictures_in(file: Path) -> int:
    """How many; its header is looked at, and all of it only where that says nothing."""
    try:
        with Image.open(file) as image:
            return getattr(image, "n_frames", 1) if image.format in formats.ANIMATED else 1
    except Exception:  # a header may be damaged in any way, or be of a kind that others read
        pass
    try:
        return len(image_files.read_all(file))
    except BrokenImage:
        return 0


def _until(end: float, found: Iterator[Path | None]) -> Iterator[Path]:
    for file in found:
        if file is not None:
            yield file
        if time.monotonic() > end:
            return


def _some(files: list[Path]) -> str:
    return f"{_named(files)} is" if len(files) == 1 else f"{len(files)} files ({_named(files)}) are"


def _named(files: list[Path]) -> str:
    return files[0].name + (", ..." if len(files) > 1 else "")
