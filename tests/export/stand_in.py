"""A stand-in for TensorFlow Serving: its published protocol over the same SavedModels.

It is not the server. It runs a version's folder in a session by tensor names, as the C++
server does, replays the warm-up requests, and speaks PredictionService and ModelService by
gRPC and the RESTful API (rows and columns) by HTTP, on localhost.

What the real server was seen to do wrong, it does too: it hangs on an empty batch where the
server batches, and counts what the real one does not survive.

    python -m tests.export.stand_in GRPC_PORT REST_PORT BASE_PATH...
"""

import sys
import threading
import time
from pathlib import Path

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import get_model_status_pb2, model_pb2
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from export.serving import models_config
from tests.export import stand_in_grpc, stand_in_rest
from tests.export.refusal import Refusal
from tests.export.stand_in_versions import Versions

THREADS = 16  # that answer, for each of the two protocols


class StandIn:
    """Serves the latest version below each base path under its folder's name.

    Args:
      base_paths: of models; or else
      config_file: a models.config, which is read again every tenth of a second, and whose
        /models is `root`.
      batching: whether requests are joined, as by --enable_batching.
      threads: that answer, for each protocol.

    Attributes:
      grpc_port, rest_port: where it listens.
      fail_next, fail_code: how many of the next predictions are answered by an error.
      delay: seconds that a prediction takes longer.
      refused: why configurations were not taken up.
      asked: how many predictions it was asked for, well or badly.
      seconds_left: until the last call's deadline, as it was told.
      ended_by: requests that came through and that the real server does not survive.
      versions: what is loaded.
    """

    def __init__(
        self,
        base_paths: list[Path] = (),
        grpc_port: int = 0,
        rest_port: int = 0,
        *,
        config_file: Path | None = None,
        root: Path = Path("/"),
        batching: bool = False,
        threads: int = THREADS,
    ):
        self.fail_next, self.fail_code = 0, grpc.StatusCode.UNAVAILABLE
        self.delay, self._batching = 0.0, batching
        self.refused, self.ended_by, self.asked, self.seconds_left = [], [], 0, 0.0
        self._closed = threading.Event()
        self.versions = Versions(root)
        if config_file:
            self._config_file = config_file
            self._read_config()
            threading.Thread(target=self._poll, daemon=True).start()
        else:
            self.versions.reload(_config([Path(path) for path in base_paths]))
        self._grpc, self.grpc_port = stand_in_grpc.start(self, grpc_port, threads)
        self._rest, self.rest_port = stand_in_rest.start(self, rest_port, threads)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the client finds it, by protocol."""
        rest = f"http://localhost:{self.rest_port}"
        return {"gRPC": f"localhost:{self.grpc_port}", "REST": rest}

    def close(self) -> None:
        self._closed.set()
        self._grpc.stop(None)
        self._rest.shutdown()
        self._rest.server_close()

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        """The state of a version, or of all: a label is not looked at, as by the real server."""
        states = self.versions.states.get(spec.name, {})
        asked = [spec.version.value] if spec.HasField("version") else sorted(states)
        if not set(asked) <= set(states) or not asked:
            reason = f"Could not find any versions of model {spec.name}"
            raise Refusal(grpc.StatusCode.NOT_FOUND, reason)
        answer = get_model_status_pb2.GetModelStatusResponse()
        for version in asked:
            state = answer.model_version_status.add(version=version, state=states[version])
            state.status.SetInParent()  # the server says that there is no error, too
        return answer

    def signature(self, spec: model_pb2.ModelSpec):
        """The session, the signature's name and its definition; raises Refusal."""
        _, session = self.versions.find(spec)
        name = spec.signature_name or "serving_default"
        if name not in session.signatures:
            reason = f'Serving signature key "{name}" not found.'
            raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, reason)
        return session, name, session.signatures[name]

    def predict(self, spec: model_pb2.ModelSpec, inputs: dict[str, np.ndarray]):
        """Runs a signature; only names and types are checked, as in the C++ server."""
        time.sleep(self.delay)
        if self.fail_next > 0:
            self.fail_next -= 1
            raise Refusal(self.fail_code, "the stand-in was told to fail")
        session, name, definition = self.signature(spec)
        if set(inputs) != set(definition.inputs):
            reason = f"input size does not match signature: {set(inputs)}"
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, reason)
        for key, value in inputs.items():
            found, expected = tf.as_dtype(value.dtype), tf.as_dtype(definition.inputs[key].dtype)
            if found != expected:
                reason = f"{key} expected type: {expected.name}, got {found.name}"
                raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, reason)
        if self._batching and any(value.shape[:1] == (0,) for value in inputs.values()):
            self._closed.wait()  # for rows that never come
        try:
            return session(name, inputs)
        except tf.errors.OpError as error:
            codes = {code.value[0]: code for code in grpc.StatusCode}
            raise Refusal(codes[error.error_code], error.message) from None

    def end(self, by: str) -> None:
        """Notes what the real server does not survive, and answers as if it were gone."""
        self.ended_by.append(by)
        raise Refusal(grpc.StatusCode.UNAVAILABLE, f"the real server ends by {by}")

    def _poll(self) -> None:
        while not self._closed.wait(0.1):
            try:
                self._read_config()
            except Refusal as refusal:
                self.refused.append(refusal.reason)

    def _read_config(self) -> None:
        self.versions.reload(text_format.Parse(self._config_file.read_text(), ModelServerConfig()))


def _config(base_paths: list[Path]) -> ModelServerConfig:
    """The latest version of each, without labels."""
    config = ModelServerConfig()
    for path in base_paths:
        latest = max(int(p.name) for p in path.iterdir() if p.name.isdigit())
        model = models_config.model(path.name, str(path.resolve()), {}, {latest})
        config.model_config_list.config.append(model)
    return config


def main() -> None:
    server = StandIn([Path(p) for p in sys.argv[3:]], int(sys.argv[1]), int(sys.argv[2]))
    print(f"stand-in: {server.addresses}", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
