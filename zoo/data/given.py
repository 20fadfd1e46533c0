"""Pictures that a person has in Python: arrays, a list, a tf.data set, or the name of a set."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import sources
from zoo.data.source import Source, from_arrays
from zoo.files import image_files, levels

HELD_OUT = 20  # of so many pictures one is for validation


def training(images: Any, labels: Any = None, channels: int = 0) -> tuple[Source, Source]:
    """Pictures to train on, and others held out.

    Args:
      images: [n, h, w] or [n, h, w, c]; a list of pictures, of any sizes, as arrays, paths or
        Pillow's; a tf.data set of pictures, (picture, label) pairs or dicts with "image" and
        perhaps "label"; a folder; or whatever --dataset takes.
      labels: of the pictures, whole numbers from 0 on, [n], where there are some. Pictures of
        each are held out.
      channels: 1 or 3; 0 for as the pictures are.

    Raises:
      UserError: what are no pictures, or fewer than two.
    """
    if isinstance(images, str | Path):
        name = _name(images)
        return tuple(
            sources.load(name, split, None, channels) for split in sources.training_splits(name)
        )
    pictures, labels = _listed(images, labels, channels)
    if len(pictures) < 2:
        raise UserError(
            f"{len(pictures)} pictures given; at least 2 are needed, one to validate on"
        )
    held_out = _held_out(np.zeros(len(pictures)) if labels is None else labels)
    return tuple(_source(pictures, labels, np.flatnonzero(x)) for x in (~held_out, held_out))


def source(images: Any, labels: Any = None, channels: int = 0, split: str = "") -> Source:
    """All of the pictures; `split` is for named sets."""
    if isinstance(images, str | Path):
        return sources.load(_name(images), split, None, channels)
    pictures, labels = _listed(images, labels, channels)
    return _source(pictures, labels, np.arange(len(pictures)))


def _held_out(labels: np.ndarray) -> np.ndarray:
    """Whether each picture is: one in HELD_OUT of every class, and at least one, if it has two."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        there = np.flatnonzero(labels == label)
        chosen[there[max(1, min(HELD_OUT, len(there)) - 1) :: HELD_OUT]] = True
    return chosen


def _name(images: str | Path) -> str:
    return f"folder:{images}" if Path(images).expanduser().is_dir() else str(images)


def _listed(images: Any, labels: Any, channels: int) -> tuple[list[np.ndarray], Any]:
    """Pictures [h, w, c] one by one, and their labels."""
    if isinstance(images, tf.data.Dataset):
        rows = [_row(element) for element in images.as_numpy_iterator()]
        images = [image for image, _ in rows]
        labels = labels if not rows or rows[0][1] is None else [label for _, label in rows]
    if not isinstance(images, Iterable):
        raise UserError(f"images of type {type(images).__name__}; expected arrays, files or a name")
    if isinstance(images, np.ndarray) and images.ndim not in (3, 4):
        raise UserError(f"images of shape {list(images.shape)}; expected [n, h, w] or [n, h, w, c]")
    pictures = [_picture(image, channels, i) for i, image in enumerate(images)]
    labels = None if labels is None else _whole(labels, len(pictures))
    if not pictures:
        raise UserError("no pictures given")
    most = max(picture.shape[-1] for picture in pictures)
    return [image_files.to_channels(picture, most) for picture in pictures], labels


def _whole(labels: Any, count: int) -> np.ndarray:
    """int64 [count]; raises UserError where they are none."""
    found = np.asarray(labels)
    if found.shape[:1] != (count,):
        raise UserError(
            f"{len(found) if found.ndim else 1} labels for {count} pictures; give one for each"
        )
    if found.size != count or found.dtype.kind not in "iub" or (found < 0).any():
        raise UserError(
            f"labels have type {found.dtype} and shape {list(found.shape)}; expected whole numbers "
            f"from 0 on, [{count}]"
        )
    return found.reshape(count).astype(np.int64)


def _row(element: Any) -> tuple[Any, Any]:
    if isinstance(element, dict):
        return element["image"], element.get("label")
    return element if isinstance(element, tuple) else (element, None)


def _picture(image: Any, channels: int, number: int) -> np.ndarray:
    """uint16 or uint8 [h, w, 1 or 3]."""
    pixels = np.asarray(image_files.pixels_of(image, channels or 1))
    levels.check(pixels, f"picture {number}")
    pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3) or pixels.size == 0:
        raise UserError(
            f"picture {number} has shape {list(pixels.shape)}; expected [h, w], [h, w, 1] or "
            "[h, w, 3]"
        )
    if pixels.dtype.kind != "u":
        pixels = levels.from_float(levels.to_float(pixels), np.uint16)
    return image_files.to_channels(pixels, channels) if channels else pixels


def _source(pictures: list[np.ndarray], labels: Any, chosen: np.ndarray) -> Source:
    kept = [pictures[i] for i in chosen]
    classes = None if labels is None else [str(i) for i in range(int(np.max(labels)) + 1)]
    label = {} if labels is None else {"label": tf.constant(labels[chosen])}
    channels = kept[0].shape[-1] if kept else pictures[0].shape[-1]
    shapes, types = {x.shape for x in kept}, {x.dtype for x in kept}
    if len(shapes) == len(types) == 1:
        record = from_arrays({"image": tf.constant(np.stack(kept))} | label)
        return Source(sources.GIVEN, "", len(kept), shapes.pop(), record, classes)
    deep = [x if x.dtype == np.uint16 else x.astype(np.uint16) * 257 for x in kept]
    beside = from_arrays(label)

    def record_of_any_size(index: tf.Tensor) -> dict[str, tf.Tensor]:
        image = tf.numpy_function(lambda i: deep[i], [index], tf.uint16)
        return {"image": tf.ensure_shape(image, [None, None, channels])} | beside(index)

    return Source(sources.GIVEN, "", len(kept), (None, None, channels), record_of_any_size, classes)
