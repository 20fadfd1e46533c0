"""Image files that no server should take, and some that it may: kind -> make(random)."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def encoded(kind: str, height: int = 8, width: int = 8) -> bytes:
    """A good file with noise in it."""
    pixels = np.random.default_rng(0).integers(0, 256, [height, width, 3], np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG file with these sides in its header and next to nothing behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A JPEG file with other sides in its header than it has."""
    file = encoded("JPEG")
    at = file.index(b"\xff\xc0") + 5
    return file[:at] + struct.pack(">HH", height, width) + file[at + 4 :]


def flipped(random: np.random.Generator) -> bytes:
    """A good file with a few bytes changed."""
    file = bytearray(encoded(str(random.choice(["PNG", "JPEG"]))))
    for _ in range(random.integers(1, 5)):
        file[random.integers(len(file))] = random.integers(256)
    return bytes(file)


def _cut(kind: str):
    def make(random: np.random.Generator) -> bytes:
        file = encoded(kind)
        return file[: random.integers(3, len(file) - 30)]

    return make


KINDS = {
    "an empty file": lambda _: b"",
    "random bytes": lambda random: random.bytes(random.integers(1, 200)),
    "a truncated PNG": _cut("PNG"),
    "a truncated JPEG": _cut("JPEG"),
    "a PNG's first bytes": lambda _: b"\x89PNG\r\n\x1a\n",
    "a JPEG's first bytes": lambda _: b"\xff\xd8\xff",
    "a 0x0 PNG": lambda _: png_claiming(0, 0),
    "a PNG claiming 100 megapixels": lambda _: png_claiming(10_000, 10_000),
    "a PNG claiming 2**62 pixels": lambda _: png_claiming(2**31 - 1, 2**31 - 1),
    "a PNG claiming a negative width": lambda _: png_claiming(2**32 - 1, 8),
    "a JPEG claiming 100 megapixels": lambda _: jpeg_claiming(10_000, 10_000),
    "a 0x0 JPEG": lambda _: jpeg_claiming(0, 0),
    "a PNG with no pixels in it": lambda _: png_claiming(8, 8),
    "a GIF": lambda _: encoded("GIF"),
    "a BMP": lambda _: encoded("BMP"),
}
