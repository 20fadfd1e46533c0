"""A served model, as a program sees it: its signatures, its status, its answers.

model = remote.connect("localhost:8500", "sr_x3")           # gRPC
model = remote.connect("http://localhost:8501", "sr_x3")    # REST
model.predict("restore", {"image": image})["image"]
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from export.serving import grpc, rest
from export.serving.protocol import Arrays, ServerError, Target, Transport, Version
from zoo.cli import UserError

T = TypeVar("T")
FIRST_PAUSE = 0.1  # seconds; doubled from try to try
# The server is not there, or has no thread or memory to spare: it may answer the same later.
PASSING = ("UNAVAILABLE", "RESOURCE_EXHAUSTED")


def connect(address: str, name: str, deadline: float = 60.0, **which: int | str) -> "RemoteModel":
    """A model at `HOST:PORT` (gRPC) or `http://HOST:PORT` (REST); `which` is as in Target.

    Nothing is sent before the first question.
    """
    is_rest = address.startswith(("http://", "https://"))
    transport = (rest.Rest if is_rest else grpc.Grpc)(address)
    return RemoteModel(transport, address, Target(name, **which), deadline)


class RemoteModel:
    """Asks, and asks again where the server is busy or not available for the moment.

    Attributes:
      target: which model.
    """

    def __init__(self, transport: Transport, address: str, target: Target, deadline: float):
        self._transport, self._address, self._deadline = transport, address, deadline
        self.target = target
        self._signatures: dict[str, SignatureDef] | None = None

    def signatures(self) -> dict[str, SignatureDef]:
        """What the server says that it serves; asked once."""
        if self._signatures is None:
            self._signatures = self._ask(lambda t: self._transport.signatures(self.target, t))
        return self._signatures

    def signature(self, name: str) -> SignatureDef:
        """One of them; raises UserError where there is none of this name."""
        found = self.signatures()
        if name not in found:
            raise UserError(f"{self.target} has no signature {name}; it has {', '.join(found)}")
        return found[name]

    def status(self) -> list[Version]:
        """The state of every version that the server has."""
        return self._ask(lambda t: self._transport.status(self.target, t))

    def version(self) -> int:
        """The number of the version that answers, such as the one that has the label."""
        return self._ask(lambda t: self._transport.version(self.target, t))

    def predict(self, name: str, inputs: Arrays) -> Arrays:
        """The outputs of a signature.

        Args:
          name: of the signature.
          inputs: arrays by name, with a batch axis; files as bytes in arrays of objects.

        Raises:
          UserError: where there is no server, model or signature, or time ran out.
          ServerError: where the server refuses these inputs.
        """
        signature = self.signature(name)
        if set(inputs) != set(signature.inputs):
            expected = ", ".join(sorted(signature.inputs))
            raise UserError(f"signature {name} takes {expected}; got {', '.join(inputs)}")
        return self._ask(lambda t: self._transport.predict(self.target, name, signature, inputs, t))

    def _ask(self, question: Callable[[float], T]) -> T:
        end, pause = time.monotonic() + self._deadline, FIRST_PAUSE
        while True:
            try:
                return question(max(end - time.monotonic(), 0.001))
            except ServerError as error:
                # Spread over time, so that many clients do not return all at once.
                wait = pause * random.uniform(0.5, 1.5)
                if error.code not in PASSING or time.monotonic() + wait > end:
                    raise self._explained(error) from None
            time.sleep(wait)
            pause *= 2

    def _explained(self, error: ServerError) -> Exception:
        texts = {
            "UNAVAILABLE": f"no model server is ready at {self._address}; start one, or give "
            f"--address ({error.reason})",
            "RESOURCE_EXHAUSTED": f"{self._address} has been busy for {self._deadline:g} s; ask "
            f"later, or give it more by --deadline ({error.reason})",
            "NOT_FOUND": f"the server at {self._address} has no {self.target}: {error.reason}",
            "DEADLINE_EXCEEDED": f"{self._address} gave no answer within {self._deadline:g} s; "
            "give it more by --deadline, or less to do by --batch",
        }
        return UserError(texts[error.code]) if error.code in texts else error
