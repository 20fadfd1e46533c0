"""Where pictures come from: a TFDS name, a person's folder, or an embedded set.

Every source answers `record(index)`, so that an epoch's order is a function of (seed,
epoch) and a killed run can go on at any image.
"""

import dataclasses
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import image_files

EMBEDDED = ("digits", "photos")


@dataclass
class Source:
    """Pictures by index.

    Attributes:
      name: as given to `--dataset`.
      size: number of pictures.
      image_shape: (height, width, channels); None where pictures differ.
      record: index, int64 [] -> {"image": uint8 or uint16 [h, w, c]}, with "label",
        int64 [], where the data has labels, and "stands_in", bool [], from a folder: true
        where the picture takes the place of a broken one. Runs inside tf.data.
      class_names: of the labels.
      broken: file -> reason, filled while reading.
    """

    name: str
    size: int
    image_shape: tuple[int | None, int | None, int]
    record: Callable[[tf.Tensor], dict[str, tf.Tensor]]
    class_names: list[str] | None = None
    broken: dict[str, str] = field(default_factory=dict)


def load(name: str, split: str = "", data_dir: str | None = None, channels: int = 0) -> Source:
    """Opens a data set.

    Args:
      name: `folder:PATH`, `digits`, `photos`, or any tensorflow-datasets name.
      split: in TFDS's language: `train`, `test[:100]`, `train[95%:]`; "" is all of `test`
        where there is one, else all of `train`.
      data_dir: where TFDS keeps its data; None is its own default.
      channels: 1 or 3; 0 is as the data has it (3 for a folder).

    Raises:
      UserError: unknown name or split, an empty folder, or one with broken files only.
    """
    if name.startswith("folder:"):
        return _folder(name, split, channels or 3)
    if name in EMBEDDED:
        return _embedded(name, split)
    return _tfds(name, split, data_dir)


def resized(source: Source, sides: int | list[int] | None) -> Source:
    """The same pictures, scaled and cut to [height, width] (one number: both); None: as is."""
    if sides is None:
        return source
    height, width = [sides] * 2 if isinstance(sides, int) else sides

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = source.record(index)
        return found | {"image": resize_to_fill(to_float(found["image"]), height, width)}

    shape = (height, width, source.image_shape[2])
    return dataclasses.replace(source, image_shape=shape, record=record)


def to_float(image: tf.Tensor) -> tf.Tensor:
    """uint8 or uint16 over its full range, to float32 in [0, 1]; floats stay."""
    if image.dtype.is_floating:
        return image
    return tf.cast(image, tf.float32) / float(image.dtype.max)


