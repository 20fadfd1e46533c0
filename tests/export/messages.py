"""Bytes of a PredictRequest for the model `denoising`, good ones and such as nobody would write."""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.framework.types_pb2 import DT_FLOAT, DT_RESOURCE, DT_VARIANT
from tensorflow_serving.apis import predict_pb2


def tensor(value: np.ndarray, signature: str = "restore", key: str = "image") -> bytes:
    return predict({key: tf.make_tensor_proto(value)}, signature)


def predict(inputs: dict, signature: str = "restore") -> bytes:
    request = predict_pb2.PredictRequest(inputs=inputs)
    request.model_spec.name, request.model_spec.signature_name = "denoising", signature
    return request.SerializeToString()


def one_value(*shape: int, dtype: int = DT_FLOAT) -> bytes:
    """A tensor that gives one value for all."""
    given = TensorProto(dtype=dtype, float_val=[0.5])
    given.tensor_shape.CopyFrom(tf.TensorShape(shape).as_proto())
    return predict({"image": given})


def in_two_halves() -> bytes:
    """Protobuf joins what is sent twice: [1, 20000] and [16000, 3] become one shape."""
    halves = [(1, 20000), (16000, 3)]
    return _entry(_number(1, DT_FLOAT) + _shape(half) + _number(5, 0) for half in halves)


def scrambled(random: np.random.Generator) -> bytes:
    """A request in the bytes that protobuf takes but does not write: in any order, some twice."""

    def tensor() -> bytes:
        sides = [int(side) for side in random.choice([0, 1, 8, 300, 20000], random.integers(1, 5))]
        types = [1, 1, 1, 4, 7, DT_RESOURCE, DT_VARIANT, 2**32 + 1, 2**32 + DT_RESOURCE]
        parts = [
            _number(1, int(random.choice(types)), more=int(random.integers(3))),
            _shape(sides),
            _bytes(4, random.bytes(int(random.choice([1, 4, 256])))),
            _number(5, int(random.integers(999))),
        ]
        chosen = random.permutation(len(parts))[: random.integers(2, len(parts) + 1)]
        return b"".join(parts[i] for i in [*chosen, *chosen[: random.integers(2)]])

    return b"".join(_entry(tensor() for _ in range(random.integers(1, 3))) for _ in range(2))


def _entry(tensors: Iterable[bytes]) -> bytes:
    """A request with an input `image`, whose tensor is said in one go or in several."""
    return predict({}) + _bytes(2, _bytes(1, b"image") + b"".join(_bytes(2, t) for t in tensors))


def _shape(sides: Iterable[int]) -> bytes:
    return _bytes(2, b"".join(_bytes(2, _number(1, side)) for side in sides))


def _number(field: int, value: int, more: int = 0) -> bytes:
    """A field of protobuf; `more` is by how many bytes it is longer than it need be."""
    return _varint(field * 8) + _varint(value, more)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field * 8 + 2) + _varint(len(value)) + value


def _varint(value: int, more: int = 0) -> bytes:
    digits = [value >> shift & 127 for shift in range(0, max(value.bit_length(), 1), 7)]
    digits += [0] * more
    return bytes([*(digit | 128 for digit in digits[:-1]), digits[-1]])


def files(*contents: bytes) -> bytes:
    return tensor(np.array(contents, object), "restore_bytes", "image_bytes")
