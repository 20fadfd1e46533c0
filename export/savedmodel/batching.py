"""Requests of several clients in one run of the network, each behind its own guards.

The batching of TensorFlow Serving stands in front of the graph: there an empty batch waits for
ever, and one bad request fails all that it was joined with. Here what is joined has passed its
checks, and is of one size. What takes any size runs by itself, and so does a request that is large
already, lest small ones wait behind it.
"""

from collections.abc import Callable

import tensorflow as tf

from zoo.models.base import Signature

Call = Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]

# Rows of a run that joins requests, at most; a larger request runs by itself.
MOST_ROWS = 32
# How long a request waits for others, in microseconds: not at all. Those that come while runs are
# under way are joined; the scheduler looks for what has waited once in a millisecond alone.
TIMEOUT = 0
# Runs at a time of all signatures of a model. While nobody asks, each takes 0.7 % of a core.
THREADS = 2
# Runs that may wait. A server has fewer threads that ask.
MOST_WAITING = 10**6


def joined(call: Call, signature: Signature, name: str) -> Call:
    """The same function of each row, run for rows of several requests at a time.

    Args:
      call: {name: [b, ...]} -> {name: [b, ...]}, whose rows know nothing of each other.
      signature: what it takes and gives; where sides are free, `call` itself is returned.
      name: of the signature; another for each of a model.
    """
    if any(None in tensor.shape for tensor in signature.inputs.values()):
        return call

    def call_joined(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        run = tf.function(call, input_signature=[signature.specs()]).get_concrete_function()
        is_small = tf.shape(tf.nest.flatten(inputs)[0])[0] <= MOST_ROWS
        outputs = tf.cond(is_small, lambda: _together(run, inputs, name), lambda: run(inputs))
        shapes = {key: [None, *tensor.shape] for key, tensor in signature.outputs.items()}
        return {key: tf.ensure_shape(x, shapes[key]) for key, x in outputs.items()}

    return call_joined


def _together(run, inputs: dict[str, tf.Tensor], name: str) -> dict[str, tf.Tensor]:
    """What `run`, a concrete function, gives for these rows and those of others who wait."""
    outputs = tf.raw_ops.BatchFunction(
        in_tensors=tf.nest.flatten(inputs),
        captured_tensors=run.captured_inputs,
        f=run,
        Tout=[output.dtype for output in run.outputs],
        num_batch_threads=THREADS,
        max_batch_size=MOST_ROWS,
        batch_timeout_micros=TIMEOUT,
        max_enqueued_batches=MOST_WAITING,
        shared_name="batching",  # the threads are those of all signatures
        batching_queue=name,
    )
    return tf.nest.pack_sequence_as(run.structured_outputs, outputs)
