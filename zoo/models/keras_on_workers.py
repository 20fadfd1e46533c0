"""What Keras 3.15.1 lacks for `fit` under MultiWorkerMirroredStrategy, in one place.

`tests/models/test_keras_on_workers.py` fails on the day when Keras needs this no longer.
"""

import keras
import tensorflow as tf

from zoo.distributed import workers


class FitOnWorkers(keras.Model):
    """Two mends; under any other strategy they change nothing."""

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Keras would average the first batch over workers, which has no meaning and fails.

        For building, the batch of one replica does.
        """
        if iterator is not None and workers.count() > 1:
            _, _, batches = next(iter(iterator))
            local = tf.distribute.get_strategy().experimental_local_results
            data_batch = tf.nest.map_structure(lambda x: local(x)[0], next(batches))
            iterator = None
        super()._maybe_symbolic_build(iterator, data_batch)

    def train_step(self, data):
        return _averageable(super().train_step(data))

    def test_step(self, data):
        return _averageable(super().test_step(data))


def _averageable(logs: dict) -> dict:
    """Keras averages over axis 0, which scalars do not have."""
    if workers.count() == 1:
        return logs
    return tf.nest.map_structure(lambda x: tf.reshape(x, [1]), logs)
