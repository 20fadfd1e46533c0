"""Requests that mean no good, as bytes, and who must answer each: the graph, server or gate.

They are for a model `denoising` as `tests.export.tiny_models` writes it.
"""

import json
from typing import NamedTuple

import grpc
import numpy as np
import urllib3
from tensorflow.core.framework.types_pb2 import DT_RESOURCE, DT_VARIANT
from tensorflow_serving.apis import model_management_pb2

from export.savedmodel import guards, warmup
from tests.export import bad_files
from tests.export.messages import files, in_two_halves, one_value, tensor

PREDICT = "/tensorflow.serving.PredictionService/Predict"
REST_PREDICT = "/v1/models/denoising:predict"
MIB = 2**20
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.enable_http_proxy", 0)]


class Attack(NamedTuple):
    """A request, who answers it, and with what.

    Attributes:
      by: graph, server or gate.
      body: its bytes.
      status: gRPC's name of the error, or HTTP's number.
      reason: a part of the answer.
      path: of gRPC's method, or of the URL behind POST.
      packed: whether gRPC compresses it; of REST, whether it says so.
    """

    by: str
    body: bytes
    status: str | int
    reason: str
    path: str = PREDICT
    packed: bool = False


def send(
    attack: Attack, addresses: dict[str, str], timeout: float | None = 60.0
) -> tuple[str | int, str]:
    """The status and reason of the answer; OK and 200 where it is taken."""
    if isinstance(attack.status, str):
        return _send_grpc(attack, addresses["gRPC"], timeout)
    verb, _, path = attack.path.rpartition(" ")
    headers = {"Content-Encoding": "gzip"} if attack.packed else {}
    answer = urllib3.request(
        verb or "POST",
        addresses["REST"] + path,
        body=attack.body,
        headers=headers,
        retries=False,
        timeout=timeout,
    )
    return answer.status, answer.data.decode()


def _send_grpc(attack: Attack, address: str, timeout: float | None) -> tuple[str, str]:
    compression = grpc.Compression.Gzip if attack.packed else grpc.Compression.NoCompression
    with grpc.insecure_channel(address, OPTIONS) as channel:
        call = channel.unary_unary(attack.path)  # bytes as they are
        try:
            call(attack.body, timeout, compression=compression)
        except grpc.RpcError as error:
            return error.code().name, error.details()
    return "OK", ""


def _reload() -> bytes:
    request = model_management_pb2.ReloadConfigRequest()
    request.config.model_config_list.config.add(name="mine", base_path="/tmp/mine")
    return request.SerializeToString()


GOOD = np.zeros([1, 8, 8, 1], np.float32)
INVALID, DENIED = "INVALID_ARGUMENT", "PERMISSION_DENIED"
MANY = np.zeros([1, 300, 300, 1], np.float32)  # pixels, for the limit of tiny models
SHUT = "the gate does not let this method through"
ATTACKS = {
    "a wrong rank": Attack("graph", tensor(GOOD[0, 0]), INVALID, "not compatible"),
    "wrong channels": Attack("graph", tensor(GOOD.repeat(2, -1)), INVALID, "not compatible"),
    "an empty batch": Attack("graph", tensor(GOOD[:0]), INVALID, "the batch is empty"),
    "an empty list of files": Attack(
        "graph", b'{"inputs": {"image_bytes": []}}', 400, "empty", REST_PREDICT
    ),
    "NaN": Attack("graph", tensor(GOOD * np.nan), INVALID, "NaN or infinity"),
    "more pixels than a request may hold": Attack("graph", tensor(MANY), INVALID, "too large"),
    "more files than a request may hold": Attack(
        "graph",
        files(*[warmup.png(np.uint8(GOOD[0]))] * (guards.MAX_FILES + 1)),
        INVALID,
        "too large",
    ),
    "a file that claims 100 megapixels": Attack(
        "graph", files(bad_files.png_claiming(10_000, 10_000)), INVALID, "an image of more than"
    ),
    "a broken file": Attack("graph", files(bad_files.encoded("PNG")[:99]), INVALID, "Invalid PNG"),
    "a file that is no picture": Attack("graph", files(b"x"), INVALID, "neither a PNG nor a JPEG"),
    "another type of numbers": Attack("server", tensor(np.float64(GOOD)), INVALID, "expected type"),
    "an input of another name": Attack(
        "server", tensor(GOOD, key="nosuch"), INVALID, "input size does not match signature"
    ),
    "malformed JSON": Attack("server", b"{", 400, "error", REST_PREDICT),
    "a tensor that is a resource": Attack(
        "gate", one_value(1, dtype=DT_RESOURCE), INVALID, "no tensors of type 20"
    ),
    "a tensor that is a variant": Attack(
        "gate", one_value(1, dtype=DT_VARIANT), INVALID, "no tensors of type 21"
    ),
    "one value for five gigabytes": Attack(
        "gate", one_value(1, 20000, 16000, 3), INVALID, "more numbers than it has bytes"
    ),
    "one value for more than there is": Attack(
        "gate", one_value(1, 100000, 100000, 3), INVALID, "more numbers than it has bytes"
    ),
    "a shape in two halves": Attack("gate", in_two_halves(), INVALID, "more numbers than it has"),
    "random bytes": Attack("gate", b"\xff" * 60, INVALID, "the message is no protobuf"),
    "a packed message": Attack(
        "gate", tensor(GOOD.repeat(64, 0)), INVALID, "no packed messages", packed=True
    ),
    "a message of 65 MiB": Attack("gate", bytes(65 * MIB), "UNKNOWN", "Payload Too Large"),
    "a body of 161 MiB": Attack("gate", bytes(161 * MIB), 413, "Payload Too Large", REST_PREDICT),
    "JSON 100,000 deep": Attack("gate", b"[" * 100_000, 400, "nested at most 16", REST_PREDICT),
    "a packed body": Attack("gate", b"x" * 20, 415, "no packed bodies", REST_PREDICT, packed=True),
    "other models for the server": Attack(
        "gate",
        _reload(),
        DENIED,
        SHUT,
        "/tensorflow.serving.ModelService/HandleReloadConfigRequest",
    ),
    "the profiler": Attack("gate", b"", DENIED, SHUT, "/tensorflow.ProfilerService/Profile"),
    "another method": Attack(
        "gate", b"", DENIED, SHUT, "/tensorflow.serving.PredictionService/Classify"
    ),
    "another path": Attack(
        "gate", json.dumps({}).encode(), 403, SHUT, "/v1/models/denoising:classify"
    ),
    "another verb": Attack("gate", b"", 403, SHUT, "DELETE /v1/models/denoising"),
}
