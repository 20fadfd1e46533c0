"""The stand-in's HTTP side: the RESTful API's status, metadata and predict, rows and columns."""

import base64
import contextlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, model_pb2

from tests.export.refusal import Refusal

HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
}
ROUTE = re.compile(
    r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?(/metadata|:predict)?$"
)


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def start(stand_in, port: int, threads: int) -> tuple[Server, int]:
    """A server on localhost, and its port."""
    given = {"stand_in": stand_in, "free": threading.Semaphore(threads)}
    handler = type("StandInHandler", (Handler,), given)
    server = Server(("localhost", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, server.server_address[1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as the server's do
    disable_nagle_algorithm = True  # head and body are two writes

    def do_GET(self):
        self._answer(self._get)

    def do_POST(self):
        self._answer(self._post)

    def log_message(self, *_):
        pass

    def _get(self, spec: model_pb2.ModelSpec, action: str | None) -> str:
        if action is None:
            return _json(self.stand_in.status(spec))
        version, session = self.stand_in.versions.find(spec)
        found = get_model_metadata_pb2.SignatureDefMap(signature_def=session.signatures)
        answer = get_model_metadata_pb2.GetModelMetadataResponse()
        answer.model_spec.name = spec.name
        answer.model_spec.version.value = version
        answer.metadata["signature_def"].Pack(found)
        return _json(answer)

    def _post(self, spec: model_pb2.ModelSpec, action: str | None) -> str:
        self.stand_in.asked += 1
        try:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        except RecursionError:
            self.stand_in.end("deep JSON")
        spec.signature_name = body.get("signature_name", "")
        _, _, definition = self.stand_in.signature(spec)
        outputs = self.stand_in.predict(spec, inputs_of(body, definition))
        named = {key: to_json(key, value.tolist()) for key, value in outputs.items()}
        if "instances" in body:
            rows = [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]
            single = len(named) == 1
            return json.dumps(
                {"predictions": [next(iter(r.values())) for r in rows] if single else rows}
            )
        return json.dumps({"outputs": next(iter(named.values())) if len(named) == 1 else named})

    def _answer(self, respond) -> None:
        status = 200
        try:
            name, version, label, action = ROUTE.match(self.path).groups()
            spec = model_pb2.ModelSpec(name=name)
            if label:
                spec.version_label = label
            elif version:
                spec.version.value = int(version)
            with self.free:
                text = respond(spec, action)
        except Refusal as refusal:
            status = HTTP.get(refusal.code.name, 500)
            text = json.dumps({"error": refusal.reason})
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            status, text = 400, json.dumps({"error": f"{type(error).__name__}: {error}"})
        with contextlib.suppress(BrokenPipeError):  # the client did not wait
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            if status != 200:  # what is left of the question must not count as another
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text.encode())


def inputs_of(body: dict, definition) -> dict[str, np.ndarray]:
    """The tensors of a request in row or column format; one input may come without its name."""
    if "instances" in body:
        rows = body["instances"]
        if not isinstance(rows[0], dict) or set(rows[0]) == {"b64"}:
            named = {next(iter(definition.inputs)): rows}
        else:
            named = {key: [row[key] for row in rows] for key in rows[0]}
    else:
        given = body["inputs"]
        named = given if isinstance(given, dict) else {next(iter(definition.inputs)): given}
    # A protobuf map makes an entry of any key that it is asked for.
    types = {key: tf.as_dtype(info.dtype) for key, info in definition.inputs.items()}
    return {key: array(value, types[key]) for key, value in named.items()}


def array(value, dtype: tf.DType) -> np.ndarray:
    if dtype != tf.string:
        return np.array(value, dtype.as_numpy_dtype)
    return np.array(_decoded(value), object)


def _decoded(value):
    if isinstance(value, list):
        return [_decoded(x) for x in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()


def to_json(key: str, value):
    """As the server does it: base64 where the output's name ends in _bytes."""
    if isinstance(value, list):
        return [to_json(key, x) for x in value]
    if isinstance(value, bytes):
        if key.endswith("_bytes"):
            return {"b64": base64.b64encode(value).decode()}
        return value.decode()
    return value


def _json(message) -> str:
    return json_format.MessageToJson(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
