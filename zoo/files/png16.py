"""PNG of 16 bits, which Pillow would cut to 8 where it has color, by TensorFlow."""

import struct
from typing import IO

import numpy as np
from PIL import Image


class BrokenImage(Exception):
    """A file that cannot be decoded; the text is the reason."""


def decode(file: IO[bytes]) -> np.ndarray | None:
    """uint16 [height, width, channels]; None, and the file at its start, where it is no such PNG.

    Raises:
      BrokenImage: where it is damaged, or claims more pixels than Pillow would take.
    """
    header = file.read(26)
    file.seek(0)
    if not header.startswith(b"\x89PNG\r\n\x1a\n") or header[24:25] != b"\x10":
        return None
    width, height = struct.unpack(">II", header[16:24])
    if width * height > 2 * Image.MAX_IMAGE_PIXELS:
        raise BrokenImage(f"{width}x{height} pixels are too many")
    import tensorflow as tf

    try:
        return tf.io.decode_png(file.read(), dtype=tf.uint16).numpy()
    except tf.errors.InvalidArgumentError:
        raise BrokenImage("a damaged PNG of 16 bits") from None


def encode(pixels: np.ndarray) -> bytes:
    """The file of uint16 [height, width, 1 to 4]."""
    import tensorflow as tf

    return tf.io.encode_png(pixels).numpy()
