"""Sets that come with scikit-learn: no download."""

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import splits
from zoo.data.source import Source, from_arrays

NAMES = ("digits", "photos")


def split_names(name: str, data_dir: str | None) -> list[str]:
    """train, validation and test."""
    del data_dir
    return list(_splits(name))


def load(name: str, split: str, data_dir: str | None, channels: int) -> Source:
    """Opens `digits` or `photos`; `data_dir` and `channels` do not matter here."""
    del data_dir, channels
    arrays_of = _splits(name)
    parts = splits.parse({k: len(images) for k, (images, _) in arrays_of.items()}, split, name)
    shapes = {arrays_of[k][0].shape[1:] for k, _, _ in parts}
    if len(shapes) > 1:
        raise UserError(f"--split={split}: the splits of {name} differ in size; name one of them")
    images = np.concatenate([arrays_of[k][0][start:stop] for k, start, stop in parts])
    labels = np.concatenate([arrays_of[k][1][start:stop] for k, start, stop in parts])
    arrays = {"image": tf.constant(images), "label": tf.constant(labels, tf.int64)}
    class_names = [str(i) for i in range(10)] if name == "digits" else ["china", "flower"]
    return Source(name, split, len(images), images.shape[1:], from_arrays(arrays), class_names)


def _splits(name: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
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
