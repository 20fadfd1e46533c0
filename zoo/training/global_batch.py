"""A global batch, parted among replicas and workers."""

import tensorflow as tf

from zoo.cli import UserError
from zoo.data import pipeline
from zoo.distributed import workers


def replica_size(batch_size: int) -> int:
    """How many images of a batch each replica gets; raises UserError where that is no integer."""
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if batch_size % replicas:
        fewer = batch_size // replicas * replicas
        near = f"{fewer} or {fewer + replicas}" if fewer else f"{replicas}"
        raise UserError(
            f"--batch_size={batch_size} is over all {replicas} replicas and not a multiple of "
            f"{replicas}; try {near}"
        )
    return batch_size // replicas


def batches(source, model, batch_size: int, **settings) -> tf.data.Dataset:
    """`pipeline.train_batches`, of which each replica gets an equal part.

    A step's images are the same whatever the number of replicas and workers, and each worker
    reads and decodes only its own.
    """
    each = replica_size(batch_size)
    if each == batch_size:
        return pipeline.train_batches(source, model, batch_size, **settings)

    def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        size = each * workers.local_replicas()
        share = pipeline.Share(context.input_pipeline_id * size, size, each)
        return pipeline.train_batches(source, model, batch_size, share=share, **settings)

    return tf.distribute.get_strategy().distribute_datasets_from_function(of_worker)
