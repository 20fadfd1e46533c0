"""Which widths LiteRT likes: four 3x3 convolutions with ReLU over 128x128 pixels.

python -m benchmarks.litert_widths
"""

import statistics
import time

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from benchmarks import speed_table
from benchmarks.worker import THREADS

SIDE, LAYERS = 128, 4
WIDTHS = 16, 24, 28, 32, 48, 64, 96


def main() -> None:
    print("\n".join(speed_table.convolutions(rates())))


def rates() -> dict[str, dict[str, float]]:
    """Multiply-adds a second: {"float32" and "int8": {width: rate}}."""
    kinds = "float32", "int8"
    return {kind: {str(width): measure(width, kind) for width in WIDTHS} for kind in kinds}


def measure(width: int, kind: str) -> float:
    """Multiply-adds a second, the median of 30 inferences."""
    random = np.random.default_rng(0)
    kernels = random.normal(0, 0.05, [LAYERS, 3, 3, width, width]).astype(np.float32)
    image = random.random([1, SIDE, SIDE, width], np.float32)

    @tf.function(input_signature=[tf.TensorSpec(image.shape)])
    def network(x):
        for kernel in kernels:
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))
        return x

    concrete = network.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], network)
    if kind == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: [[image]]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    interpreter = Interpreter(model_content=converter.convert(), num_threads=THREADS)
    interpreter.allocate_tensors()
    seconds = []
    for _ in range(35):
        begun = time.perf_counter()
        interpreter.invoke()
        seconds.append(time.perf_counter() - begun)
    return LAYERS * 9 * width**2 * SIDE**2 / statistics.median(seconds[5:])


if __name__ == "__main__":
    main()
