"""Compressed as files are."""

from __future__ import annotations

import numpy as np
from etils import epy

from zoo.images.degradation import degradation

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf


@degradation("jpeg", default=(30.0, 95.0), limits=(1.0, 100.0), eight_bits=True)
def jpeg(image: tf.Tensor, seed: tf.Tensor, jpeg_quality: tf.Tensor) -> tf.Tensor:
    """Compresses as JPEG and back. Uses no randomness.

    Args:
      jpeg_quality: of JPEG, 1 to 100, or a range.
    """
    del seed
    quality = tf.cast(tf.round(jpeg_quality), tf.int32)
    # The default, a faster cosine transform, darkens red and blue by a level, which networks learn.
    exact = "INTEGER_ACCURATE"
    return tf.image.adjust_jpeg_quality(tf.clip_by_value(image, 0.0, 1.0), quality, exact)


@degradation("web_jpeg", default=(10.0, 95.0), limits=(1.0, 100.0), eight_bits=True)
def web_jpeg(image: tf.Tensor, seed: tf.Tensor, web_quality: tf.Tensor) -> tf.Tensor:
    """JPEG as pictures from the web went through it.

    Its color is at full or at half resolution; every other picture has been a JPEG before, and
    was cut since, so that the older blocks lie across the new ones (Jiang et al. 2021, FBCNN,
    section 3).

    Args:
      web_quality: of the last JPEG of pictures from the web, 1 to 100, or a range.
    """
    chance_seed, quality_seed, shift_seed = tf.unstack(tf.random.split(seed, 3))
    chances = tf.random.stateless_uniform([3], chance_seed)
    twice, half_before, half = tf.unstack(chances < 0.5)
    before = tf.random.stateless_uniform([], quality_seed, 10.0, 95.0)
    top, left = tf.unstack(tf.random.stateless_uniform([2], shift_seed, 0, 8, tf.int32))

    def older() -> tf.Tensor:
        larger = tf.pad(image, [[top, 0], [left, 0], [0, 0]])
        return libjpeg(larger, before, half_before)[top:, left:]

    return libjpeg(tf.cond(twice, older, lambda: image), web_quality, half)


def libjpeg(image: tf.Tensor, quality: tf.Tensor, half_color: tf.Tensor) -> tf.Tensor:
    """What libjpeg makes of a picture and back, but for the last bit, in a graph's own operators.

    TensorFlow's own takes no quality that is drawn together with a choice of color resolution.

    Args:
      image: [h, w, 1 or 3] in [0, 1].
      quality: 1 to 100, as libjpeg scales its tables by it.
      half_color: whether color is kept at half the resolution (4:2:0), or at all of it (4:4:4).
    """
    height, width = tf.unstack(tf.shape(image)[:2])
    levels = tf.round(255.0 * tf.clip_by_value(image, 0.0, 1.0))
    if image.shape[-1] == 1:
        levels = _coded(levels, LUMA_TABLE, quality)
    else:
        ycc = tf.tensordot(levels, YCC_OF_RGB, [[-1], [-1]])
        luma, color = ycc[..., :1], ycc[..., 1:] + 128.0
        color = tf.cond(
            half_color,
            lambda: _enlarged(_coded(_halved(color), COLOR_TABLE, quality), height, width),
            lambda: _coded(color, COLOR_TABLE, quality),
        )
        ycc = tf.concat([_coded(luma, LUMA_TABLE, quality), color - 128.0], -1)
        levels = tf.tensordot(ycc, np.linalg.inv(YCC_OF_RGB).astype("float32"), [[-1], [-1]])
    return tf.round(tf.clip_by_value(levels, 0.0, 255.0)) / 255.0


def _coded(levels: tf.Tensor, table: np.ndarray, quality: tf.Tensor) -> tf.Tensor:
    """Blocks of 8x8 by their cosine transform, quantized (ITU-T T.81, A.3.3 and A.3.4)."""
    quality = tf.round(quality)
    percent = tf.where(quality < 50.0, 5000.0 / quality, 200.0 - 2.0 * quality)
    steps = tf.clip_by_value(tf.floor((table * tf.floor(percent) + 50.0) / 100.0), 1.0, 255.0)
    height, width, channels = *tf.unstack(tf.shape(levels)[:2]), levels.shape[-1]
    rows, columns = -(-height // 8), -(-width // 8)
    levels = tf.gather(levels, tf.minimum(tf.range(8 * rows), height - 1), axis=0)  # edges go on
    levels = tf.gather(levels, tf.minimum(tf.range(8 * columns), width - 1), axis=1)
    blocks = tf.reshape(levels - 128.0, [rows, 8, columns, 8, channels])
    found = tf.einsum("uy,vx,ryqxc->ruqvc", COSINES, COSINES, blocks)
    steps = steps[:, tf.newaxis, :, tf.newaxis]
    found = steps * tf.round(found / steps)
    blocks = tf.einsum("uy,vx,ruqvc->ryqxc", COSINES, COSINES, found)
    levels = tf.round(tf.reshape(blocks, [8 * rows, 8 * columns, channels]) + 128.0)
    return tf.clip_by_value(levels, 0.0, 255.0)[:height, :width]


def _halved(color: tf.Tensor) -> tf.Tensor:
    height, width = tf.unstack(tf.shape(color)[:2])
    color = tf.pad(color, [[0, height % 2], [0, width % 2], [0, 0]], "SYMMETRIC")
    return tf.round(tf.nn.avg_pool2d(color[tf.newaxis], 2, 2, "VALID")[0])


def _enlarged(color: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    sides = 2 * tf.shape(color)[:2]
    return tf.image.resize(color, sides, "bilinear")[:height, :width]


# Rows are waves: the cosine transform of 8 values.
COSINES = np.cos(np.pi / 16 * np.outer(np.arange(8), 2 * np.arange(8) + 1)).astype("float32") / 2
COSINES[0] *= np.sqrt(0.5)
YCC_OF_RGB = np.float32(
    [[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]]
)
# ITU-T T.81, tables K.1 and K.2.
LUMA_TABLE = np.float32(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
COLOR_TABLE = np.full([8, 8], 99, np.float32)
COLOR_TABLE[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]
