"""Losses by name: `function(target, output)`, averaged over all but the batch."""

import keras
from keras import ops


def charbonnier(target, output):
    """sqrt(error^2 + 1e-6): a smooth absolute error (Lai et al. 2017, equation 3)."""
    return ops.mean(ops.sqrt(ops.square(target - output) + 1e-6), axis=-1)


LOSSES = {
    "mse": keras.losses.mean_squared_error,
    "mae": keras.losses.mean_absolute_error,
    "charbonnier": charbonnier,
}
