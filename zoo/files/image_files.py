"""Image files in and out: any common format, bit depth, palette, alpha and orientation.

Pillow does the decoding, except for 16-bit PNG with color, which it would cut to 8 bits.
"""

import io
import math
import warnings
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from zoo.cli import UserError
from zoo.files import atomic, buckets, png16
from zoo.files.buckets import BucketPath
from zoo.files.png16 import BrokenImage

# What is taken from folders, by Pillow's names of the formats; what is read by name may be more.
FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".jp2": "JPEG2000",
    ".ppm": "PPM",
    ".pgm": "PPM",
    ".tga": "TGA",
}
LONGEST_SIDE = {"JPEG": 65500, "WEBP": 16383, "AVIF": 65535, "TGA": 65535}  # of its encoder
WITH_ALPHA = {"WEBP", "TIFF", "JPEG2000", "TGA"}  # and keep it as it was
OPTIONS = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95, "method": 4},
    "AVIF": {"quality": 90, "subsampling": "4:4:4"},
    "TIFF": {"compression": "tiff_lzw"},
}

# Very large photographs are what tiles are for, and Pillow still refuses bombs; damaged
# metadata is no news. Once and for all, since files are read by several threads.
warnings.filterwarnings("ignore", module="PIL")


class Picture(NamedTuple):
    """Pixels as a person sees them, upright.

    Attributes:
      pixels: uint8 or uint16 [height, width, 1 or 3].
      alpha: the same type, [height, width, 1], or None.
      icc_profile: the color profile's bytes, or None.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    icc_profile: bytes | None = None


def find(folder: Path | BucketPath) -> list[Path | BucketPath]:
    """All image files below a folder, sorted by path; nothing that a system hides by a dot."""
    in_bucket = isinstance(folder, BucketPath)
    found = folder.files() if in_bucket else folder.rglob("*")
    named = (p for p in found if p.suffix.lower() in FORMATS and not _is_hidden(p, folder))
    return sorted(p for p in named if in_bucket or p.is_file())


def _is_hidden(path: Path | BucketPath, folder: Path | BucketPath) -> bool:
    """Such as a Mac's ._x.jpg, or what lies in .ipynb_checkpoints."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def read(path: str | Path | BucketPath) -> Picture:
    """Decodes one file; of an animation, the first frame. Raises BrokenImage."""
    try:
        with buckets.path(str(path)).open("rb") as file:
            return _decode(file)
    except UnidentifiedImageError:
        raise BrokenImage("not an image that can be read") from None
    except Exception as error:  # Pillow's decoders raise nearly any type on damaged bytes.
        raise BrokenImage(" ".join(str(error).split()) or type(error).__name__) from None


def pixels_of(picture: Any, channels: int) -> Any:
    """The pixels of a file by its path or of Pillow's image, on white; arrays as they are.

    A gray picture, also one stored as RGB, gets `channels`; a color one keeps its own. Raises
    UserError where the file cannot be read.
    """
    if isinstance(picture, Image.Image):
        pixels = on_white(_from_pillow(ImageOps.exif_transpose(picture), None))
    elif isinstance(picture, str | Path):
        try:
            pixels = on_white(read(picture))
        except BrokenImage as error:
            raise UserError(f"{picture}: {error}") from None
    else:
        return picture
    return to_channels(pixels, channels) if is_gray(pixels) else pixels


def write(path: str | Path | BucketPath, picture: Picture) -> None:
    """Writes beside and renames; JPEG and AVIF without chroma subsampling."""
    path = buckets.path(str(path))
    atomic.write_bytes(path, _encode(path, picture))


