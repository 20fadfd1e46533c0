"""TensorFlow Serving's PredictionService and ModelService, by gRPC."""

import contextlib
from collections.abc import Iterator

import grpc
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from export.serving.protocol import Arrays, ServerError, Target, Version, versions

OPTIONS = [
    ("grpc.max_send_message_length", -1),  # a batch of images is more than the usual 4 MB
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),  # proxies are for the outer world
]


class Grpc:
    """Speaks with HOST:PORT; safe to share among threads."""

    def __init__(self, address: str):
        channel = grpc.insecure_channel(address, OPTIONS)
        self._prediction = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(channel)

    def signatures(self, target: Target, timeout: float) -> dict[str, SignatureDef]:
        answer = self._metadata(target, timeout)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(signatures)
        return {k: v for k, v in sorted(signatures.signature_def.items()) if v.inputs}

    def version(self, target: Target, timeout: float) -> int:
        return self._metadata(target, timeout).model_spec.version.value

    def _metadata(
        self, target: Target, timeout: float
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=_spec(target), metadata_field=["signature_def"]
        )
        with _errors():
            return self._prediction.GetModelMetadata(request, timeout)

    def status(self, target: Target, timeout: float) -> list[Version]:
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=_spec(target))
        with _errors():
            answer = self._models.GetModelStatus(request, timeout)
        return versions(answer)

    def predict(
        self, target: Target, name: str, signature: SignatureDef, inputs: Arrays, timeout: float
    ) -> Arrays:
        request = predict_pb2.PredictRequest(model_spec=_spec(target, name))
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
        with _errors():
            answer = self._prediction.Predict(request, timeout)
        return {key: tf.make_ndarray(value) for key, value in answer.outputs.items()}


def _spec(target: Target, signature: str = "") -> model_pb2.ModelSpec:
    spec = model_pb2.ModelSpec(name=target.name, signature_name=signature)
    if target.label:
        spec.version_label = target.label
    elif target.version is not None:
        spec.version.value = target.version
    return spec


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        raise ServerError(error.code().name, error.details() or "") from None
