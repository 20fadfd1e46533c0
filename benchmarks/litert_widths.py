"""Which widths LiteRT likes: four 3x3 convolutions with ReLU over 128x128 pixels, float32.

python -m benchmarks.litert_widths
"""

import statistics
import time

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from benchmarks.worker import THREADS

SIDE, LAYERS = 128, 4
WIDTHS = 16, 24, 28, 32, 48, 64, 96


def main() -> None:
    print(f"{'width':>5}{'ms':>8}{'billion multiply-adds a second':>33}")
    for width in WIDTHS:
        seconds = measure(width)
        rate = LAYERS * 9 * width**2 * SIDE**2 / seconds / 1e9
        print(f"{width:>5}{1000 * seconds:>8.2f}{rate:>33.0f}")


def measure(width: int) -> float:
    """Seconds of one inference, the median of 30."""
    random = np.random.default_rng(0)
    kernels = random.normal(0, 0.05, [LAYERS, 3, 3, width, width]).astype(np.float32)

    @tf.function(input_signature=[tf.TensorSpec([1, SIDE, SIDE, width])])
    def network(x):
        for kernel in kernels:
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME"))
        return x

    concrete = network.get_concrete_function()
    content = tf.lite.TFLiteConverter.from_concrete_functions([concrete], network).convert()
    interpreter = Interpreter(model_content=content, num_threads=THREADS)
    interpreter.allocate_tensors()
    where = interpreter.get_input_details()[0]["index"]
    interpreter.set_tensor(where, random.random([1, SIDE, SIDE, width], np.float32))
    seconds = []
    for _ in range(35):
        begun = time.perf_counter()
        interpreter.invoke()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds[5:])


if __name__ == "__main__":
    main()
