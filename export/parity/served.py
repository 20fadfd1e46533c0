"""Do image files and bytes, as a server takes them, give what Keras gives for the same numbers?"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from export.parity import tensors
from export.savedmodel import endpoints, warmup
from zoo.models.base import Model

LEVEL = 1 / 255  # what a picture's 8 bits may be apart


def differences(
    model: Model, path: Path, given: dict[str, dict[str, np.ndarray]]
) -> dict[str, dict[str, float]]:
    """How far what is served beside the model's own signatures is from Keras.

    Args:
      model: built, with its weights.
      path: of the SavedModel.
      given: real inputs for every signature of the model, images of whole 8-bit levels.

    Returns:
      endpoint -> {"max_abs_diff", "max_scaled_diff", "tolerance"}: a level where images come
      back, what SavedModel may differ by elsewhere.
    """
    served, keras = tensors.saved_model_call(path), tensors.keras_call(model)
    found = {}
    for name, endpoint in endpoints.of_model(model).items():
        if name in given or not endpoint.signature:
            continue
        inputs = given[endpoint.signature]
        numbers = endpoint.inputs(inputs)
        sent = {k: warmup.as_sent(s.dtype, numbers[_key(k)]) for k, s in endpoint.specs.items()}
        expected = keras(endpoint.signature, inputs)
        got = {_key(k): _numbers(v) for k, v in served(name, sent).items()}
        pictures = {k for k, v in got.items() if v.dtype == np.uint8}
        got |= {k: got[k] / np.float32(255) for k in pictures}
        expected |= {k: np.clip(expected[k], 0, 1) for k in pictures}
        apart = tensors.apart(expected, got)
        apart["tolerance"] = LEVEL if pictures else tensors.TOLERANCE["saved_model"]
        found[name] = apart
    return found


def _key(name: str) -> str:
    return name.removesuffix("_bytes")


def _numbers(values: np.ndarray) -> np.ndarray:
    """PNG files as uint8 [b, h, w, c]; all else as it is."""
    if values.dtype != object:
        return values
    images = np.stack([np.asarray(Image.open(io.BytesIO(file))) for file in values])
    return images if images.ndim == 4 else images[..., None]
