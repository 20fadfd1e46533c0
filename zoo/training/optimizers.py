"""The optimizers of --optimizer: AdamW and Muon, whose steps are shorter for some variables."""

import keras
from keras import ops


class AdamW(keras.optimizers.AdamW):
    """Keras's AdamW, with a factor on each variable's learning rate.

    A factor on gradients would do nothing: Adam divides by their size.

    Args:
      factors: one for each trainable variable, in their order; none for 1 everywhere.
      **kwargs: those of `keras.optimizers.AdamW`.
    """

    def __init__(self, factors: list[float], **kwargs):
        super().__init__(**kwargs)
        self.factors = factors

    def update_step(self, gradient, variable, learning_rate):
        factor = self.factors[self._get_variable_index(variable)] if self.factors else 1.0
        # Without a factor nothing is added to the graph.
        rate = learning_rate if factor == 1.0 else factor * learning_rate
        self.update(gradient, variable, rate)

    def update(self, gradient, variable, rate):
        """One step of one variable."""
        super().update_step(gradient, variable, rate)


class Muon(AdamW):
    """Steps of kernels made orthogonal (Jordan et al. 2024, Muon), AdamW for all else.

    A kernel counts as the matrix that maps its inputs, of all taps, to its outputs. Its step is
    as large as AdamW's (root mean square 0.2: Liu et al. 2025, equation 4), so that both take
    the same learning rate. Kernels with fewer than 16 channels on a side, such as those that
    read or write pixels, stay with AdamW.
    """

    MOMENTUM = 0.95

    def build(self, variables):
        super().build(variables)
        self.turns = [v.name == "kernel" and min(v.shape[-2:]) >= 16 for v in variables]

    def update(self, gradient, variable, rate):
        index = self._get_variable_index(variable)
        if not self.turns[index]:
            return super().update(gradient, variable, rate)
        momentum = self._momentums[index]
        self.assign_add(momentum, (1.0 - self.MOMENTUM) * (gradient - momentum))
        ahead = gradient + self.MOMENTUM * (momentum - gradient)  # Nesterov's
        matrix = ops.reshape(ahead, [-1, variable.shape[-1]])
        step = ops.reshape(orthogonal(matrix), variable.shape)
        size = 0.2 * max(matrix.shape) ** 0.5
        self.assign_sub(variable, ops.cast(size * rate, step.dtype) * step)


def orthogonal(matrix):
    """U V^T, roughly, of a matrix U S V^T: its singular values come to lie in 0.7 to 1.2.

    Five iterations of Newton and Schulz with the quintic of Jordan et al. 2024, in the precision
    that the layers compute in. A value that is less than a hundredth of the largest may stay below.
    """
    if matrix.shape[0] < matrix.shape[1]:
        return ops.transpose(orthogonal(ops.transpose(matrix)))
    x = ops.cast(matrix / (ops.norm(matrix) + 1e-12), keras.config.dtype_policy().compute_dtype)
    for _ in range(5):
        gram = ops.matmul(ops.transpose(x), x)
        x = 3.4445 * x + ops.matmul(x, -4.7750 * gram + 2.0315 * ops.matmul(gram, gram))
    return ops.cast(x, matrix.dtype)
