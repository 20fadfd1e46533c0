"""A critic that tells real patches from made ones, for training alone. Pure Keras, any backend."""

import keras
from keras import ops

STRIDE = 8  # pixels between two of the patches that it judges


class PatchCritic(keras.layers.Layer):
    """One score for every patch, high where it looks real (Isola et al. 2017, section 3.2.2).

    [b, h, w, c] -> [b, h / STRIDE, w / STRIDE, 1]; every convolution has spectral norm 1.
    """

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        widths = [width, 2 * width, 4 * width]
        self.layers = [
            SpectralConv(w, 4, strides=2, padding="same", name=f"conv_{i}")
            for i, w in enumerate(widths)
        ]
        self.last = SpectralConv(1, 3, padding="same", dtype="float32", name="last")

    def call(self, images):
        x = images
        for layer in self.layers:
            x = ops.leaky_relu(layer(x), 0.2)
        return self.last(x)


class SpectralConv(keras.layers.Conv2D):
    """A convolution whose kernel is divided by its largest singular value (Miyato et al. 2018)."""

    @property
    def kernel(self):
        kernel = super().kernel
        matrix = ops.reshape(kernel, [-1, kernel.shape[-1]])
        fixed = ops.stop_gradient(matrix)
        right = _most_stretched(ops.cast(fixed, "float32"))
        right = ops.cast(right, matrix.dtype)
        left = _unit(ops.matmul(fixed, right))
        return kernel / ops.matmul(ops.transpose(left), ops.matmul(matrix, right))


def hinge(critic, real, made, where):
    """What a critic and the maker of `made` both minimize (Lim and Ye 2017, by way of one loss).

    The maker's part, minus the critic's score, is added once to learn from and taken off once
    where only the critic learns, so that it moves nothing in the critic.

    Args:
      critic: scores patches.
      real: [b, h, w, c].
      made: the same, from what is trained.
      where: [b, h, w, 1], 1 where `made` was made; patches without any do not count.

    Returns:
      (the critic's, the maker's), [b] each.
    """
    met = ops.max_pool(where, STRIDE, STRIDE, "same")
    seen = [real, ops.stop_gradient(made), made]
    scores = critic(ops.concatenate([ops.concatenate([x, where], -1) for x in seen], 0))
    real, still, moved = ops.split(scores, 3)

    def mean(x):
        return ops.sum(x * met, [1, 2, 3]) / ops.maximum(ops.sum(met, [1, 2, 3]), 1.0)

    return mean(ops.relu(1.0 - real) + ops.relu(1.0 + still)), mean(still - moved)


def _most_stretched(matrix):
    """The direction [n, 1] that a matrix [m, n] stretches most, roughly.

    64 steps of the power method at once, by squaring, so that no state is kept between the steps
    of a training; from the column with most of that direction in it, which is never blind to it.
    """
    gram = ops.matmul(ops.transpose(matrix), matrix)
    for _ in range(6):
        gram = _unit(gram)
        gram = ops.matmul(gram, gram)
    column = ops.argmax(ops.diagonal(gram))
    return _unit(ops.take(gram, [column], axis=1))


def _unit(x):
    return x / (ops.norm(x) + 1e-12)
