"""Layers that compute as if in 8 bits, so that training can find weights which bear it.

Jacob et al. 2018, "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", section 3: numbers are rounded on the way forward, and the
gradient passes as if they had not been (Bengio et al. 2013).
"""

import functools

import keras
from keras import ops

TINY = 1e-8  # a range that is no range: all numbers alike


def simulate(model: keras.Model) -> None:
    """Turns every layer of the model into its 8-bit counterpart, for good.

    The layers and their weights stay the same objects. Call it before anything is traced.
    """
    for layer in model._flatten_layers(include_self=False):
        layer.__class__ = _counterpart(type(layer))


def rounded(x):
    """A tensor on a grid of 256 levels from its lowest to its highest number, zero among them."""
    fixed = ops.stop_gradient(x)
    low, high = ops.minimum(ops.min(fixed), 0), ops.maximum(ops.max(fixed), 0)
    scale = ops.maximum(high - low, TINY) / 255
    zero = ops.round(-low / scale)
    levels = ops.clip(ops.round(fixed / scale) + zero, 0, 255)
    return x + ((levels - zero) * scale - fixed)


def rounded_kernel(kernel):
    """A kernel on 255 levels around zero, with a scale for each output channel, its last axis."""
    fixed = ops.stop_gradient(kernel)
    largest = ops.max(ops.abs(fixed), axis=tuple(range(fixed.ndim - 1)), keepdims=True)
    scale = ops.maximum(largest, TINY) / 127
    return kernel + (ops.round(fixed / scale) * scale - fixed)


class _Rounding:
    """Rounds what a layer gives."""

    def __call__(self, *args, **kwargs):
        outputs = super().__call__(*args, **kwargs)
        return keras.tree.map_structure(rounded, outputs)


class _RoundingKernel(_Rounding):
    """Rounds a layer's kernel, too."""

    @property
    def kernel(self):
        return rounded_kernel(super().kernel)


@functools.cache
def _counterpart(layer: type[keras.layers.Layer]) -> type[keras.layers.Layer]:
    base = _RoundingKernel if hasattr(layer, "kernel") else _Rounding
    return type(f"Rounding{layer.__name__}", (base, layer), {})
