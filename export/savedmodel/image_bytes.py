"""PNG and JPEG inside the served graph. Sizes are read from the header before any decoding.

A few bytes can claim 100 megapixels; a decoder would take the memory first and fail later.
"""

import tensorflow as tf

from export.savedmodel import guards, orientation

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"


def decode(encoded: tf.Tensor, shape: tuple[int | None, ...]) -> tf.Tensor:
    """One image file as numbers in [0, 1].

    Color becomes gray by BT.601 luma, rounded to 8 bits; gray becomes RGB by repetition;
    alpha is dropped; 16 bits become 8; a JPEG is turned upright as its EXIF says.

    Args:
      encoded: string [], a PNG or JPEG file.
      shape: [height, width, channels] to expect; None is any side.

    Returns:
      float32 [height, width, channels]; raises InvalidArgumentError.
    """
    is_png = tf.strings.substr(encoded, 0, len(PNG)) == PNG
    is_jpeg = tf.strings.substr(encoded, 0, len(JPEG)) == JPEG
    known = guards.check(is_png | is_jpeg, "neither a PNG nor a JPEG file")
    with tf.control_dependencies([known]):
        sides = tf.cond(
            is_png, lambda: _png_sides(encoded), lambda: tf.image.extract_jpeg_shape(encoded)[:2]
        )
        turned = tf.cond(is_png, lambda: 1, lambda: orientation.of_jpeg(encoded))
    sides = tf.where(turned >= 5, sides[::-1], sides)
    pixels = tf.reduce_prod(tf.cast(sides, tf.int64))
    positive = tf.reduce_all(sides > 0)
    checks = [
        guards.check(positive, "an image without pixels; height and width are", sides),
        guards.check(
            (pixels <= guards.MAX_PIXELS) & (tf.reduce_max(sides) <= guards.MAX_PIXELS),
            f"an image of more than {guards.MAX_PIXELS} pixels; height and width are",
            sides,
        ),
        *(
            guards.check(sides[i] == side, f"{what} must be {side}, not", sides[i])
            for i, (what, side) in enumerate(zip(("height", "width"), shape[:2], strict=True))
            if side is not None
        ),
    ]
    with tf.control_dependencies(checks):
        image = tf.cond(
            is_png,
            lambda: tf.io.decode_png(encoded, channels=3),
            # Pillow's and every browser's way, so that equal files give equal pixels.
            lambda: tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE"),
        )
    image = tf.cast(orientation.upright(image, turned), tf.float32)
    if shape[-1] == 1:
        image = tf.round(tf.tensordot(image, [[0.299], [0.587], [0.114]], 1))
    return tf.ensure_shape(image / 255.0, shape)


def encode(images: tf.Tensor) -> tf.Tensor:
    """PNG files of images in [0, 1]: float32 [b, h, w, c] -> string [b]."""
    return tf.io.encode_png(to_uint8(images))


def to_uint8(images: tf.Tensor) -> tf.Tensor:
    """[0, 1] to the nearest of 256 levels."""
    return tf.cast(tf.round(tf.clip_by_value(images, 0.0, 1.0) * 255.0), tf.uint8)


def _png_sides(encoded: tf.Tensor) -> tf.Tensor:
    """Height and width of a PNG file, int32 [2], from where its header has them."""
    whole = guards.check(tf.strings.length(encoded) >= 24, "a PNG file cut short")
    with tf.control_dependencies([whole]):
        header = tf.strings.substr(encoded, 16, 8)
    width_height = tf.io.decode_raw(header, tf.int32, little_endian=False)
    return tf.ensure_shape(width_height, [2])[::-1]