def output_name(name: str | Path | BucketPath, picture: Picture) -> Path | BucketPath:
    """The name under which `picture`, read from `name`, is written without loss of kind.

    GIF becomes PNG (256 colors are too few), and so does what its format cannot hold:
    16 bits anywhere but in PNG, alpha where none is kept as it was, color in a .pgm, more pixels
    to a side than it counts.
    """
    name = buckets.path(str(name))
    suffix = name.suffix.lower()
    kind = FORMATS.get(suffix, suffix)
    fits = kind == "PNG" or (
        kind != "GIF"
        and picture.pixels.dtype == np.uint8
        and (picture.alpha is None or kind in WITH_ALPHA)
        and (suffix != ".pgm" or picture.pixels.shape[-1] == 1)
        and max(picture.pixels.shape) <= LONGEST_SIDE.get(kind, math.inf)
    )
    return name if fits else name.with_suffix(".png")


def is_gray(pixels: np.ndarray) -> bool:
    """Whether pixels are gray, be they stored as RGB."""
    return bool((pixels == pixels[..., :1]).all())


def to_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Gray to RGB by repetition, RGB to gray by BT.601 luma; same type."""
    if pixels.shape[-1] == channels:
        return pixels
    if channels == 3:
        return np.repeat(pixels, 3, axis=-1)
    luma = pixels.astype(np.float32) @ np.float32([[0.299], [0.587], [0.114]])
    return luma if pixels.dtype.kind == "f" else np.round(luma).astype(pixels.dtype)


def on_white(picture: Picture) -> np.ndarray:
    """The pixels as seen on a white page."""
    if picture.alpha is None:
        return picture.pixels
    peak = np.iinfo(picture.pixels.dtype).max
    share = picture.alpha.astype(np.float32) / peak
    flat = picture.pixels * share + peak * (1 - share)
    return np.round(flat).astype(picture.pixels.dtype)


def _from_pillow(image: Image.Image, icc_profile: bytes | None) -> Picture:
    if image.mode in ("I;16", "I;16L", "I;16B", "I"):
        gray = np.clip(np.asarray(image.convert("I")), 0, 65535).astype(np.uint16)
        return Picture(gray[..., np.newaxis], None, icc_profile)
    has_alpha = image.has_transparency_data
    is_gray = image.mode in ("1", "L", "LA", "La", "F")
    image = image.convert(("LA" if is_gray else "RGBA") if has_alpha else "L" if is_gray else "RGB")
    pixels = np.asarray(image)
    pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if has_alpha:
        return Picture(pixels[..., :-1], pixels[..., -1:], icc_profile)
    return Picture(pixels, None, icc_profile)


def _to_pillow(picture: Picture) -> Image.Image:
    pixels = _with_alpha(picture)
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _decode(file: IO[bytes]) -> Picture:
    deep = png16.decode(file)
    if deep is not None:
        has_alpha = deep.shape[-1] in (2, 4)
        return Picture(deep[..., :-1], deep[..., -1:]) if has_alpha else Picture(deep)
    with Image.open(file) as image:
        # A CMYK profile does not describe the RGB pixels that we make.
        icc_profile = None if image.mode == "CMYK" else image.info.get("icc_profile")
        return _from_pillow(ImageOps.exif_transpose(image), icc_profile)


def _encode(path: Path | BucketPath, picture: Picture) -> bytes:
    if picture.pixels.dtype == np.uint16:
        return png16.encode(_with_alpha(picture))
    kind = _format(path)
    options = {"icc_profile": picture.icc_profile} if picture.icc_profile else {}
    content = io.BytesIO()
    _to_pillow(picture).save(content, format=kind, **OPTIONS.get(kind, {}), **options)
    return content.getvalue()


def _with_alpha(picture: Picture) -> np.ndarray:
    parts = [picture.pixels] + ([] if picture.alpha is None else [picture.alpha])
    return np.concatenate(parts, axis=-1)


def _format(path: Path | BucketPath) -> str:
    try:
        return Image.registered_extensions()[path.suffix.lower()]
    except KeyError:
        raise UserError(f"cannot write {path.name}: name it {', '.join(sorted(FORMATS))}") from None
