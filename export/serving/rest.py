"""TensorFlow Serving's RESTful API, in its column format; files travel as base64."""

import base64
import json
from typing import Any

import numpy as np
import tensorflow as tf
import urllib3
from google.protobuf import json_format
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow_serving.apis import get_model_status_pb2

from export.serving.protocol import Arrays, ServerError, Target, Version, versions

CODES = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
THREADS = 16  # that find a connection open; others make one for each question
# Of redirects alone: whoever asks knows whether to ask again.
RETRIES = urllib3.Retry(None, connect=0, read=0, other=0, redirect=3)


class Rest:
    """Speaks with http://HOST:PORT by connections that stay open; safe to share among threads."""

    def __init__(self, address: str):
        self._root = address.rstrip("/")
        # It asks the environment for no proxies, which are for the outer world.
        self._pool = urllib3.PoolManager(maxsize=THREADS, retries=RETRIES)

    def signatures(self, target: Target, timeout: float) -> dict[str, SignatureDef]:
        answer = self._fetch(f"{_path(target)}/metadata", None, timeout)
        try:
            found = answer["metadata"]["signature_def"]["signature_def"]
            parsed = {k: json_format.ParseDict(v, SignatureDef()) for k, v in found.items()}
        except (KeyError, TypeError, json_format.ParseError) as error:
            raise ServerError("INTERNAL", f"not the metadata of a model: {error}") from None
        return {k: v for k, v in sorted(parsed.items()) if v.inputs}

    def version(self, target: Target, timeout: float) -> int:
        answer = self._fetch(f"{_path(target)}/metadata", None, timeout)
        try:
            return int(answer["model_spec"]["version"])
        except (KeyError, TypeError, ValueError) as error:
            raise ServerError("INTERNAL", f"not the metadata of a model: {error}") from None

    def status(self, target: Target, timeout: float) -> list[Version]:
        answer = self._fetch(_path(target), None, timeout)
        try:
            parsed = json_format.ParseDict(answer, get_model_status_pb2.GetModelStatusResponse())
        except json_format.ParseError as error:
            raise ServerError("INTERNAL", f"not the status of a model: {error}") from None
        return versions(parsed)

    def predict(
        self, target: Target, name: str, signature: SignatureDef, inputs: Arrays, timeout: float
    ) -> Arrays:
        body = {"signature_name": name, "inputs": {k: to_json(v) for k, v in inputs.items()}}
        outputs = self._fetch(f"{_path(target)}:predict", body, timeout)["outputs"]
        if len(signature.outputs) == 1:  # then the server leaves the name out
            outputs = {next(iter(signature.outputs)): outputs}
        return {
            key: from_json(outputs[key], tf.as_dtype(info.dtype))
            for key, info in signature.outputs.items()
        }

    def _fetch(self, path: str, body: Any, timeout: float) -> Any:
        method = "GET" if body is None else "POST"
        try:
            answer = self._pool.request(method, self._root + path, json=body, timeout=timeout)
        except urllib3.exceptions.HTTPError as error:
            cause = _root(error)
            code = "DEADLINE_EXCEEDED" if isinstance(cause, TimeoutError) else "UNAVAILABLE"
            raise ServerError(code, str(cause) or type(cause).__name__) from None
        if answer.status != 200:
            raise ServerError(CODES.get(answer.status, "INTERNAL"), _reason(answer))
        try:
            return answer.json()
        except ValueError:
            raise ServerError("INTERNAL", "the answer is not JSON") from None


def to_json(value: np.ndarray) -> Any:
    """An array as nested lists, and bytes as TensorFlow Serving wants them."""
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    if value.dtype == object:
        return [to_json(x) for x in value]
    return value.tolist()


def from_json(value: Any, dtype: tf.DType) -> np.ndarray:
    """What `to_json` made; strings that are no base64 are text."""
    if dtype != tf.string:
        return np.asarray(value, dtype.as_numpy_dtype)
    plain = [base64.b64decode(x["b64"]) if isinstance(x, dict) else x.encode() for x in value]
    return np.array(plain, object)


def _path(target: Target) -> str:
    path = f"/v1/models/{target.name}"
    if target.label:
        return f"{path}/labels/{target.label}"
    return path if target.version is None else f"{path}/versions/{target.version}"


def _root(error: BaseException) -> BaseException:
    """What the system said, without what each layer above it has added."""
    while error.__context__:
        error = error.__context__
    return error


def _reason(answer: urllib3.BaseHTTPResponse) -> str:
    text = answer.data.decode(errors="replace")
    try:
        return json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return text[:200] or answer.reason or str(answer.status)
