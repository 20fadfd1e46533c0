"""Several training steps in one call of the graph, so that Python costs less between them."""

import keras
import tensorflow as tf


class InExecutions(keras.Model):
    """`compile(steps_per_execution=...)` under every strategy.

    Keras 3.15.1's own loop looks at each step whether there are more data, which fails with
    several replicas; here the number of steps is told.

    Attributes:
      next_steps: how many the next execution has, where not `steps_per_execution`.
    """

    next_steps = None

    def make_train_function(self, force=False):
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
