"""Losses by name: `function(target, output)` -> [batch, ...], averaged afterwards."""

import keras
import tensorflow as tf
from keras import ops

from zoo.images.color import LUMA
from zoo.metrics.ssim import ssim


def charbonnier(target, output):
    """sqrt(error^2 + 1e-6): a smooth absolute error (Lai et al. 2017, equation 3)."""
    return ops.mean(ops.sqrt(ops.square(target - output) + 1e-6), axis=-1)


def log_mse(target, output):
    """log(1 + 10^4 mse) of every image: the mean PSNR itself, but for scale and origin.

    Where images differ much in difficulty, mse hardly looks at the easy ones and the mean PSNR
    suffers. From 40 dB on an image counts less, so that one met exactly does not decide alone.
    """
    return ops.log1p(1e4 * ops.mean(ops.square(target - output), axis=[1, 2, 3]))


def mae_ssim(target, output):
    """0.84 (1 - SSIM) + 0.16 absolute error (Zhao et al. 2017, equation 14, at one scale)."""
    absolute = ops.mean(ops.abs(target - output), axis=[1, 2, 3])
    return 0.84 * (1.0 - ssim(target, output)) + 0.16 * absolute


def mae_gradient(target, output):
    """Absolute error, and that of the differences between neighbors, at three sizes.

    What is off by a little everywhere costs as before; a smear, which has no edges, costs more.
    """
    error, total = target - output, 0.0
    for _ in range(3):
        total += ops.mean(ops.abs(error), axis=[1, 2, 3]) / 3.0
        for steps in (error[:, 1:] - error[:, :-1], error[:, :, 1:] - error[:, :, :-1]):
            total += ops.mean(ops.abs(steps), axis=[1, 2, 3]) / 3.0
        error = tf.nn.avg_pool2d(error, 2, 2, "SAME")
    return total


def mae_luma(target, output):
    """Half the absolute error of RGB, half that of luma, which the eye and `psnr_y` look at."""
    difference = target - output
    absolute = ops.mean(ops.abs(difference), axis=-1)
    weights = ops.reshape(ops.array(LUMA, difference.dtype) / sum(LUMA), [3, 1])
    return 0.5 * absolute + 0.5 * ops.abs(ops.matmul(difference, weights)[..., 0])


LOSSES = {
    "mse": keras.losses.mean_squared_error,
    "mae": keras.losses.mean_absolute_error,
    "charbonnier": charbonnier,
    "log_mse": log_mse,
    "mae_gradient": mae_gradient,
    "mae_luma": mae_luma,
    "mae_ssim": mae_ssim,
}
