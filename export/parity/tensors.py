"""Do the artifacts compute what Keras computes? On real images, for every signature."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from zoo.models import tiles
from zoo.models.base import Model, Signature, Tensor

# What is stored in 8 bits has no limit here; the report says what it costs in the task's metric.
TOLERANCE = {"saved_model": 1e-5, "float32": 1e-4, "float16": 2e-3}
UNSCALED = np.float32, np.int32  # any other type stands for a float
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
    if "image" in known:
        known |= tiles.seen_whole(model, known["image"])
    waiting, ready = dict(model.signatures()), {}
    while waiting:
        name = next((n for n, s in waiting.items() if set(s.inputs) <= set(known)), None)
        if name is None:
            known |= _drawn(next(iter(waiting.values())), known)
            continue
        signature = waiting.pop(name)
        ready[name] = {key: known[key] for key in signature.inputs}
        if not waiting:
            break  # nobody needs the outputs
        for key, value in keras_call(model)(name, ready[name]).items():
            known.setdefault(key, value)
    return ready


def one_by_one(feed: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """A batch as batches of 1."""
    count = len(next(iter(feed.values())))
    return [{key: value[i : i + 1] for key, value in feed.items()} for i in range(count)]


def _drawn(signature: Signature, known: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    batch = len(next(iter(known.values())))
    random = np.random.default_rng(0)

    def draw(tensor: Tensor) -> np.ndarray:
        shape = [batch, *tensor.shape]
        if tensor.dtype != "float32":
            low, high = (int(limit) for limit in tensor.range)
            return random.integers(low, high, shape, tensor.dtype, endpoint=True)
        drawn = random.uniform(*tensor.range, shape) if tensor.range else random.normal(size=shape)
        return np.float32(drawn)

    return {name: draw(t) for name, t in signature.inputs.items() if name not in known}


def keras_call(model: Model) -> Call:
    """Signatures as Keras computes them."""

    def call(name: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        signature = model.signatures()[name]
        outputs = signature.function(
            **{k: tf.constant(v, signature.inputs[k].dtype) for k, v in inputs.items()}
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


def tflite_call(paths: list[Path]) -> Call:
    """Signatures as LiteRT computes them, image by image; inputs are resized as needed.

    Args:
      paths: files, each with some of the signatures. Where they take or give uint8, floats
        are rounded on the way in and scaled back on the way out.
    """
    interpreters = [Interpreter(str(path), num_threads=2) for path in paths]
    holders = {name: i for i in interpreters for name in i.get_signature_list()}

    def call(name: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        runner = holders[name].get_signature_runner(name)
        takes, gives = runner.get_input_details(), runner.get_output_details()
        rows = [
            runner(**{k: _to_type(v, takes[k]) for k, v in row.items()})
            for row in one_by_one(inputs)
        ]
        return {k: np.concatenate([_to_float(r[k], gives[k]) for r in rows]) for k in rows[0]}

    return call


def _to_type(value: np.ndarray, detail: dict) -> np.ndarray:
    if detail["dtype"] in UNSCALED:
        return value
    scale, zero = detail["quantization"]
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(value / scale + zero), limits.min, limits.max).astype(detail["dtype"])


def _to_float(value: np.ndarray, detail: dict) -> np.ndarray:
    if detail["dtype"] in UNSCALED:
        return value
    scale, zero = detail["quantization"]
    return np.float32(scale) * (value.astype(np.float32) - zero)


def differences(
    reference: Call, other: Call, given: dict[str, dict[str, np.ndarray]]
) -> dict[str, dict[str, float]]:
    """signature -> how far the outputs of two formats lie apart, as `apart` tells it."""
    return {k: apart(reference(k, inputs), other(k, inputs)) for k, inputs in given.items()}


def apart(expected: dict[str, np.ndarray], got: dict[str, np.ndarray]) -> dict[str, float]:
    """How far outputs lie apart.

    Returns:
      {"max_abs_diff", "mean_abs_diff", "max_scaled_diff"}. The last is what a tolerance holds
      for: |difference| / max(1, |expected|), since a score of thousands of nats has no fifth
      decimal in float32.
    """
    difference = {k: np.abs(expected[k] - got[k]) for k in expected}
    scaled = [difference[k] / np.maximum(1.0, np.abs(expected[k])) for k in expected]
    return {
        "max_abs_diff": float(max(d.max() for d in difference.values())),
        "mean_abs_diff": float(np.mean(np.concatenate([d.ravel() for d in difference.values()]))),
        "max_scaled_diff": float(max(s.max() for s in scaled)),
    }
