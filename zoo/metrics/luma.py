"""PSNR and SSIM as super-resolution papers give them: on luma, rounded, without the border."""

import tensorflow as tf

from zoo.images import color, resampling
from zoo.metrics.psnr import psnr
from zoo.metrics.ssim import ssim


def psnr_y(target: tf.Tensor, output: tf.Tensor, border: int = 0) -> tf.Tensor:
    """PSNR of BT.601 studio-range luma, both rounded to 8 bits, `border` pixels cut."""
    return psnr(_luma(target, border), _luma(output, border))


def ssim_y(target: tf.Tensor, output: tf.Tensor, border: int = 0) -> tf.Tensor:
    """SSIM of BT.601 studio-range luma, both rounded to 8 bits, `border` pixels cut."""
    return ssim(_luma(target, border), _luma(output, border))


def _luma(images: tf.Tensor, border: int) -> tf.Tensor:
    eight_bits = resampling.eight_bits(images)
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    return color.luma(eight_bits)[:, border : height - border, border : width - border]
