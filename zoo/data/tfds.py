"""Any image set of tensorflow-datasets."""

import socket
import sys
import urllib.request
from pathlib import Path

import tensorflow as tf

from zoo.cli import UserError
from zoo.data import embedded, factor_sets
from zoo.data.source import Source, from_arrays


def split_names(name: str, data_dir: str | None) -> list[str]:
    """As the set's own documentation names them."""
    return list(_builder(name, data_dir).info.splits)


def load(name: str, split: str, data_dir: str | None, channels: int) -> Source:
    """Opens a prepared set, or downloads it as TFDS does; `channels` are as the set has them.

    Encoded images are small and wanted in any order: all of them are held in memory.
    """
    del channels
    import tensorflow_datasets as tfds

    builder = _builder(name, data_dir)
    features = builder.info.features
    if "image" not in features:
        raise UserError(
            f"{name} has no feature 'image', only {', '.join(features)}; choose an image data set"
        )
    try:
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
    gather = from_arrays(arrays)

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = gather(index)
        return found | {"image": features["image"].decode_example(found["image"])}

    class_names = getattr(features["label"], "names", None) if "label" in features else None
    return Source(name, split, size, tuple(features["image"].shape), record, class_names)


def _builder(name: str, data_dir: str | None):
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except (tfds.core.DatasetNotFoundError, ValueError) as error:
        first_line = str(error).split("\n")[0]
        raise UserError(
            f"unknown dataset {name!r} ({first_line.rstrip('.')}); use folder:PATH, "
            f"{', '.join(embedded.NAMES + factor_sets.NAMES)}, "
            "or a name from tensorflow.org/datasets"
        ) from None
    if not builder.data_path.exists():
        _require_network(name, builder.data_path)
        print(f"downloading {name} into {builder.data_path}", file=sys.stderr)
        try:
            builder.download_and_prepare()
        except Exception as error:  # TFDS, requests and others each raise their own.
            raise UserError(
                f"cannot prepare {name} in {builder.data_path}: {error}; give --data_dir or "
                "TFDS_DATA_DIR, or go online"
            ) from None
    return builder


def _require_network(name: str, folder: Path) -> None:
    """Raises UserError at once where TFDS would try for minutes."""
    if urllib.request.getproxies():
        return
    try:
        socket.getaddrinfo("www.tensorflow.org", 443)
    except OSError as error:
        raise UserError(
            f"{name} is not in {folder}, and there is no network to load it by ({error}); give "
            "--data_dir or TFDS_DATA_DIR, or go online"
        ) from None
