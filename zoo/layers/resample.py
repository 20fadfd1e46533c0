"""Resizing as two products of matrices. Pure Keras, any backend; LiteRT builtin operators only."""

from keras import ops


def resize(x, height: int, width: int):
    """[b, h, w, c] -> [b, height, width, c]: bilinear, with antialiasing where it reduces."""
    rows, columns = (_weights(ops.shape(x)[i], n) for i, n in ((1, height), (2, width)))
    return _product(rows, columns, x)


def part(x, box, height, width):
    """What lies in a part of `x`, enlarged bilinearly to `height` by `width`.

    Args:
      x: [b, h, w, c].
      box: [b, 4], the part's top, left, bottom and right as shares of the whole.
      height: of the answer, a number or a scalar tensor.
      width: the same.

    Returns:
      [b, height, width, c].
    """
    top, left, bottom, right = (box[:, i : i + 1] for i in range(4))
    rows = _bilinear(_places(top, bottom, height), ops.shape(x)[1])
    columns = _bilinear(_places(left, right, width), ops.shape(x)[2])
    return _product(rows, columns, x)


def _weights(length, count: int):
    """Of each of `length` pixels in each of `count`, [count, length]; rows sum to one."""
    ratio = ops.cast(length, "float32") / count
    reach = ops.maximum(ratio, 1.0)
    places = (ops.arange(count, dtype="float32") + 0.5) * ratio - 0.5
    places = ops.clip(places, 0.0, ops.cast(length - 1, "float32"))
    return _normalized(places, length, reach)


def _places(start, stop, count):
    """[b, 1] and [b, 1] -> where, between them, the middles of `count` pixels lie, [b, count]."""
    steps = (ops.arange(count, dtype="float32") + 0.5) / ops.cast(count, "float32")
    return start + (stop - start) * steps


def _bilinear(shares, length):
    places = shares * ops.cast(length, "float32") - 0.5
    return _normalized(ops.clip(places, 0.0, ops.cast(length - 1, "float32")), length, 1.0)


def _normalized(places, length, reach):
    distance = ops.abs(ops.expand_dims(places, -1) - ops.arange(length, dtype="float32"))
    weights = ops.maximum(1.0 - distance / reach, 0.0)
    return weights / ops.sum(weights, -1, keepdims=True)


def _product(rows, columns, x):
    """rows x columns^T for every channel; rows and columns [n, length], with or without a batch."""
    x = _along_rows(columns, ops.transpose(_along_rows(rows, x), [0, 2, 1, 3]))
    return ops.transpose(x, [0, 2, 1, 3])


def _along_rows(matrix, x):
    """[n, h] or [b, n, h] times [b, h, w, c] -> [b, n, w, c]."""
    batch, height, width = (ops.shape(x)[i] for i in range(3))
    channels, count = x.shape[-1], matrix.shape[-2] or ops.shape(matrix)[-2]
    product = ops.matmul(matrix, ops.reshape(x, [batch, height, width * channels]))
    return ops.reshape(product, [batch, count, width, channels])
