"""Large pictures in and out by rows, by libvips, whose pixels lie in a file in between."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.files import carried, mapped
from zoo.files.carried import Carried
from zoo.files.picture import Picture

LARGE = 8e6  # pixels
KINDS = {"JPEG", "PNG", "TIFF"}  # which libvips reads and writes row by row
MODES = {"L": 1, "RGB": 3}  # of Pillow, with their channels


def suits(path: Any) -> bool:
    """Whether a file has one large picture, of 8 bits and without alpha, that is read by rows."""
    if not isinstance(path, Path):
        return False  # in a bucket
    try:
        with Image.open(path) as image:
            if image.width * image.height <= LARGE or image.format not in KINDS:
                return False
            one = getattr(image, "n_frames", 1) == 1
            plain = image.mode in MODES and not image.has_transparency_data
            return one and plain and _bits(path, image) == 8
    except Exception:  # of any type, by damaged bytes; whoever reads it will say
        return False


def read(path: Path) -> Picture:
    """Upright, its pixels in a file."""
    import pyvips

    with Image.open(path) as image:
        turned = image.getexif().get(carried.ORIENTATION, 1) != 1
        told, channels = carried.of(image, image), MODES[image.mode]
    access = "random" if turned else "sequential"
    image = pyvips.Image.new_from_file(str(path), access=access, fail_on="error")
    image = image.autorot() if turned else image
    with tempfile.TemporaryDirectory() as folder:
        image.rawsave(str(Path(folder, "pixels")))
        shape = image.height, image.width, channels
        return Picture(mapped.opened(Path(folder, "pixels"), shape, np.uint8), None, told)


def holds(picture: Picture, kind: str) -> bool:
    """Whether `write` can write it."""
    lost = kind == "TIFF" and picture.carried.exif  # which libvips does not write there
    return mapped.is_mapped(picture.pixels) and kind in KINDS and not lost


def write(path: Path, picture: Picture, kind: str, options: dict[str, Any]) -> None:
    """Writes one picture.

    Args:
      path: the file.
      picture: `holds`.
      kind: JPEG, PNG or TIFF.
      options: what Pillow would be given for the format, of which the quality counts.
    """
    import pyvips

    height, width, channels = picture.pixels.shape
    image = pyvips.Image.new_from_memory(picture.pixels, width, height, channels, "uchar")
    image.set_progress(True)
    image.signal_connect("eval", lambda image, progress: mapped.forget(picture.pixels))
    if kind == "TIFF":
        _tiff(image, picture.carried).tiffsave(str(path), compression="lzw", bigtiff=True)
        return
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        bare = Path(folder, "bare")
        if kind == "JPEG":
            image.jpegsave(str(bare), Q=options["quality"], subsample_mode="off", keep="none")
        else:
            image.pngsave(str(bare), keep="none")
        with bare.open("rb") as source, path.open("wb") as target:
            target.write(carried.header(source, kind, picture.carried))
            shutil.copyfileobj(source, target, 1 << 20)


def _bits(path: Path, image: Image.Image) -> int:
    """Of a sample; Pillow says 8 of some that have more."""
    if image.format == "TIFF":
        return max(image.tag_v2.get(258, (1,)))
    with path.open("rb") as file:
        return file.read(25)[24] if image.format == "PNG" else 8


def _tiff(image: Any, told: Carried) -> Any:
    """An image of libvips with what its TIFF is to carry."""
    import pyvips

    if told.dpi:
        image = image.copy(xres=told.dpi[0] / 25.4, yres=told.dpi[1] / 25.4)
        image.set_type(pyvips.GValue.gstr_type, "resolution-unit", "in")
    for name, content in {"icc-profile-data": told.icc_profile, "xmp-data": told.xmp}.items():
        if content:
            image.set_type(pyvips.GValue.blob_type, name, content)
    return image
