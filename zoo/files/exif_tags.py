"""EXIF in a TIFF that tifffile has written, which writes no directories within directories."""

import struct

from PIL import Image
from PIL.ExifTags import IFD
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from zoo.files.carried import DESCRIPTIVE

DIRECTORIES = IFD.Exif, IFD.GPSInfo  # camera and lens; place


def added(content: bytes, exif: bytes) -> bytes:
    """The same TIFF, whose first page has what `exif` tells of it.

    Its directory is written once more, behind all else, with the new entries among the old ones;
    what entries point to stays where it is.
    """
    known = Image.Exif()
    known.load(exif)
    told = ImageFileDirectory_v2(content[:4] + bytes(4))
    for tag in DESCRIPTIVE & known.keys():
        told[tag] = known.get_ifd(tag) if tag in DIRECTORIES else known[tag]
    order = "<" if content[:2] == b"II" else ">"
    content = _even(content)
    new = _even(told.tobytes(len(content)))
    (first_page,) = struct.unpack(f"{order}I", content[4:8])
    entries, next_page = _directory(content[first_page:], order)
    entries |= _directory(new, order)[0]
    merged = struct.pack(f"{order}H", len(entries)) + b"".join(
        e for _, e in sorted(entries.items())
    )
    place = struct.pack(f"{order}I", len(content) + len(new))
    return content[:4] + place + content[8:] + new + merged + next_page


def _even(content: bytes) -> bytes:
    """Directories begin at even places."""
    return content + bytes(len(content) % 2)


def _directory(content: bytes, order: str) -> tuple[dict[int, bytes], bytes]:
    """The entries of 12 bytes by their tags, and what follows them: the next directory's place."""
    (count,) = struct.unpack_from(f"{order}H", content)
    entries = [content[2 + 12 * i : 14 + 12 * i] for i in range(count)]
    tags = [struct.unpack_from(f"{order}H", entry)[0] for entry in entries]
    return dict(zip(tags, entries, strict=True)), content[2 + 12 * count :][:4]
