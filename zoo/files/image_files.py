"""Image files in and out: any common format, bit depth, palette, alpha and orientation.

Pillow does the decoding, but for what it would cut to 8 bits.
"""

import io
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from zoo.cli import UserError
from zoo.files import atomic, buckets, carried, deep, formats, levels, streamed
from zoo.files.buckets import BucketPath
from zoo.files.carried import NOTHING, Carried
from zoo.files.deep import BrokenImage
from zoo.files.formats import FORMATS, output_name
from zoo.files.picture import Picture, is_gray, on_white, to_channels

__all__ = ["FORMATS", "BrokenImage", "Picture", "is_gray", "on_white", "output_name", "to_channels"]

# Very large photographs are what tiles are for, and Pillow still refuses bombs; damaged
# metadata is no news. Once and for all, since files are read by several threads.
warnings.filterwarnings("ignore", module="PIL")
for library in ("PIL", "imagecodecs", "tifffile"):
    logging.getLogger(library).setLevel(logging.CRITICAL)


def limit_pixels(megapixels: float, by: str = "") -> None:
    """From now on refuses larger pictures, whose file may be small and made to fill the memory.

    Args:
      megapixels: at most.
      by: which flag asks for it, for those who want more.
    """
    global _limited_by
    _limited_by = by
    Image.MAX_IMAGE_PIXELS = int(megapixels * 1e6 / 2)  # Pillow warns there, and refuses at twice


limit_pixels(300)


def find(folder: Path | BucketPath) -> list[Path | BucketPath]:
    """All image files below a folder, sorted by path; nothing that a system hides by a dot."""
    found = list(_below(folder))
    return sorted(found) if isinstance(folder, BucketPath) else found


def any_in(folder: Path | BucketPath) -> bool:
    """Whether there is one, seen as soon as it is met."""
    return any(True for _ in _below(folder))


def read(path: str | Path | BucketPath) -> Picture:
    """Decodes one file; of several pictures in it, the first. Raises BrokenImage."""
    return read_all(path, 1)[0]


def read_all(path: str | Path | BucketPath, most: int | None = None) -> list[Picture]:
    """Decodes every frame of an animation, every page of a TIFF. Raises BrokenImage.

    Of a picture with more than `streamed.LARGE` pixels these lie in a file (`mapped`).

    Args:
      path: the file.
      most: pictures, of those in it.
    """
    try:
        path = buckets.path(str(path))
        if streamed.suits(path):
            return [streamed.read(path)]
        content = path.read_bytes()
        return _decode_deep(content) if deep.is_deep(content) else _decode(content, most)
    except UnidentifiedImageError:
        raise BrokenImage("not an image that can be read") from None
    except Image.DecompressionBombError:
        most = 2e-6 * Image.MAX_IMAGE_PIXELS
        hint = f"; {_limited_by} takes more" if _limited_by else ""
        raise BrokenImage(f"more than {most:g} megapixels{hint}") from None
    except Exception as error:  # Pillow's decoders raise nearly any type on damaged bytes.
        raise BrokenImage(" ".join(str(error).split()) or type(error).__name__) from None


def pixels_of(picture: Any, channels: int) -> Any:
    """The pixels of a file by its path or of Pillow's image, on white; arrays as they are.

    A gray picture, also one stored as RGB, gets `channels`; a color one keeps its own. Raises
    UserError where the file cannot be read.
    """
    if isinstance(picture, Image.Image):
        pixels = on_white(_from_pillow(ImageOps.exif_transpose(picture)))
    elif isinstance(picture, str | Path):
        try:
            pixels = on_white(read(picture))
        except BrokenImage as error:
            raise UserError(f"{picture}: {error}; give the file of a picture") from None
    else:
        return picture
    return to_channels(pixels, channels) if is_gray(pixels) else pixels


def suited(pictures: Any, channels: int) -> np.ndarray:
    """The same as an array that has gray pictures of `channels`, be they arrays or a batch."""
    pixels = np.asarray(pixels_of(pictures, channels))
    if pixels.ndim == 2 and channels > 1:
        pixels = pixels[..., np.newaxis]
    is_picture = pixels.ndim in (3, 4) and pixels.shape[-1] in (1, 3)
    return to_channels(pixels, channels) if is_picture and is_gray(pixels) else pixels


def write(
    path: str | Path | BucketPath,
    pictures: Picture | Sequence[Picture],
    quality: int | None = None,
) -> None:
    """Writes beside and renames.

    Args:
      path: its suffix is the format. What that cannot hold is rounded, or laid on white.
      pictures: one, or the frames of an animation or pages.
      quality: 1 to 100, where a format is lossy.

    Raises:
      UserError: where there are several, and the format holds one.
    """
    path = buckets.path(str(path))
    pictures = [pictures] if isinstance(pictures, Picture) else list(pictures)
    kind = formats.of(path)
    if len(pictures) == 1 and isinstance(path, Path) and streamed.holds(pictures[0], kind):
        with atomic.beside(path) as temporary:
            streamed.write(temporary, pictures[0], kind, formats.options(kind, quality))
        return
    atomic.write_bytes(path, _encode(kind, pictures, quality))


