"""Gradient accumulation inside a step: a large batch in the memory of a small one."""

import keras
import tensorflow as tf


class InMicroBatches(keras.Model):
    """Works through a replica's images in parts, whose gradients are averaged.

    The step is the same as without, but for rounding, and for a loss that compares the images
    of a batch with each other, as that of `beta_tcvae`.

    Attributes:
      micro_batches: how many parts; the images must divide into them.
    """

    micro_batches = 1

    def train_step(self, data):
        if self.micro_batches == 1:
            return super().train_step(data)
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
