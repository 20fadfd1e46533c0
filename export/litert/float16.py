"""LiteRT with weights stored in 16 bits, half the size; they are computed with in float32.

The converter's own way would round every constant, and the matrices of a color space with
them: a colorizer's picture was then off by more than its weights cost.
"""

import copy

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from export.litert import flatbuffer

# What a layer's weights go through. A product of matrices may be a resize, whose places are exact.
LAYERS = {
    schema.BuiltinOperator.CONV_2D,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D,
    schema.BuiltinOperator.TRANSPOSE_CONV,
    schema.BuiltinOperator.FULLY_CONNECTED,
}
SMALL = 1024  # weights; a layer of fewer stays float32, since it weighs nothing
DEQUANTIZE = schema.BuiltinOperator.DEQUANTIZE
VERSION = 3  # of the operator, the first that takes constants of 16 bits


def halved(content: bytes) -> bytes:
    """A float32 file, with the constants of large layers as float16 and operators to widen them."""
    model = flatbuffer.parse(content)
    large = _constants_of_large_layers(model)
    if not large:
        return content
    model.operatorCodes.append(_widening())
    for graph in model.subgraphs:
        widen = []
        for index, tensor in enumerate(list(graph.tensors)):
            if tensor.buffer not in large:
                continue
            stored = copy.copy(tensor)
            stored.type, stored.name = schema.TensorType.FLOAT16, tensor.name + b"_float16"
            tensor.buffer = 0  # no constant any more
            operator = schema.OperatorT()
            operator.opcodeIndex = len(model.operatorCodes) - 1
            operator.inputs, operator.outputs = [len(graph.tensors)], [index]
            graph.tensors.append(stored)
            widen.append(operator)
        graph.operators = widen + graph.operators
    for index in large:
        numbers = np.frombuffer(bytes(model.buffers[index].data), np.float32)
        model.buffers[index].data = np.frombuffer(numbers.astype(np.float16).tobytes(), np.uint8)
    return flatbuffer.pack(model)


def _constants_of_large_layers(model: schema.ModelT) -> set[int]:
    """Buffers of float32 weights that are many numbers, and of the biases beside them.

    XNNPACK leaves an operator to slower code where one of the two is float16 and one float32.
    """
    found = set()
    for graph in model.subgraphs:
        for operator in graph.operators:
            if model.operatorCodes[operator.opcodeIndex].builtinCode not in LAYERS:
                continue
            read = [graph.tensors[i] for i in operator.inputs if i >= 0]
            floats = {t.buffer for t in read if t.type == schema.TensorType.FLOAT32}
            held = {i: model.buffers[i].data for i in floats}
            constants = {i: len(data) for i, data in held.items() if data is not None}
            if max(constants.values(), default=0) >= 4 * SMALL:
                found |= set(constants)
    return found


def _widening() -> schema.OperatorCodeT:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = DEQUANTIZE
    code.version = VERSION
    return code
