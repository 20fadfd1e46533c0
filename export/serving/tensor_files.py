"""Files as a signature's inputs, and its outputs as files. A row is what has no batch axis."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.core.framework.types_pb2 import DT_FLOAT, DT_STRING
from tensorflow.core.protobuf.meta_graph_pb2 import TensorInfo

from export.savedmodel import warmup
from zoo import runs
from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.files.image_files import BrokenImage, Picture


def of_picture(path: str | Path, info: TensorInfo) -> Any:
    """A picture as a row: a PNG file, or [h, w, c] of bytes or of floats in [0, 1].

    It is upright and on white, in 8 bits where the input is not of floats. Raises BrokenImage
    for the file, and UserError where the input takes no image.
    """
    channels = _channels(info)
    pixels = image_files.on_white(image_files.read(path))
    if info.dtype == DT_FLOAT:
        return levels.to_float(image_files.to_channels(pixels, channels))
    pixels = levels.to_eight_bits(pixels)
    if info.dtype == DT_STRING:
        return warmup.png(pixels)
    return image_files.to_channels(pixels, channels)


def read(path: str, info: TensorInfo) -> np.ndarray:
    """A picture or a number as a batch of one, or an .npy file as it is; raises UserError."""
    try:
        if path.endswith(".npy"):
            return np.load(path).astype(tf.as_dtype(info.dtype).as_numpy_dtype)
        if len(info.tensor_shape.dim) == 1 and info.dtype == DT_FLOAT:
            return np.array([float(path)], np.float32)
        return stack([of_picture(path, info)])
    except (BrokenImage, ValueError) as error:
        raise UserError(f"{path}: {error}") from None


def stack(rows: list) -> np.ndarray:
    """Rows as a batch; files stay objects, since numpy's strings drop zeros at their end."""
    return np.array(rows, object) if isinstance(rows[0], bytes) else np.stack(rows)


def rows(outputs: dict[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """Outputs of a batch, one by one."""
    for i in range(len(next(iter(outputs.values())))):
        yield {key: value[i] for key, value in outputs.items()}


def write(path: Path, row: dict[str, Any]) -> list[Path]:
    """Images as PATH.png, or PATH_KEY.png where there are several; numbers as PATH.json."""
    pictures = {k: pixels for k, x in row.items() if (pixels := _pixels(x)) is not None}
    numbers = {k: np.asarray(x).tolist() for k, x in row.items() if k not in pictures}
    written = []
    for key, pixels in pictures.items():
        suffix = "" if len(pictures) == 1 else f"_{key.removesuffix('_bytes')}"
        written.append(path.with_name(f"{path.name}{suffix}.png"))
        image_files.write(written[-1], Picture(pixels))
    if numbers:
        written.append(path.with_name(f"{path.name}.json"))
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        runs.write_json(written[-1], numbers)
    return written


def _channels(info: TensorInfo) -> int:
    """Of an input of pixels; 0 for one of files."""
    dims = [dim.size for dim in info.tensor_shape.dim]
    if info.dtype == DT_STRING and len(dims) == 1:
        return 0
    if len(dims) != 4 or dims[-1] not in (1, 3):
        raise UserError(f"this input is no image but has shape {dims[1:]}; give an .npy file")
    return dims[-1]


def _pixels(row: Any) -> np.ndarray | None:
    """uint8 [h, w, c] of a row that is an image, else None."""
    if isinstance(row, bytes):
        pixels = np.asarray(Image.open(io.BytesIO(row)))
        return pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if np.ndim(row) != 3 or row.shape[-1] not in (1, 3):
        return None
    return row if row.dtype == np.uint8 else levels.from_float(row)
