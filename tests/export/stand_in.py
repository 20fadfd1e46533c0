"""A stand-in for TensorFlow Serving: its published protocol over the same SavedModels.

It is not the server. It runs a version's folder in a session by tensor names, as the C++
server does, replays the warm-up requests, and speaks PredictionService and ModelService by
gRPC and the RESTful API (rows and columns) by HTTP, on localhost.

    python -m tests.export.stand_in GRPC_PORT REST_PORT BASE_PATH...
"""

import sys
import time
from pathlib import Path

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import get_model_status_pb2, model_pb2

from export.savedmodel import warmup
from tests.export import stand_in_grpc, stand_in_rest
from tests.export.graph_session import GraphSession
from tests.export.refusal import Refusal


class StandIn:
    """Serves the latest version below each base path under its folder's name.

    Attributes:
      grpc_port, rest_port: where it listens.
      fail_next, fail_code: how many of the next predictions are answered by an error.
      delay: seconds that a prediction takes longer.
    """

    def __init__(self, base_paths: list[Path], grpc_port: int = 0, rest_port: int = 0):
        self.fail_next, self.fail_code = 0, grpc.StatusCode.UNAVAILABLE
        self.delay = 0.0
        self._models = {Path(path).name: _load(Path(path)) for path in base_paths}
        self._grpc, self.grpc_port = stand_in_grpc.start(self, grpc_port)
        self._rest, self.rest_port = stand_in_rest.start(self, rest_port)

    @property
    def addresses(self) -> dict[str, str]:
        """Where the client finds it, by protocol."""
        rest = f"http://localhost:{self.rest_port}"
        return {"gRPC": f"localhost:{self.grpc_port}", "REST": rest}

    def close(self) -> None:
        self._grpc.stop(None)
        self._rest.shutdown()
        self._rest.server_close()

    def find(self, spec: model_pb2.ModelSpec) -> tuple[int, GraphSession]:
        """The version that is asked for, and its session; raises Refusal."""
        version, session = self._models.get(spec.name, (0, None))
        asked = spec.version.value if spec.HasField("version") else version
        if session is None or asked != version or spec.version_label:
            raise Refusal(
                grpc.StatusCode.NOT_FOUND, f"Servable not found for request: {spec.name}/{asked}"
            )
        return version, session

    def status(self, spec: model_pb2.ModelSpec) -> get_model_status_pb2.GetModelStatusResponse:
        version, _ = self.find(spec)
        state = get_model_status_pb2.ModelVersionStatus(version=version, state="AVAILABLE")
        state.status.SetInParent()  # the server says that there is no error, too
        return get_model_status_pb2.GetModelStatusResponse(model_version_status=[state])

    def signature(self, spec: model_pb2.ModelSpec):
        _, session = self.find(spec)
        name = spec.signature_name or "serving_default"
        if name not in session.signatures:
            reason = f'Serving signature key "{name}" not found.'
            raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, reason)
        return name, session.signatures[name]

    def predict(self, spec: model_pb2.ModelSpec, inputs: dict[str, np.ndarray]):
        """Runs a signature; only names and types are checked, as in the C++ server."""
        time.sleep(self.delay)
        if self.fail_next > 0:
            self.fail_next -= 1
            raise Refusal(self.fail_code, "the stand-in was told to fail")
        _, session = self.find(spec)
        name, definition = self.signature(spec)
        if set(inputs) != set(definition.inputs):
            reason = f"input size does not match signature: {set(inputs)}"
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, reason)
        for key, value in inputs.items():
            found, expected = tf.as_dtype(value.dtype), tf.as_dtype(definition.inputs[key].dtype)
            if found != expected:
                reason = f"{key} expected type: {expected.name}, got {found.name}"
                raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, reason)
        try:
            return session(name, inputs)
        except tf.errors.OpError as error:
            codes = {code.value[0]: code for code in grpc.StatusCode}
            raise Refusal(codes[error.error_code], error.message) from None


def _load(base_path: Path) -> tuple[int, GraphSession]:
    version = max(int(p.name) for p in base_path.iterdir() if p.name.isdigit())
    session = GraphSession(base_path / str(version))
    for request in warmup.read(base_path / str(version)):
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        session(request.model_spec.signature_name, inputs)
    return version, session


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
