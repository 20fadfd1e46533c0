"""AdamW whose steps are shorter for some variables."""

import keras


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
        super().update_step(gradient, variable, rate)
