"""The stand-in's gRPC side: PredictionService and ModelService."""

import contextlib
import math
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import tensorflow as tf
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.framework.types_pb2 import DT_RESOURCE, DT_VARIANT
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tests.export.refusal import Refusal

MEMORY = 3_000_000_000  # bytes of a tensor; more is what a real server gives its memory for


def start(stand_in, port: int, threads: int) -> tuple[grpc.Server, int]:
    """A server on localhost, and its port."""
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(threads), options=options)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        Prediction(stand_in), server
    )
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(Models(stand_in), server)
    port = server.add_insecure_port(f"localhost:{port}")
    server.start()
    return server, port


class Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, stand_in):
        self._stand_in = stand_in

    def Predict(self, request, context):
        self._stand_in.asked += 1
        self._stand_in.seconds_left = context.time_remaining()
        with _refusals(context):
            try:
                inputs = {key: self._array(value) for key, value in request.inputs.items()}
            except (TypeError, ValueError) as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            outputs = self._stand_in.predict(request.model_spec, inputs)
            answer = predict_pb2.PredictResponse(model_spec=request.model_spec)
            for key, value in outputs.items():
                answer.outputs[key].CopyFrom(tf.make_tensor_proto(value))
            return answer

    def GetModelMetadata(self, request, context):
        with _refusals(context):
            version, session = self._stand_in.versions.find(request.model_spec)
            found = get_model_metadata_pb2.SignatureDefMap(signature_def=session.signatures)
            answer = get_model_metadata_pb2.GetModelMetadataResponse()
            answer.model_spec.name = request.model_spec.name
            answer.model_spec.version.value = version
            answer.metadata["signature_def"].Pack(found)
            return answer

    def _array(self, tensor) -> np.ndarray:
        if reason := deadly(tensor):
            self._stand_in.end(reason)
        return tf.make_ndarray(tensor)


class Models(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, stand_in):
        self._stand_in = stand_in

    def GetModelStatus(self, request, context):
        with _refusals(context):
            return self._stand_in.status(request.model_spec)

    def HandleReloadConfigRequest(self, request, context):
        with _refusals(context):
            self._stand_in.versions.reload(request.config)
            return model_management_pb2.ReloadConfigResponse()


def deadly(tensor: TensorProto) -> str:
    """Why a real server ends by a tensor, or gives all its memory away; else nothing."""
    if tensor.dtype in (DT_RESOURCE, DT_VARIANT):
        return "a tensor that is no numbers"
    numbers = math.prod(dim.size for dim in tensor.tensor_shape.dim)
    return "a tensor of more bytes than there are" if numbers * 4 > MEMORY else ""


@contextlib.contextmanager
def _refusals(context):
    try:
        yield
    except Refusal as refusal:
        context.abort(refusal.code, refusal.reason)
