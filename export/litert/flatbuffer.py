"""What a .tflite file says of itself: its operators, without running it."""

import collections
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_NAMES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
_TYPES = {v: k for k, v in vars(schema.TensorType).items() if isinstance(v, int)}


def operators(content: bytes) -> dict[str, int]:
    """How often each operator stands in the file; custom ones (Flex too) as `CUSTOM:name`."""
    model = parse(content)
    names = [name_of(code) for code in model.operatorCodes]
    found = collections.Counter(
        names[operator.opcodeIndex] for graph in model.subgraphs for operator in graph.operators
    )
    return dict(sorted(found.items()))


def custom(found: dict[str, int]) -> list[str]:
    """Those operators that a plain interpreter lacks."""
    return [name for name in found if name.startswith("CUSTOM")]


def signatures(content: bytes) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """signature -> {"inputs", "outputs"} -> name -> what is stored, and how.

    A tensor is {"dtype", "shape", "scale", "zero_point"}: a number is
    scale * (stored - zero_point), and the last two are None where it is stored as it is.
    """
    model = parse(content)

    def named(edges: list[schema.TensorMapT], graph: schema.SubGraphT) -> dict[str, dict]:
        return {e.name.decode(): _stored(graph.tensors[e.tensorIndex]) for e in edges}

    found = {}
    for signature in model.signatureDefs:
        graph = model.subgraphs[signature.subgraphIndex]
        inputs, outputs = named(signature.inputs, graph), named(signature.outputs, graph)
        found[signature.signatureKey.decode()] = {"inputs": inputs, "outputs": outputs}
    return found


def _stored(tensor: schema.TensorT) -> dict[str, Any]:
    found, kept = tensor.quantization, {"scale": None, "zero_point": None}
    if found is not None and found.scale is not None and len(found.scale):
        kept = {"scale": float(found.scale[0]), "zero_point": int(found.zeroPoint[0])}
    return {"dtype": _TYPES[tensor.type].lower(), "shape": [int(n) for n in tensor.shape]} | kept


def without_names(content: bytes) -> bytes:
    """The file without the names of what lies between inputs and outputs.

    A twentieth of a small int8 file is these names, which no interpreter looks at.
    """
    model = parse(content)
    for graph in model.subgraphs:
        for index, tensor in enumerate(graph.tensors):
            if index not in graph.inputs and index not in graph.outputs:
                tensor.name = b""
    return pack(model)


def parse(content: bytes) -> schema.ModelT:
    """The file as objects that may be changed."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))


def pack(model: schema.ModelT) -> bytes:
    """The file again."""
    builder = _Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class _Builder(flatbuffers.Builder):
    """Writes equal vectors once, and aligns what may be a tensor's data.

    A layer of 8 bits has a scale and a zero for each output channel, twice: a sixth of a small
    file, and mostly zeros.
    """

    def __init__(self, size: int):
        super().__init__(size)
        self._written: dict[tuple, int] = {}

    def CreateNumpyVector(self, x):
        key = x.dtype.str, x.tobytes()
        if key not in self._written:
            if x.dtype == np.uint8:
                self.Prep(16, x.size)
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]


def name_of(code: schema.OperatorCodeT) -> str:
    """Of an operator; a custom one as `CUSTOM:name`."""
    # Codes below 127 stand in the deprecated one-byte field, larger ones in the new field.
    builtin = max(code.deprecatedBuiltinCode, code.builtinCode)
    return f"CUSTOM:{code.customCode.decode()}" if code.customCode else _NAMES[builtin]
