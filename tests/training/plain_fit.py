"""Fits a small Keras model on two workers without each of our mends of Keras, and with both.

python -m zoo.launch --workers=2 -- tests/training/plain_fit.py
"""

import keras
import numpy as np
import tensorflow as tf

from zoo.distributed import strategy, workers
from zoo.models.keras_fit import KerasFit


def main() -> None:
    with strategy.entered("auto"), workers.chief_speaks():
        for left_out in ("_maybe_symbolic_build", "train_step", "nothing"):
            methods = {left_out: getattr(keras.Model, left_out)} if left_out != "nothing" else {}
            print(f"without {left_out}: {outcome(type('Small', (Small,), methods))}")


class Small(KerasFit):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)


def outcome(model_class: type) -> str:
    model = model_class()
    model.compile("sgd", "mse")
    batches = tf.data.Dataset.from_tensor_slices((np.ones([8, 3]), np.ones([8, 1]))).batch(4)
    try:
        model.fit(batches, verbose=0)
    except (TypeError, ValueError, RuntimeError, tf.errors.OpError) as error:
        return f"fails by {type(error).__name__}"
    return "works"


if __name__ == "__main__":
    main()
