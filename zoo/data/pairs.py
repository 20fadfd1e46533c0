"""Pairs of pictures, a damaged and a clean one: `pairs:DAMAGED:CLEAN`, or a folder and two endings.

`pairs:scans:originals` holds scans/a/b.jpg beside originals/a/b.png; `pairs:shots:_real:_mean`
holds shots/a_real.jpg beside shots/a_mean.jpg.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import folder, layout, splits
from zoo.data.source import Source
from zoo.files.image_files import BrokenImage

SPLITS = "train", "validation", "test"  # each is all that there is, and slices part it


def split_names(name: str, data_dir: str | None) -> list[str]:
    """One set, which answers to `train`."""
    del name, data_dir
    return ["train"]


def load(name: str, split: str, data_dir: str | None, channels: int) -> Source:
    """Opens pairs; records have the clean picture as "image" and the other one as "damaged"."""
    del data_dir
    pairs, channels = _pairs(name), channels or 3
    clean = list(pairs)
    parts = splits.parse(dict.fromkeys(SPLITS, len(clean)), split, name)
    files = [file for _, start, stop in parts for file in clean[start:stop]]
    memory = folder.Memory(channels)

    def read(file: Path) -> tuple[np.ndarray, np.ndarray]:
        found = memory.read(file), memory.read(pairs[file])
        sides, other = (f"{x.shape[1]}x{x.shape[0]}" for x in found)
        if sides != other:
            raise BrokenImage(f"it has {sides} pixels, but {pairs[file]} has {other}")
        return found

    broken: dict[str, str] = {}
    pixels = folder.reader(name, files, read, broken)
    if files:
        pixels(0)
    names = tf.constant([file.name for file in files], tf.string)

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        *pictures, found = tf.numpy_function(pixels, [index], [tf.uint16, tf.uint16, tf.int64])
        for picture in pictures:
            picture.set_shape([None, None, channels])
        record = {"image": pictures[0], "damaged": pictures[1], "file": tf.gather(names, found)}
        return record | {"stands_in": tf.reshape(found != index, [])}

    shape = (None, None, channels)
    return Source(name, split, len(files), shape, record, broken=broken)


def _pairs(name: str) -> dict[Path, Path]:
    """The damaged picture of every clean one."""
    match name.removeprefix("pairs:").split(":"):
        case [damaged, clean]:
            found = _by_name(damaged), _by_name(clean)
        case [both, damaged, clean]:
            named = _by_name(both)
            found = _ending(named, damaged), _ending(named, clean)
        case _:
            raise UserError(
                f"{name} must be pairs:DAMAGED_FOLDER:CLEAN_FOLDER, or pairs:FOLDER:_real:_mean"
            )
    damaged, clean = found
    alone = sorted(damaged.keys() ^ clean.keys())
    if alone or not clean:
        what = f"{len(alone)} pictures are alone, such as {alone[0]}" if alone else "no pictures"
        raise UserError(f"{name}: {what}; two of a pair have the same name, but for its ending")
    return {clean[key]: damaged[key] for key in clean}


def _by_name(path: str) -> dict[str, Path]:
    """Files by what their paths below the folder have in common with their counterparts'."""
    root = layout.root_of(path)
    files = layout.fair_order(root)
    found = {str(file.relative_to(root).with_suffix("")): file for file in files}
    if len(found) < len(files):
        twice = next(file for file in files if file not in found.values())
        raise UserError(f"{twice} has the name of another picture but for its ending; rename one")
    return found


def _ending(files: dict[str, Path], ending: str) -> dict[str, Path]:
    return {k.removesuffix(ending): file for k, file in files.items() if k.endswith(ending)}
