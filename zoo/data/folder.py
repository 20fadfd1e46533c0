"""A person's own images: any mix of formats and sizes, broken files among them."""

import dataclasses
import itertools
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import defects, layout, splits
from zoo.data.source import Source
from zoo.files import image_files, levels


def split_names(name: str, data_dir: str | None) -> list[str]:
    """The sub-folders that are splits; one set without them answers to `train`."""
    del data_dir
    return list(layout.splits(layout.root_of(name)))


def load(name: str, split: str, data_dir: str | None, channels: int) -> Source:
    """Opens a folder; its pictures are RGB, or gray with `channels` = 1."""
    del data_dir
    root, channels = layout.root_of(name), channels or 3
    found = layout.of(root)
    files_of = found.files
    if len(files_of) == 1:  # one set, whatever it is called
        files_of = dict.fromkeys(("train", "validation", "test"), files_of["train"])
    parts = splits.parse({k: len(v) for k, v in files_of.items()}, split, name)
    files = [file for k, start, stop in parts for file in files_of[k][start:stop]]
    broken: dict[str, str] = {}
    classes = [found.class_of[file] for file in files]
    tells_defects = defects.known(classes)
    types = {"image": tf.uint16} | ({"defect": tf.float32} if tells_defects else {})
    memory, where = Memory(channels), defects.reader(root)

    def read(file: Path) -> tuple[np.ndarray, ...]:
        pixels = memory.read(file)
        return (pixels, where(file, found.class_of[file])) if tells_defects else (pixels,)

    pixels = reader(root, files, read, broken)

    if files:
        pixels(0)  # a folder of nothing but broken files is found out now, not in an endless loop
    class_names = None
    if None not in classes and len(found.class_names) > 1:
        class_names = found.class_names
        number_of = {name: number for number, name in enumerate(class_names)}
        labels = tf.constant([number_of[name] for name in classes], tf.int64)

    def held(index: int) -> tuple:
        *found, place = pixels(index)
        return *found, place, os.fsencode(layout.inside(files[place], root))

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        # Names are asked of Python: as a tensor, the graph of every pass would hold them all.
        *found, place, name = tf.numpy_function(
            held, [index], [*types.values(), tf.int64, tf.string]
        )
        record = dict(zip(types, found, strict=True))
        for kind, picture in record.items():
            picture.set_shape([None, None, channels if kind == "image" else 1])
        record["stands_in"] = tf.reshape(place != index, [])
        record["file"] = tf.reshape(name, [])
        return record | ({"label": tf.gather(labels, place)} if class_names else {})

    shape = (None, None, channels)
    source = Source(name, split, len(files), shape, record, class_names, broken)
    return dataclasses.replace(source, tells_defects=tells_defects, files=files)


def reader(
    root: Path, files: list[Path], read: Callable[[Path], tuple[np.ndarray, ...]], broken: dict
) -> Callable[[int], tuple]:
    """A function of an index: what `read` gives for the file there, and where it stands.

    A file that cannot be read is noted in `broken`, told once, and the next good one is in its
    place.
    """
    paths = list(map(str, files))
    telling = threading.Lock()

    def pixels(index: int) -> tuple:
        for found in itertools.chain(range(index, len(files)), range(index)):
            path = paths[found]
            if path in broken:
                continue
            try:
                return *read(files[found]), np.int64(found)
            except image_files.BrokenImage as error:
                with telling:  # several threads may have met the same file
                    if path not in broken:
                        broken[path] = str(error)
                        print(f"skipped {path}: {error} ({len(broken)} so far)", file=sys.stderr)
        raise UserError(f"{root}: none of its {len(files)} image files can be read")

    return pixels


class Memory:
    """Decodes files, and keeps what it decoded while it fits.

    All as uint16, which holds 8-bit pixels exactly too (v * 257), so that one type does.
    """

    def __init__(self, channels: int, limit_bytes: int = 2 << 30):
        self._channels, self._left = channels, limit_bytes
        self._kept: dict[Path, np.ndarray] = {}

    def read(self, file: Path) -> np.ndarray:
        if file in self._kept:
            return self._kept[file]
        pixels = image_files.on_white(image_files.read(file))
        pixels = image_files.to_channels(pixels, self._channels)
        if pixels.dtype == np.uint8:
            pixels = pixels.astype(np.uint16) * 257
        pixels = levels.at_most(pixels, np.uint16)
        if pixels.nbytes <= self._left:
            self._left -= pixels.nbytes
            self._kept[file] = pixels
        return pixels
