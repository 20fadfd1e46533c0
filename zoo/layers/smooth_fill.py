"""A smooth fill without learning: the anchor from which completion departs. Any Keras backend.

Coarse to fine over a pyramid: each level takes the coarser level's answer in its hole, and
relaxes it towards a harmonic and then a biharmonic surface by Jacobi's method, which keeps
slopes going into the hole (Damelin and Hoang 2018, by multigrid instead of a linear solver).
"""

import numpy as np
from keras import ops

from zoo.layers import blocks

# The neighbors' mean, and the value at which the bi-Laplacian vanishes, damped to converge.
HARMONIC = np.float32([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / 4
_BIHARMONIC = (
    np.float32(
        [
            [0, 0, -1, 0, 0],
            [0, -2, 8, -2, 0],
            [-1, 8, 0, 8, -1],
            [0, -2, 8, -2, 0],
            [0, 0, -1, 0, 0],
        ]
    )
    / 20
)
BIHARMONIC = 0.6 * _BIHARMONIC + 0.4 * np.float32(np.outer([0, 0, 1, 0, 0], [0, 0, 1, 0, 0]))


def smooth_fill(image, mask, levels: int = 3):
    """Fills holes smoothly.

    Args:
      image: [b, h, w, c]; what stands in the hole does not matter.
      mask: [b, h, w, 1], 1 in the hole.
      levels: how many times the sides are halved.

    Returns:
      [b, h, w, c]; known pixels are the image's.
    """
    known = blocks.pad_to_multiple(1.0 - mask, 2**levels)
    pixels = blocks.pad_to_multiple(image, 2**levels) * known
    pyramid = [(pixels, known)]
    for _ in range(levels):
        pixels, known = pyramid[-1]
        share = ops.average_pool(known, 2, 2)
        # No share lies between 0 and a quarter: a cell has four pixels.
        pixels = ops.average_pool(pixels * known, 2, 2) / ops.maximum(share, 0.25)
        pyramid.append((pixels, ops.cast(share > 0, pixels.dtype)))
    pixels, known = pyramid[-1]
    total = ops.maximum(ops.sum(known, axis=[1, 2], keepdims=True), 1.0)
    filled = ops.sum(pixels * known, axis=[1, 2], keepdims=True) / total + 0.0 * pixels
    for level, (pixels, known) in enumerate(reversed(pyramid)):
        if level:
            filled = ops.depth_to_space(ops.concatenate([filled] * 4, -1), 2)
        filled = known * pixels + (1.0 - known) * filled
        filled = _relaxed(filled, pixels, known, HARMONIC, 4 if level else 8)
        filled = _relaxed(filled, pixels, known, BIHARMONIC, 8)
    return blocks.crop_like(filled, image)


def _relaxed(filled, pixels, known, kernel: np.ndarray, times: int):
    kernel = np.repeat(kernel[..., None, None], pixels.shape[-1], axis=2)
    for _ in range(times):
        around = filled
        for _ in range(kernel.shape[0] // 2):  # one by one, since a level may be one pixel wide
            around = ops.pad(around, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
        moved = ops.depthwise_conv(around, ops.array(kernel, filled.dtype), 1, "valid")
        filled = known * pixels + (1.0 - known) * moved
    return filled
