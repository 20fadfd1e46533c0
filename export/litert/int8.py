"""LiteRT with 8-bit weights and activations, calibrated on real inputs: one signature a file.

Every layer of the network computes in int8, with a scale for each output channel of its weights.
What the model's `call` does around its layers (the sum with the image, color spaces) stays
float32: it costs next to nothing, and in 8 bits it would cost what the network has gained.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from tensorflow.lite.python.convert import mlir_quantize

from export.litert import flatbuffer, tflite
from zoo.models.base import Model, Tensor

# A layer whose outputs all stay nearer to zero, such as dead ReLUs, has no scale to speak of,
# and XNNPACK refuses the ratio of its neighbors' scales to it.
SMALLEST_RANGE = 1e-2
SMALL_LAYER = 0.01  # share of all weights


def write(
    model: Model, source: Path, signature: str, path: Path, feeds: Iterable[dict[str, np.ndarray]]
) -> None:
    """Writes one signature; its images are uint8 where all of its inputs, or outputs, are.

    Args:
      model: knows its layers, and what its tensors mean.
      source: what `tflite.fixed` gives.
      signature: which of the model's.
      path: of the .tflite.
      feeds: inputs to calibrate on, each a batch of 1 by name.
    """
    converter = tflite.converter(source, [signature])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ((signature, feed) for feed in feeds)
    # What the converter does next, in two steps, since between them stands what to leave alone.
    converter._experimental_calibrate_only = True
    calibrated = flatbuffer.parse(converter.convert())
    declared = model.signatures()[signature]
    in_float = _in_float(model, calibrated)
    _set_ranges(calibrated, declared.inputs, in_float)
    content = mlir_quantize(
        flatbuffer.pack(calibrated),
        input_data_type=io_type(declared.inputs),
        output_data_type=io_type(declared.outputs),
        denylisted_nodes=in_float,
    )
    path.write_bytes(flatbuffer.without_names(content))


def io_type(tensors: dict[str, Tensor]) -> tf.DType:
    """uint8 where all are images; float32 else: latents, noise and nats have no 8-bit range."""
    return tf.uint8 if all(tensor.is_image for tensor in tensors.values()) else tf.float32


def _in_float(model: Model, calibrated: schema.ModelT) -> list[str]:
    """Operators that are not computed in 8 bits, by the names of their outputs.

    Those that belong to no layer (Keras writes a layer's name, and a number, before what it
    computes) or to one that says it is `exact`, and the last layer where it is small: it costs
    little, and decides how fine the differences are that a restorer adds to the image.
    """
    coarse = [layer for layer in model.layers if not getattr(layer, "exact", False)]
    names = "|".join(re.escape(layer.name) for layer in coarse)
    inside = re.compile(rf"(^|[/;])({names})(_\d+)?/")
    graph = calibrated.subgraphs[0]
    outputs = [graph.tensors[op.outputs[0]].name.decode() for op in graph.operators]
    layers = [o for o, n in zip(graph.operators, outputs, strict=True) if inside.search(n)]
    consumed = {index for operator in layers for index in operator.inputs}
    weights = [_weights(calibrated, operator) for operator in layers]
    kept = {
        graph.tensors[operator.outputs[0]].name.decode()
        for operator, count in zip(layers, weights, strict=True)
        if operator.outputs[0] in consumed or count > SMALL_LAYER * sum(weights)
    }
    return [name for name in outputs if name not in kept]


def _weights(calibrated: schema.ModelT, operator: schema.OperatorT) -> int:
    """How many constants an operator has."""
    tensors = [calibrated.subgraphs[0].tensors[i] for i in operator.inputs if i >= 0]
    return sum(
        int(np.prod([] if tensor.shape is None else tensor.shape))
        for tensor in tensors
        if calibrated.buffers[tensor.buffer].data is not None
    )


def _set_ranges(calibrated: schema.ModelT, inputs: dict[str, Tensor], in_float: list[str]) -> None:
    """Corrects what calibration has found: the lowest and the highest value of each tensor."""
    graph, edges = calibrated.subgraphs[0], calibrated.signatureDefs[0]
    touched = {
        index
        for operator in graph.operators
        if graph.tensors[operator.outputs[0]].name.decode() not in in_float
        for index in [*operator.inputs, *operator.outputs]
    }
    known = {edge.tensorIndex: inputs[edge.name.decode()].range for edge in edges.inputs}
    for index, tensor in enumerate(graph.tensors):
        found = tensor.quantization
        if found is None or found.min is None or not len(found.min):
            continue
        if known.get(index):  # so that a picture's bytes go in as they are
            found.min, found.max = (np.float32([limit]) for limit in known[index])
        elif index not in touched and index not in graph.outputs:
            tensor.quantization = None  # a select or a maximum would be computed in 8 bits
        elif max(abs(found.min[0]), abs(found.max[0])) < SMALLEST_RANGE:
            found.max = np.float32([SMALLEST_RANGE])
