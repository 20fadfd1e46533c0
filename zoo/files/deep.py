"""PNG and TIFF of 16 bits or floats, which Pillow would cut to 8 bits."""

import io
import struct

import numpy as np
from PIL import Image

from zoo.cli import UserError
from zoo.files import exif_tags, levels
from zoo.files.carried import XMP_TAG, Carried, chunks

TIFF_COLORS = {0, 1, 2}  # photometric: white is 0, black is 0, RGB


class BrokenImage(Exception):
    """A file that cannot be decoded; the text is the reason."""


def is_deep(content: bytes) -> bool:
    """Whether a file is a PNG or TIFF with more than 8 bits a sample."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content[24:25] == b"\x10"
    if content[:4] not in (b"II*\0", b"MM\0*"):
        return False
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            return file.pages[0].bitspersample > 8
    except Exception:  # damaged, which whoever reads it will say
        return False


def decode(content: bytes) -> list[np.ndarray]:
    """Every page, uint16 or float32 in [0, 1], [height, width, channels].

    Raises:
      BrokenImage: where it is damaged, of another kind, or claims more pixels than Pillow takes.
    """
    pages = [_png(content)] if content[1:4] == b"PNG" else _tiff(content)
    return [_checked(page if page.ndim == 3 else page[..., np.newaxis]) for page in pages]


def upright(page: np.ndarray, orientation: int) -> np.ndarray:
    """As a camera of this orientation, 1 to 8 of EXIF, means it."""
    page = page.swapaxes(0, 1) if orientation in (5, 6, 7, 8) else page
    rows = slice(None, None, -1 if orientation in (3, 4, 7, 8) else 1)
    columns = slice(None, None, -1 if orientation in (2, 3, 6, 7) else 1)
    return np.ascontiguousarray(page[rows, columns])


def encode(pages: list[np.ndarray], kind: str, carried: Carried) -> bytes:
    """The file, PNG or TIFF, of uint16 or float32 pages [height, width, 1 to 4]."""
    pages = [page[..., 0] if page.shape[-1] == 1 else page for page in pages]
    if kind == "PNG":
        import imagecodecs

        content = imagecodecs.png_encode(np.ascontiguousarray(pages[0]))
        return content[:33] + chunks(carried) + content[33:]  # behind signature and header
    import tifffile

    content = io.BytesIO()
    with tifffile.TiffWriter(content) as file:
        for page in pages:
            channels = 1 if page.ndim == 2 else page.shape[-1]
            file.write(
                page,
                photometric="rgb" if channels > 2 else "minisblack",
                planarconfig="contig",
                extrasamples=["unassalpha"] if channels in (2, 4) else None,
                compression="zlib",
                iccprofile=carried.icc_profile,
                resolution=carried.dpi,
                resolutionunit="inch" if carried.dpi else None,
                extratags=[(XMP_TAG, 1, len(xmp), xmp, True)] if (xmp := carried.xmp) else (),
                metadata=None,
                software=False,
            )
    return exif_tags.added(content.getvalue(), carried.exif) if carried.exif else content.getvalue()


def _png(content: bytes) -> np.ndarray:
    import imagecodecs

    _check_sides(*struct.unpack(">II", content[16:24]))
    if b"IEND" not in content:
        raise BrokenImage("a PNG of 16 bits that was cut")
    try:
        return imagecodecs.png_decode(content)
    except imagecodecs.PngError as error:
        raise BrokenImage(f"a damaged PNG of 16 bits ({error})") from None


def _tiff(content: bytes) -> list[np.ndarray]:
    import tifffile

    with tifffile.TiffFile(io.BytesIO(content)) as file:
        found = [page for number, page in enumerate(file.pages) if not (number and page.is_reduced)]
        for page in found:
            _check_sides(page.imagewidth, page.imagelength)
            if page.photometric not in TIFF_COLORS:
                raise BrokenImage(f"a TIFF of 16 bits in {page.photometric.name}; expected RGB")
        return [_of_page(page) for page in found]


def _of_page(page) -> np.ndarray:
    pixels = page.asarray()
    pixels = np.moveaxis(pixels, 0, -1) if page.planarconfig == 2 and pixels.ndim == 3 else pixels
    if page.photometric == 0:
        pixels = (1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max) - pixels
    return pixels


def _check_sides(width: int, height: int) -> None:
    if width * height == 0:
        raise BrokenImage(f"{width}x{height} pixels")
    if width * height > 2 * Image.MAX_IMAGE_PIXELS:
        raise Image.DecompressionBombError


def _checked(page: np.ndarray) -> np.ndarray:
    if page.shape[-1] > 4:
        raise BrokenImage(f"{page.shape[-1]} channels; expected 1 to 4")
    page = page.astype(np.float32) if page.dtype.kind == "f" else page
    try:
        levels.check(page, "it")
    except UserError as error:
        raise BrokenImage(str(error)) from None
    return page
