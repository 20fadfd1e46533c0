"""Do the artifacts compute what Keras computes? On real images, for every signature."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from zoo.models.base import Model, Signature, Tensor

TOLERANCE = {"saved_model": 1e-5, "float32": 1e-4}
Call = Callable[[str, dict[str, np.ndarray]], dict[str, np.ndarray]]


def feeds(model: Model, inputs: object) -> dict[str, dict[str, np.ndarray]]:
    """Real inputs for every signature: from examples, or from another signature's output.

    What neither gives, a latent or noise, is drawn: from the range that the signature says,
    or from the standard normal.

    Args:
      model: built, with its weights.
      inputs: a batch of what `model.example` makes: an image, or tensors by name.

    Returns:
      signature -> {input name: array}.
    """
    known = dict(inputs) if isinstance(inputs, dict) else {"image": inputs}
    known = {name: np.asarray(value) for name, value in known.items()}
    waiting, ready = dict(model.signatures()), {}
    while waiting:
        name = next((n for n, s in waiting.items() if set(s.inputs) <= set(known)), None)
        if name is None:
            known |= _drawn(next(iter(waiting.values())), known)
            continue
        signature = waiting.pop(name)
        ready[name] = {key: known[key] for key in signature.inputs}
        for key, value in keras_call(model)(name, ready[name]).items():
            known.setdefault(key, value)
    return ready


def _drawn(signature: Signature, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    batch = len(next(iter(known.values())))
    random = np.random.default_rng(0)

    def draw(tensor: Tensor) -> np.ndarray:
        shape = [batch, *tensor.shape]
        drawn = random.uniform(*tensor.range, shape) if tensor.range else random.normal(size=shape)
        return np.float32(drawn)

    return {name: draw(t) for name, t in signature.inputs.items() if name not in known}


def keras_call(model: Model) -> Call:
    """Signatures as Keras computes them."""

    def call(name: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        outputs = model.signatures()[name].function(
            **{k: tf.constant(v, tf.float32) for k, v in inputs.items()}
        )
        return {k: np.asarray(v) for k, v in outputs.items()}

    return call


def saved_model_call(path: Path) -> Call:
    """Signatures as a loaded SavedModel computes them."""
    loaded = tf.saved_model.load(str(path))

    def call(name: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        outputs = loaded.signatures[name](**{k: tf.constant(v) for k, v in inputs.items()})
        return {k: v.numpy() for k, v in outputs.items()}

    return call


def tflite_call(path: Path) -> Call:
    """Signatures as LiteRT computes them, image by image; inputs are resized as needed."""
    interpreter = Interpreter(str(path), num_threads=2)

    def call(name: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        runner = interpreter.get_signature_runner(name)
        batch = len(next(iter(inputs.values())))
        rows = [runner(**{k: v[i : i + 1] for k, v in inputs.items()}) for i in range(batch)]
        return {k: np.concatenate([row[k] for row in rows]) for k in rows[0]}

    return call


def max_abs_diff(
    reference: Call, other: Call, given: dict[str, dict[str, np.ndarray]]
) -> dict[str, float]:
    """The largest absolute difference over all outputs, by signature."""
    differences = {}
    for name, inputs in given.items():
        expected, got = reference(name, inputs), other(name, inputs)
        differences[name] = float(max(np.abs(expected[k] - got[k]).max() for k in expected))
    return differences