def resize_to_fill(image: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """The largest centered part of the wanted proportions, scaled to [height, width, c]."""
    if image.shape[:2] == [height, width]:
        return image
    sides = tf.cast(tf.shape(image)[:2], tf.float32)
    ratio = tf.reduce_max([height, width] / sides)
    scaled = tf.maximum(tf.cast(tf.round(sides * ratio), tf.int32), [height, width])
    image = tf.image.resize(image, scaled, "bicubic", antialias=True)
    top, left = (scaled[0] - height) // 2, (scaled[1] - width) // 2
    image = image[top : top + height, left : left + width]
    return tf.clip_by_value(tf.ensure_shape(image, [height, width, None]), 0.0, 1.0)


def training_splits(name: str, data_dir: str | None = None) -> tuple[str, str]:
    """The default (training, validation) splits: `validation` if there is one, else 5 %."""
    if name.startswith("folder:"):
        splits = _folder_splits(_folder_path(name))
    elif name in EMBEDDED:
        splits = _embedded_splits(name)
    else:
        splits = _tfds_builder(name, data_dir).info.splits
    if "validation" in splits:
        return "train", "validation"
    return "train[:95%]", "train[95%:]"


def _embedded(name: str, split: str) -> Source:
    splits = _embedded_splits(name)
    parts = _slices({k: len(images) for k, (images, _) in splits.items()}, split, name)
    shapes = {splits[k][0].shape[1:] for k, _, _ in parts}
    if len(shapes) > 1:
        raise UserError(f"--split={split}: the splits of {name} differ in size; name one of them")
    images = np.concatenate([splits[k][0][start:stop] for k, start, stop in parts])
    labels = np.concatenate([splits[k][1][start:stop] for k, start, stop in parts])
    arrays = {"image": tf.constant(images), "label": tf.constant(labels, tf.int64)}
    class_names = [str(i) for i in range(10)] if name == "digits" else ["china", "flower"]
    return Source(name, len(images), images.shape[1:], _gather(arrays), class_names)


def _embedded_splits(name: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    from sklearn import datasets

    if name == "digits":
        data = datasets.load_digits()
        images = np.round(data.images[..., np.newaxis] * (255 / 16)).astype(np.uint8)
        bounds = {"train": (0, 1400), "validation": (1400, 1500), "test": (1500, len(images))}
        return {k: (images[a:b], data.target[a:b]) for k, (a, b) in bounds.items()}
    # One photograph to learn from, its right edge held out, and another one to test on.
    china, flower = datasets.load_sample_images().images
    return {
        "train": (china[np.newaxis, :, :560], np.array([0])),
        "validation": (china[np.newaxis, :, 560:], np.array([0])),
        "test": (flower[np.newaxis], np.array([1])),
    }


def _folder(name: str, split: str, channels: int) -> Source:
    root = _folder_path(name)
    splits = _folder_splits(root)
    if len(splits) == 1:  # one set, whatever it is called
        splits = dict.fromkeys(("train", "test", "validation"), splits["train"])
    parts = _slices({k: len(v) for k, v in splits.items()}, split, name)
    files = [file for k, start, stop in parts for file in splits[k][start:stop]]
    broken: dict[str, str] = {}
    memory = _Memory()

    def pixels(index: int) -> tuple[np.ndarray, np.int64]:
        """The picture at `index`, or the next good one in its place, and where it stands."""
        for found in [*range(index, len(files)), *range(index)]:
            file = files[found]
            if str(file) in broken:
                continue
            try:
                return memory.get(file, lambda file=file: _flat_16_bit(file, channels)), np.int64(
                    found
                )
            except image_files.BrokenImage as error:
                broken[str(file)] = str(error)
                print(f"skipped {file}: {error} ({len(broken)} so far)", file=sys.stderr)
        raise UserError(f"{root}: none of its {len(files)} image files can be read")

    if files:
        pixels(0)  # a folder of nothing but broken files is found out now, not in an endless loop
    class_of, class_names = _classes(root, files, splits)

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        image, found = tf.numpy_function(pixels, [index], [tf.uint16, tf.int64])
        image.set_shape([None, None, channels])
        record = {"image": image, "stands_in": tf.reshape(found != index, [])}
        return record | ({"label": tf.gather(class_of, found)} if class_names else {})

    return Source(name, len(files), (None, None, channels), record, class_names, broken)


def _folder_path(name: str) -> Path:
    root = Path(name.removeprefix("folder:")).expanduser()
    if not root.is_dir():
        raise UserError(f"{root} is not a folder; --dataset=folder:PATH takes one with images")
    return root


def _folder_splits(root: Path) -> dict[str, list[Path]]:
    """Sub-folders train, validation and test are splits; else everything is `train`."""
    known = [n for n in ("train", "validation", "test") if (root / n).is_dir()]
    found = {n: image_files.find(root / n) for n in known if "train" in known}
    found = found or {"train": image_files.find(root)}
    if not any(found.values()):
        kinds = " ".join(sorted(image_files.EXTENSIONS))
        raise UserError(f"{root} has no images ({kinds}), not in its sub-folders either")
    return found


def _classes(root: Path, files: list[Path], splits: dict) -> tuple[tf.Tensor, list[str] | None]:
    """Labels by sub-folder, where every image stands in one."""
    bases = [root / split for split in splits if (root / split).is_dir()] or [root]

    def folder_of(file: Path) -> str | None:
        base = next(b for b in bases if file.is_relative_to(b))
        parts = file.relative_to(base).parts
        return parts[0] if len(parts) > 1 else None

    folders = [folder_of(file) for file in files]
    names = sorted(set(filter(None, folders)))
    if None in folders or len(names) < 2:
        return tf.zeros([0], tf.int64), None
    return tf.constant([names.index(f) for f in folders], tf.int64), names


def _flat_16_bit(file: Path, channels: int) -> np.ndarray:
    """uint16 holds 8-bit pixels exactly too (v * 257), so that one type does for all."""
    pixels = image_files.to_channels(image_files.on_white(image_files.read(file)), channels)
    return pixels.astype(np.uint16) * 257 if pixels.dtype == np.uint8 else pixels


class _Memory:
    """Keeps decoded pictures while they fit."""

    def __init__(self, limit_bytes: int = 2 << 30):
        self._kept: dict[Path, np.ndarray] = {}
        self._left = limit_bytes

    def get(self, file: Path, decode: Callable[[], np.ndarray]) -> np.ndarray:
        if file in self._kept:
            return self._kept[file]
        pixels = decode()
        if pixels.nbytes <= self._left:
            self._left -= pixels.nbytes
            self._kept[file] = pixels
        return pixels


def _tfds(name: str, split: str, data_dir: str | None) -> Source:
    import tensorflow_datasets as tfds

    builder = _tfds_builder(name, data_dir)
    features = builder.info.features
    if "image" not in features:
        raise UserError(
            f"{name} has no feature 'image', only {', '.join(features)}; choose an image data set"
        )
    split = split or ("test" if "test" in builder.info.splits else "train")
    try:
        # Encoded images are small and wanted in any order: all of them are held in memory.
        encoded = builder.as_dataset(
            split,
            decoders={"image": tfds.decode.SkipDecoding()},
            read_config=tfds.ReadConfig(try_autocache=False),
        )
    except (ValueError, AssertionError, tfds.core.DatasetNotFoundError) as error:
        raise UserError(f"{name}: {error}".split("\n")[0]) from None
    kept = {key: [] for key in ("image", "label") if key in features}
    for batch in encoded.batch(4096):
        for key, values in kept.items():
            values.append(batch[key])
    arrays = {key: tf.concat(values, 0) for key, values in kept.items() if values}
    size = len(arrays.get("image", ()))
    gather = _gather(arrays)

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = gather(index)
        return found | {"image": features["image"].decode_example(found["image"])}

    class_names = getattr(features["label"], "names", None) if "label" in features else None
    return Source(name, size, tuple(features["image"].shape), record, class_names)


def _tfds_builder(name: str, data_dir: str | None):
    tfds = importlib.import_module("tensorflow_datasets")
    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except (tfds.core.DatasetNotFoundError, ValueError) as error:
        first_line = str(error).split("\n")[0]
        raise UserError(
            f"unknown dataset {name!r} ({first_line.rstrip('.')}); use folder:PATH, "
            f"{', '.join(EMBEDDED)}, or a name from tensorflow.org/datasets"
        ) from None
    if not builder.data_path.exists():
        try:
            builder.download_and_prepare()
        except Exception as error:  # TFDS, requests and apache-beam each raise their own.
            raise UserError(
                f"cannot prepare {name} in {builder.data_path}: {error}; give --data_dir or "
                "TFDS_DATA_DIR, or go online"
            ) from None
    return builder


def _slices(sizes: dict[str, int], split: str, name: str) -> list[tuple[str, int, int]]:
    """Reads a split in TFDS's language into (split, start, stop)."""
    import tensorflow_datasets as tfds

    infos = {
        k: tfds.core.splits.SplitInfo(name=k, shard_lengths=[n], num_bytes=0)
        for k, n in sizes.items()
    }
    split = split or ("test" if "test" in sizes else "train")
    try:
        parts = tfds.core.ReadInstruction.from_spec(split).to_absolute(infos)
    except (ValueError, AssertionError) as error:
        raise UserError(f"--split={split} of {name}: {error}".split("\n")[0]) from None
    return [
        (p.splitname, p.from_ or 0, sizes[p.splitname] if p.to is None else p.to) for p in parts
    ]


def _gather(arrays: dict[str, tf.Tensor]) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    return lambda index: {key: tf.gather(values, index) for key, values in arrays.items()}
