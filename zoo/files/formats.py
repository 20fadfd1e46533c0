"""The formats of picture files: which there are, what each can hold, and how each is written."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from zoo.cli import UserError
from zoo.files import buckets
from zoo.files.buckets import BucketPath
from zoo.files.picture import Picture

pillow_heif.register_heif_opener()

# What is taken from folders, by Pillow's names of the formats; what is read by name may be more.
FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".jp2": "JPEG2000",
    ".ppm": "PPM",
    ".pgm": "PPM",
    ".tga": "TGA",
}
ANIMATED = {
    "PNG",
    "WEBP",
    "GIF",
    "TIFF",
    "AVIF",
    "HEIF",
}  # files of these may hold several pictures
# Of its encoder.
LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 65535, "HEIF": 16384, "TGA": 65535}
WITH_ALPHA = {"PNG", "WEBP", "TIFF", "JPEG2000", "TGA"}  # and keep it as it was
DEEPEST = {"PNG": np.uint16, "TIFF": np.float32}  # of others uint8
QUALITY = {"JPEG": 95, "WEBP": 95, "AVIF": 90, "HEIF": 95}
OPTIONS = {
    "JPEG": {"subsampling": 0},
    "WEBP": {"method": 4},
    "AVIF": {"subsampling": "4:4:4"},
    "HEIF": {"chroma": 444},
    "TIFF": {"compression": "tiff_lzw"},
}


def of(path: Path | BucketPath) -> str:
    """The format that a file's name asks for; raises UserError where there is none."""
    try:
        return Image.registered_extensions()[path.suffix.lower()]
    except KeyError:
        raise UserError(f"cannot write {path.name}: name it {', '.join(sorted(FORMATS))}") from None


def options(kind: str, quality: int | None = None) -> dict[str, Any]:
    """How Pillow is to write it: without chroma subsampling, of our quality or another one."""
    given = OPTIONS.get(kind, {})
    return given | ({"quality": quality or QUALITY[kind]} if kind in QUALITY else {})


def output_name(
    name: str | Path | BucketPath, picture: Picture, pages: int = 1, exact: bool = False
) -> Path | BucketPath:
    """The name under which `picture`, read from `name`, is written without loss of kind.

    Args:
      name: its suffix is the format.
      picture: the first, of
      pages: in the file.
      exact: whether every pixel must stay as it is.

    GIF becomes PNG (256 colors are too few), and so does what its format cannot hold:
    16 bits anywhere but in PNG, alpha where none is kept as it was, color in a .pgm, more pixels
    to a side than it counts. Floats, and several pages of 16 bits, become TIFF.
    """
    name = buckets.path(str(name))
    suffix = name.suffix.lower()
    kind = FORMATS.get(suffix, suffix)
    if picture.pixels.dtype.kind == "f" or (picture.pixels.dtype == np.uint16 and pages > 1):
        return name if kind == "TIFF" else name.with_suffix(".tif")
    fits = kind == "PNG" or (
        kind != "GIF"
        and picture.pixels.dtype == np.uint8
        and not (exact and kind in QUALITY and not picture.carried.lossless)
        and (picture.alpha is None or kind in WITH_ALPHA)
        and (suffix != ".pgm" or picture.pixels.shape[-1] == 1)
        and max(picture.pixels.shape) <= LONGEST_SIDE.get(kind, math.inf)
    )
    return name if fits else name.with_suffix(".png")
