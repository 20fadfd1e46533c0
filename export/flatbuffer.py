"""What a .tflite file says of itself: its operators, without running it."""

import collections

import flatbuffers
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


def types(content: bytes) -> dict[str, dict[str, dict[str, str]]]:
    """signature -> {"inputs", "outputs"} -> name -> such as uint8."""
    model = parse(content)

    def named(edges: list[schema.TensorMapT], graph: schema.SubGraphT) -> dict[str, str]:
        return {e.name.decode(): _TYPES[graph.tensors[e.tensorIndex].type].lower() for e in edges}

    found = {}
    for signature in model.signatureDefs:
        graph = model.subgraphs[signature.subgraphIndex]
        inputs, outputs = named(signature.inputs, graph), named(signature.outputs, graph)
        found[signature.signatureKey.decode()] = {"inputs": inputs, "outputs": outputs}
    return found


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
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def name_of(code: schema.OperatorCodeT) -> str:
    """Of an operator; a custom one as `CUSTOM:name`."""
    # Codes below 127 stand in the deprecated one-byte field, larger ones in the new field.
    builtin = max(code.deprecatedBuiltinCode, code.builtinCode)
    return f"CUSTOM:{code.customCode.decode()}" if code.customCode else _NAMES[builtin]
