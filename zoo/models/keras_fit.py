"""What Keras 3.15.1 lacks for `fit`: several workers, several steps in a call, parts of a batch.

`tests/models/test_keras_fit.py` fails on the day when Keras needs the mends no longer.
"""

import keras
import tensorflow as tf

from zoo.distributed import workers


class KerasFit(keras.Model):
    """`fit` under every strategy.

    Attributes:
      micro_batches: parts in which a replica works through its images, which must divide into
        them; their gradients are averaged, so that a large batch needs the memory of a small
        one. The step is the same as without, but for rounding, and for a loss that compares the
        images of a batch with each other, as that of `beta_tcvae`.
      next_steps: how many steps the next execution has, where not `steps_per_execution`.
    """

    micro_batches = 1
    next_steps = None

    def train_step(self, data):
        logs = super().train_step(data) if self.micro_batches == 1 else self._step_in_parts(data)
        return _averageable(logs)

    def test_step(self, data):
        return _averageable(super().test_step(data))

    def _step_in_parts(self, data):
        variables, losses, gradients = self.trainable_variables, [], []
        for x, y in self._parts(data):
            # One after the other, or the parts would be in memory together.
            with tf.control_dependencies([g for g in gradients if g is not None]):
                x, y = tf.nest.map_structure(tf.identity, (x, y))
            with tf.GradientTape() as tape:
                output = self(x, training=True)
                losses.append(self._compute_loss(x, y, output, training=True))
                loss = self.optimizer.scale_loss(losses[-1]) / self.micro_batches
            new = tape.gradient(loss, variables)
            pairs = zip(gradients, new, strict=True)
            gradients = [g if g is None else old + g for old, g in pairs] if gradients else new
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        self._loss_tracker.update_state(replicas * tf.reduce_mean(losses))
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return self.compute_metrics(x, y, output)

    def _parts(self, data):
        flat = [tf.split(tensor, self.micro_batches) for tensor in tf.nest.flatten(data)]
        return [tf.nest.pack_sequence_as(data, part) for part in zip(*flat, strict=True)]

    def make_train_function(self, force=False):
        """Several steps in one call of the graph, so that Python costs less between them.

        Keras's own loop looks at each step whether there are more data, which fails with
        several replicas; here the number of steps is told.
        """
        if self.steps_per_execution == 1 or (self.train_function and not force):
            return super().make_train_function(force)
        strategy = self.distribute_strategy
        train_step = tf.autograph.experimental.do_not_convert(self.train_step)
        results = tf.autograph.experimental.do_not_convert(self.get_metrics_result)

        @tf.function(reduce_retracing=True)
        def multi_step_on_iterator(iterator, steps):  # Keras's name, which profiles are read by
            for _ in tf.range(steps):
                strategy.run(train_step, args=(next(iterator),))
            logs = strategy.run(results)
            return tf.nest.map_structure(lambda x: strategy.reduce("MEAN", x, axis=None), logs)

        def train_function(iterator):
            steps = self.next_steps or self.steps_per_execution
            return multi_step_on_iterator(iterator, tf.constant(steps))

        self.train_function = train_function

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


def _averageable(logs: dict) -> dict:
    """Keras averages over axis 0, which scalars do not have."""
    if workers.count() == 1:
        return logs
    return tf.nest.map_structure(lambda x: tf.reshape(x, [1]), logs)
