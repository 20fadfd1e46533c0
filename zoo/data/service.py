"""Batches that other machines make, by tf.data's service."""

import socket

import tensorflow as tf

from zoo.cli import UserError
from zoo.data.source import Source


def distributed(batches: tf.data.Dataset, source: Source, address: str) -> tf.data.Dataset:
    """The same pictures, in the order in which the service's workers have them done.

    With several workers an epoch has no sharp end, and no two runs are alike.

    Args:
      batches: endless, from the range of positions that the workers divide among them.
      source: what they are made from; its graph must need no Python, which workers lack.
      address: HOST:PORT of the dispatcher.

    Raises:
      UserError: a source that is read by Python, or an address at which nobody answers.
    """
    spec = tf.TensorSpec([], tf.int64)
    graph = tf.function(source.record).get_concrete_function(spec).graph
    if any("PyFunc" in operation.type for operation in graph.get_operations()):
        raise UserError(
            f"--data_service does not go with {source.name}, whose files are read by this "
            "process; choose a data set that is held in memory"
        )
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, ValueError, OverflowError) as error:  # TensorFlow would ask for ever
        raise UserError(f"no dispatcher at --data_service={address}: {error}") from None
    service = tf.data.experimental.service
    return batches.apply(service.distribute(service.ShardingPolicy.DYNAMIC, f"grpc://{address}"))