def _below(folder: Path | BucketPath) -> Iterator[Path | BucketPath]:
    if isinstance(folder, BucketPath):
        named = (p for p in folder.files() if p.suffix.lower() in FORMATS)
        yield from (p for p in named if not any(map(_is_hidden, p.relative_to(folder).parts)))
    else:
        yield from map(Path, _walked(str(folder)))


def _walked(folder: str) -> Iterator[str]:
    """In the order of sorted paths; by strings, for folders of a hundred thousand files."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except PermissionError:
        return
    for entry in entries:
        if _is_hidden(entry.name):
            continue
        if entry.is_dir():
            if not entry.is_symlink():  # it may lead back to here
                yield from _walked(entry.path)
        elif os.path.splitext(entry.name)[1].lower() in FORMATS and entry.is_file():
            yield entry.path


def _is_hidden(name: str) -> bool:
    """Such as a Mac's ._x.jpg, or .ipynb_checkpoints with all that lies in it."""
    return name.startswith(".")


def _decode(content: bytes, most: int | None) -> list[Picture]:
    lossless = content[:4] == b"RIFF" and b"VP8L" in content[:100]
    with Image.open(io.BytesIO(content)) as image:
        frames = getattr(image, "n_frames", 1) if image.format in formats.ANIMATED else 1
        found = []
        for number in range(min(frames, most or frames)):
            image.seek(number)
            if number and image.format == "TIFF" and image.tag_v2.get(254, 0) & 1:
                continue  # a thumbnail of another page
            upright = ImageOps.exif_transpose(image)
            milliseconds = image.info.get("duration", 0.0) if frames > 1 else 0.0
            told = carried.of(image, upright, lossless)
            found.append(_from_pillow(upright, told)._replace(milliseconds=milliseconds))
        return found


def _decode_deep(content: bytes) -> list[Picture]:
    told, orientation = carried.of_deep(content)
    found = []
    for page in deep.decode(content):
        page = deep.upright(page, orientation)
        alpha = page[..., -1:] if page.shape[-1] in (2, 4) else None
        found.append(Picture(page if alpha is None else page[..., :-1], alpha, told))
    return found


def _from_pillow(image: Image.Image, told: Carried = NOTHING) -> Picture:
    if image.mode in ("I;16", "I;16L", "I;16B", "I"):
        gray = np.clip(np.asarray(image.convert("I")), 0, 65535).astype(np.uint16)
        return Picture(gray[..., np.newaxis], None, told)
    has_alpha = image.has_transparency_data
    is_gray = image.mode in ("1", "L", "LA", "La", "F")
    image = image.convert(("LA" if is_gray else "RGBA") if has_alpha else "L" if is_gray else "RGB")
    pixels = np.asarray(image)
    pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    if has_alpha:
        return Picture(pixels[..., :-1], pixels[..., -1:], told)
    return Picture(pixels, None, told)


def _encode(kind: str, pictures: list[Picture], quality: int | None) -> bytes:
    pictures = [_as_held_by(kind, picture) for picture in pictures]
    told = pictures[0].carried
    is_deep = pictures[0].pixels.dtype != np.uint8
    if len(pictures) > 1 and (kind not in formats.ANIMATED or (is_deep and kind == "PNG")):
        raise UserError(f"{len(pictures)} pictures in one file, and {kind} holds one; ask for tif")
    if is_deep:
        return deep.encode([picture.whole() for picture in pictures], kind, told)
    frames = [_to_pillow(picture) for picture in pictures]
    options = formats.options(kind, quality) | carried.options(kind, told)
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:]}
        if any(times := [picture.milliseconds for picture in pictures]):
            times = times if kind == "PNG" else [round(x) for x in times]
            options |= {"duration": times, "loop": told.loop}
    content = io.BytesIO()
    frames[0].save(content, format=kind, **options)
    return content.getvalue()


def _as_held_by(kind: str, picture: Picture) -> Picture:
    """As deep as a format can be, and on white where it has no alpha."""
    if picture.alpha is not None and kind not in formats.WITH_ALPHA:
        picture = picture._replace(pixels=on_white(picture), alpha=None)
    kept = levels.at_most(picture.pixels, formats.DEEPEST.get(kind, np.uint8))
    alpha = None if picture.alpha is None else levels.at_most(picture.alpha, kept.dtype)
    return picture._replace(pixels=kept, alpha=alpha)


def _to_pillow(picture: Picture) -> Image.Image:
    pixels = picture.whole()
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
