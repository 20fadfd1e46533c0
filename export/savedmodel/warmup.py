"""Requests that TensorFlow Serving replays before a version takes traffic.

The first call of a signature is slow: it plans and allocates. The server reads them from
`assets.extra/tf_serving_warmup_requests`, and a record that fails keeps the version from
loading, so each asks for a signature that is there, with inputs that are real.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from zoo.files import levels

if TYPE_CHECKING:
    from export.savedmodel.endpoints import Endpoint

FILE = Path("assets.extra") / "tf_serving_warmup_requests"


def write(
    folder: Path,
    name: str,
    endpoints: dict[str, "Endpoint"],
    feeds: dict[str, dict[str, np.ndarray]],
) -> None:
    """Writes one request an endpoint, with a batch of one.

    Args:
      folder: of the version.
      name: under which the model will be served.
      endpoints: all that is served, by name.
      feeds: real inputs for every signature of the model, float32 [b, ...].
    """
    (folder / FILE).parent.mkdir(exist_ok=True)
    known = {key: value[:1] for inputs in feeds.values() for key, value in inputs.items()}
    with tf.io.TFRecordWriter(str(folder / FILE)) as writer:
        for name_served, endpoint in endpoints.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name = name
            request.model_spec.signature_name = name_served
            inputs = endpoint.inputs(known | feeds.get(name_served, {}))
            for key, spec in endpoint.specs.items():
                value = as_sent(spec.dtype, inputs[key.removesuffix("_bytes")][:1])
                request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
            predict_log = prediction_log_pb2.PredictLog(request=request)
            record = prediction_log_pb2.PredictionLog(predict_log=predict_log)
            writer.write(record.SerializeToString())


def read(folder: Path) -> Iterator[predict_pb2.PredictRequest]:
    """The requests of a version's folder."""
    for record in tf.data.TFRecordDataset(str(folder / FILE)).as_numpy_iterator():
        yield prediction_log_pb2.PredictionLog.FromString(record).predict_log.request


def png(pixels: np.ndarray) -> bytes:
    """uint8 [h, w, c] as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def as_sent(dtype: tf.DType, value: np.ndarray) -> np.ndarray:
    """Numbers in the type that an endpoint takes: float32, int32, uint8 or PNG files."""
    if dtype in (tf.float32, tf.int32):
        return np.asarray(value, dtype.as_numpy_dtype)
    pixels = levels.from_float(value)
    return pixels if dtype == tf.uint8 else np.array([png(image) for image in pixels], object)
