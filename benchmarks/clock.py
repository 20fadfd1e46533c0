"""The time that `fit` takes for its steps."""

import time

import keras


class Clock(keras.callbacks.Callback):
    """Seconds of all executions but the first of a `fit`, which sets up."""

    def on_train_begin(self, logs=None):
        self.begun = None

    def on_train_batch_end(self, batch, logs=None):
        self.ended = time.perf_counter()
        self.begun = self.begun or self.ended

    @property
    def seconds(self) -> float:
        return self.ended - self.begun
