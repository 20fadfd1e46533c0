"""What a model server is asked and what it answers, whichever way one speaks with it."""

from typing import NamedTuple, Protocol

import numpy as np
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow_serving.apis.get_model_status_pb2 import (
    GetModelStatusResponse,
    ModelVersionStatus,
)

Arrays = dict[str, np.ndarray]


class Target(NamedTuple):
    """Which model: its name and, where not the latest version, a number or a label."""

    name: str
    version: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        which = self.label or (None if self.version is None else f"version {self.version}")
        return f"{self.name} ({which})" if which else self.name


class Version(NamedTuple):
    """A version's number, its state such as AVAILABLE, and what went wrong, if anything."""

    number: int
    state: str
    reason: str


def versions(answer: GetModelStatusResponse) -> list[Version]:
    """The versions in a server's answer."""
    state = ModelVersionStatus.State.Name
    return [
        Version(v.version, state(v.state), v.status.error_message)
        for v in answer.model_version_status
    ]


class ServerError(Exception):
    """What a server answers instead: gRPC's name of the error, and the reason."""

    def __init__(self, code: str, reason: str):
        super().__init__(f"{code}: {' '.join(reason.split())}")
        self.code, self.reason = code, " ".join(reason.split())


class Transport(Protocol):
    """One way to speak with a server; `timeout` is in seconds. Raises ServerError."""

    def signatures(self, target: Target, timeout: float) -> dict[str, SignatureDef]: ...

    def version(self, target: Target, timeout: float) -> int: ...

    def status(self, target: Target, timeout: float) -> list[Version]: ...

    def predict(
        self, target: Target, name: str, signature: SignatureDef, inputs: Arrays, timeout: float
    ) -> Arrays: ...
