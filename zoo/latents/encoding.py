"""A run's images to codes and back: any number, with few of them in memory at a time."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from zoo import runs
from zoo.cli import UserError
from zoo.data import labels, pipeline, sources
from zoo.data.source import Source, resize_to_fill, to_float
from zoo.files import image_files
from zoo.models.base import Model
from zoo.models.latent import Latent

BATCH = 256  # images in the network
CHUNK = 1024  # images of a source


class Latents(NamedTuple):
    """What a source's images became, without those of broken files.

    Attributes:
      codes: float32 [n, d], the numbers of each image's code in a row.
      about: columns of length n: "index" in the source, "file" of a folder, and "label",
        the class's name, where the data have labels.
    """

    codes: np.ndarray
    about: dict[str, list]


def latents(
    model: Latent, source: Source, limit: int | None = None, progress: bool = False
) -> Latents:
    """Encodes a source's first images, at most `limit` of them.

    Raises:
      UserError: where there are none, or none of them can be read.
    """
    records = pipeline.whole_records(source, limit).map(
        lambda index, record: pipeline.float_record(record, model) | {"index": index},
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    encode, codes, about = encoder(model), [], {}
    total = min(source.size, limit or source.size)
    hidden = None if progress else True
    with tqdm(total=total, desc="encoding", unit="image", disable=hidden) as bar:
        for chunk in records.batch(CHUNK).prefetch(1).as_numpy_iterator():
            codes.append(encode(chunk["image"]))
            for column, values in _about(chunk, source).items():
                about.setdefault(column, []).extend(values)
            bar.update(len(chunk["image"]))
    if not codes:
        raise UserError(f"none of the {total} images of {source.name} can be read; raise --limit")
    return Latents(np.concatenate(codes), about)


def encoded(model: Latent, source: Source, limit: int = 20_000) -> np.ndarray:
    """Codes of a source's first images, at most `limit` of them, [n, d]."""
    return latents(model, source, limit).codes


def images(model: Model, source: Source, indices: list[int]) -> Iterator[np.ndarray]:
    """A source's images at these places, as the model takes them, [h, w, c] in [0, 1]."""
    places = tf.data.Dataset.from_tensor_slices(np.int64(indices))
    return places.map(
        lambda index: pipeline.float_record(source.record(index), model)["image"],
        num_parallel_calls=tf.data.AUTOTUNE,
    ).as_numpy_iterator()


def read(path: str, model: Model) -> np.ndarray:
    """A file's picture as the model takes it, [h, w, c] in [0, 1]; UserError if broken."""
    pixels = image_files.to_channels(image_files.pixels_of(path, 1), model.channels)
    image = to_float(tf.constant(pixels))
    return resize_to_fill(image, *model.image_size).numpy()


def source_of(
    run: str, channels: int, dataset: str | None, split: str, data_dir: str | None
) -> Source:
    """A data set by name, or the run's own; `split` "" is all of test, or all there is."""
    data = runs.read_config(run)["data"]
    data_dir = data_dir or data.get("data_dir")
    return sources.load(dataset or data["dataset"], split, data_dir, channels)


def training_images(
    run: str, channels: int, dataset: str | None = None, data_dir: str | None = None
) -> Source:
    """The images that a run was trained on, or the training split of another `dataset`.

    Raises:
      UserError: where they are not to be had, or there are none.
    """
    data = runs.read_config(run)["data"]
    split = None if dataset else data.get("split")
    name, data_dir = dataset or data["dataset"], data_dir or data.get("data_dir")
    split = split or sources.training_splits(name, data_dir)[0]
    source = sources.load(name, split, data_dir, channels)
    if source.size == 0:
        raise UserError(f"the split {split} of {name} is empty; choose another --dataset")
    return source


def encoder(model: Latent) -> Callable[[np.ndarray], np.ndarray]:
    """Images [n, h, w, c] to codes [n, d], each code's numbers in a row."""
    encode = batched(model.codes)
    return lambda images: encode(images).reshape(len(images), -1)


def decoder(model: Latent) -> Callable[[np.ndarray], np.ndarray]:
    """And back: codes [n, d] to images [n, h, w, c] in [0, 1]."""
    decode = batched(model.decode)
    return lambda codes: decode(np.reshape(codes, [len(codes), *model.latent_shape]))


def spread(model: Latent, codes: Callable[[], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation [d] of the prior; where there is none, of `codes()` [n, d]."""
    if known := model.spread():
        return known[0].ravel(), known[1].ravel()
    found = codes()
    return found.mean(axis=0), found.std(axis=0)


def batched(function: Callable[..., tf.Tensor]) -> Callable[..., np.ndarray]:
    """`function` of arrays with a leading batch axis: compiled, and called batch by batch."""
    compiled = tf.function(function, reduce_retracing=True)

    def call(*arrays: np.ndarray) -> np.ndarray:
        arrays = [np.asarray(array, np.float32) for array in arrays]
        starts = range(0, len(arrays[0]), BATCH)
        parts = [[tf.constant(a[start : start + BATCH]) for a in arrays] for start in starts]
        return np.concatenate([compiled(*part).numpy() for part in parts])

    return call


def _about(chunk: dict[str, np.ndarray], source: Source) -> dict[str, list]:
    about = {"index": chunk["index"].tolist()}
    if "file" in chunk:
        about["file"] = [name.decode(errors="replace") for name in chunk["file"]]
    if labels.known(source):  # TFDS says -1 where a test set hides its labels
        about["label"] = [source.class_names[i] if i >= 0 else None for i in chunk["label"]]
    return about
