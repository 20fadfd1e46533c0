"""Files as a signature's inputs, and its outputs as files. A row is what has no batch axis."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.core.framework.types_pb2 import DT_FLOAT, DT_STRING
from tensorflow.core.protobuf.meta_graph_pb2 import TensorInfo

from export.savedmodel import warmup
from zoo.cli import UserError
from zoo.files import atomic, image_files, levels
from zoo.files.image_files import BrokenImage, Picture


def of_pixels(pixels: np.ndarray, info: TensorInfo) -> Any:
    """Pixels of a picture as a row: a PNG file, or [h, w, c] of bytes or of floats in [0, 1].

    They are rounded to 8 bits where the input is not of floats. Raises UserError where it takes
    no image.
    """
    if not is_picture(info):
        shape = [dim.size for dim in info.tensor_shape.dim][1:]
        raise UserError(f"this input is no image but has shape {shape}; give an .npy file")
    if info.dtype == DT_FLOAT:
        return levels.to_float(image_files.to_channels(pixels, channels(info)))
    pixels = levels.to_eight_bits(pixels)
    if info.dtype == DT_STRING:
        return warmup.png(pixels)
    return image_files.to_channels(pixels, channels(info))


def read(path: str, info: TensorInfo) -> np.ndarray:
    """A picture or a number as a batch of one, or an .npy file as it is; raises UserError."""
    try:
        if path.endswith(".npy"):
            return np.load(path).astype(tf.as_dtype(info.dtype).as_numpy_dtype)
        if len(info.tensor_shape.dim) == 1 and info.dtype == DT_FLOAT:
            return np.array([float(path)], np.float32)
        pixels = image_files.on_white(image_files.read(path))
        return stack([of_pixels(pixels, info)])
    except (BrokenImage, ValueError) as error:
        raise UserError(f"{path}: {error}") from None


def stack(rows: list) -> np.ndarray:
    """Rows as a batch; files stay objects, since numpy's strings drop zeros at their end."""
    return np.array(rows, object) if isinstance(rows[0], bytes) else np.stack(rows)


def rows(outputs: dict[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """Outputs of a batch, one by one."""
    for i in range(len(next(iter(outputs.values())))):
        yield {key: value[i] for key, value in outputs.items()}


def write(path: Path, rows: list[dict[str, Any]], may_replace: bool) -> list[Path]:
    """Images as PATH.png, or PATH_KEY.png where there are several; numbers as PATH.json.

    Args:
      path: without a suffix.
      rows: of all the pictures of one file, images as arrays or as Picture.
      may_replace: whether files that are there are replaced.

    Returns:
      What was written. Several pictures are frames of one PNG; floats, and several of 16 bits,
      are a TIFF.

    Raises:
      UserError: where a file is there, before any is written.
    """
    found = {key: [_picture(row[key]) for row in rows] for key in rows[0]}
    images = {key: pictures for key, pictures in found.items() if pictures[0] is not None}
    numbers = [
        {k: np.asarray(x).tolist() for k, x in row.items() if k not in images} for row in rows
    ]
    files = {}
    for key, pictures in images.items():
        suffix = "" if len(images) == 1 else f"_{key.removesuffix('_bytes')}"
        name = path.with_name(f"{path.name}{suffix}.png")
        files[image_files.output_name(name, pictures[0], len(pictures))] = pictures
    if numbers[0]:
        files[path.with_name(f"{path.name}.json")] = numbers[0] if len(rows) == 1 else numbers
    if not may_replace:
        require_new(files)
    for file, content in files.items():
        if file.suffix == ".json":
            atomic.write_json(file, content)
        else:
            image_files.write(file, content)
    return list(files)


def require_new(files: Iterable[Path]) -> None:
    """Raises UserError where one is there already."""
    if found := [file for file in files if file.exists()]:
        others = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise UserError(
            f"{found[0]}{others}: there already; change --output_dir, or replace by --overwrite"
        )


def is_picture(info: TensorInfo) -> bool:
    """Whether an input or output holds images, as files or as pixels."""
    dims = [dim.size for dim in info.tensor_shape.dim]
    return len(dims) == 1 if info.dtype == DT_STRING else len(dims) == 4 and dims[-1] in (1, 3)


def channels(info: TensorInfo) -> int:
    """Of images as pixels; 0 of all else."""
    is_pixels = is_picture(info) and info.dtype != DT_STRING
    return info.tensor_shape.dim[-1].size if is_pixels else 0


def pixels(row: Any) -> np.ndarray | None:
    """[h, w, c] of a row that is an image, uint8 or floats in [0, 1]; else None."""
    if isinstance(row, bytes):
        image = np.asarray(Image.open(io.BytesIO(row)))
        return image[..., np.newaxis] if image.ndim == 2 else image
    return row if np.ndim(row) == 3 and row.shape[-1] in (1, 3) else None


def _picture(value: Any) -> Picture | None:
    if isinstance(value, Picture):
        return value
    found = pixels(value)
    return None if found is None else Picture(levels.to_eight_bits(found))
