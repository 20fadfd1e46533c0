"""Checks inside the served graph: a bad request is an error with a reason, never a crash.

A C++ server feeds what it is sent without a look at the placeholder's shape. A convolution
of the wrong rank then aborts the whole process, a huge image takes all its memory, and NaN
comes back as JSON that no client can read.
"""

from collections.abc import Iterable

import tensorflow as tf

from export.savedmodel import batching
from zoo.models.base import Model, Signature, Tensor

# Of all images in a request, or of one where they are sent as files, which run one by one.
# Full HD fits; a network of 64 channels then holds some gigabytes.
MAX_PIXELS = 2**21
# Of all numbers in a request that holds no image, such as latents.
MAX_NUMBERS = 2**22
# Of all files in a request: each takes little, but nothing stops a run that has begun.
MAX_FILES = 1024


def guarded(model: Model, name: str):
    """A signature that refuses wrong ranks, sides, sizes, batches and numbers.

    Args:
      model: built, with its weights.
      name: of one of its signatures.

    Returns:
      {name: [b, ...]} -> {name: [b, ...]}; raises InvalidArgumentError.
    """
    signature = model.signatures()[name]
    endpoint = batching.joined(model.endpoint(name), signature, name)

    def call(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        inputs = shaped(signature, inputs)
        checks = [
            *batch(inputs, most_rows(signature)),
            *_sizes(signature, inputs),
            *_sides(signature, inputs, model.stride),
            *(_within(key, tensor, inputs[key]) for key, tensor in signature.inputs.items()),
        ]
        outputs = endpoint(after(checks, inputs))
        reason = "not every number fits in a float: the inputs are too large; output"
        floats = {k: x for k, x in outputs.items() if x.dtype.is_floating}
        return after([_finite(f"{reason} {k}", x) for k, x in floats.items()], outputs)

    return call


def shaped(signature: Signature, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The inputs, once their ranks, channels and fixed sides are what the signature says.

    An assertion on the rank would not do: its outcome is folded from the placeholder's shape.
    """
    return {
        key: tf.ensure_shape(x, [None, *signature.inputs[key].shape]) for key, x in inputs.items()
    }


def after(checks: Iterable[tf.Operation], tensors: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """The same tensors, not before the checks have passed."""
    with tf.control_dependencies(list(checks)):
        return {key: tf.identity(x) for key, x in tensors.items()}


def check(condition: tf.Tensor, reason: str, *values: tf.Tensor) -> tf.Operation:
    """Fails with INVALID_ARGUMENT, the reason and the values, where the condition is false."""
    return tf.debugging.Assert(condition, [reason, *values])


def batch(inputs: dict[str, tf.Tensor], most: int) -> list[tf.Operation]:
    """All inputs have as many rows, and not more than `most`."""
    rows = tf.stack([tf.shape(x)[0] for x in inputs.values()])
    return [
        check(tf.reduce_all(rows > 0), "the batch is empty"),
        check(tf.reduce_all(rows <= most), f"the batch is too large; at most {most}:", rows),
        check(tf.reduce_all(rows == rows[0]), "the inputs differ in batch:", rows),
    ]


def most_rows(signature: Signature) -> int:
    """How many rows may be asked for where sides are fixed, be it of images that come out."""
    tensors = [*signature.inputs.values(), *signature.outputs.values()]
    fixed = [t.shape for t in tensors if t.is_image and None not in t.shape]
    return MAX_PIXELS // max((height * width for height, width, _ in fixed), default=1)


def _sizes(signature: Signature, inputs: dict[str, tf.Tensor]) -> list[tf.Operation]:
    checks = []
    for key, x in inputs.items():
        limit = MAX_PIXELS * x.shape[-1] if signature.inputs[key].is_image else MAX_NUMBERS
        size = tf.size(x, tf.int64)
        checks.append(check(size <= limit, f"input {key} is too large; at most {limit}:", size))
    return checks


def _sides(signature: Signature, inputs: dict[str, tf.Tensor], least: int) -> list[tf.Operation]:
    free = [k for k, t in signature.inputs.items() if t.is_image and None in t.shape]
    sides = {k: tf.shape(inputs[k])[1:3] for k in free}
    if not sides:
        return []
    first = next(iter(sides.values()))
    small = f"images need at least {least}x{least} pixels; height and width are"
    return [
        *(check(tf.reduce_all(s >= least), small, s) for s in sides.values()),
        *(check(tf.reduce_all(s == first), "images differ in size:", s) for s in sides.values()),
    ]


def _within(key: str, tensor: Tensor, x: tf.Tensor) -> tf.Operation:
    """Floats are numbers; integers, which index tables, lie within their range."""
    if x.dtype.is_floating:
        return _finite(f"input {key}", x)
    low, high = (int(limit) for limit in tensor.range)
    inside = tf.reduce_all((x >= low) & (x <= high))
    return check(inside, f"input {key} lies outside {low} to {high}")


def _finite(what: str, x: tf.Tensor) -> tf.Operation:
    return check(tf.reduce_all(tf.math.is_finite(x)), f"{what} holds NaN or infinity")
