"""What a served model is asked about pictures: a signature, and what stands beside them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef, TensorInfo

from export.serving import tensor_files
from export.serving.protocol import Arrays
from export.serving.remote import RemoteModel
from zoo.cli import UserError


class Question(NamedTuple):
    """A signature whose input `key` takes pictures.

    Attributes:
      name: of the signature.
      definition: what it takes and gives.
      key: of the input.
      beside: its other inputs, as batches of one.
    """

    name: str
    definition: SignatureDef
    key: str
    beside: Arrays

    @property
    def info(self) -> TensorInfo:
        """Of the input."""
        return self.definition.inputs[self.key]

    @property
    def gives_pictures(self) -> bool:
        return any(map(tensor_files.is_picture, self.definition.outputs.values()))

    @property
    def keeps_channels(self) -> bool:
        """Whether pictures come back with as many channels as go in; known of tensors alone."""
        gives = dict(self.definition.outputs).get(self.key)
        return gives is not None and tensor_files.channels(gives) == self.channels > 0

    @property
    def channels(self) -> int:
        return tensor_files.channels(self.info)

    def ask(self, model: RemoteModel, pictures: np.ndarray) -> Arrays:
        """The outputs for a batch of what `key` takes."""
        beside = {k: np.repeat(x[:1], len(pictures), 0) for k, x in self.beside.items()}
        return model.predict(self.name, {self.key: pictures} | beside)


def of_signature(model: RemoteModel, name: str, given: list[str]) -> Question:
    """A question; raises UserError where not just one input is left for the pictures.

    Args:
      model: that is asked.
      name: of the signature.
      given: NAME=FILE or NAME=NUMBER, for what else it takes.
    """
    definition = model.signature(name)
    beside = inputs(definition, given)
    waiting = sorted(set(definition.inputs) - set(beside))
    if len(waiting) != 1:
        raise UserError(
            f"signature {name} takes {', '.join(waiting)}; leave one for the pictures "
            "and give the others by --input=NAME=FILE"
        )
    return Question(name, definition, waiting[0], beside)


def in_floats(model: RemoteModel, name: str) -> str | None:
    """The signature that gives in floats what this one gives, where there is one."""
    if name == "serving_default":
        alike = list(_alike(model.signatures(), name))
        name = alike[0] if len(alike) == 1 else name
    plain = name.removesuffix("_bytes").removesuffix("_uint8")
    return plain if plain in model.signatures() and plain != "serving_default" else None


def inputs(definition: SignatureDef, given: list[str]) -> Arrays:
    """What was given by NAME=FILE or NAME=NUMBER, as batches; raises UserError."""
    found = {}
    for text in given:
        name, _, file = text.partition("=")
        known = (name, f"{name}_bytes", name.removesuffix("_bytes"))
        key = next((key for key in known if key in definition.inputs), None)
        if not file or key is None:
            raise UserError(
                f"--input={text}: give NAME=FILE or NAME=NUMBER, of "
                f"{', '.join(sorted(definition.inputs))}"
            )
        found[key] = tensor_files.read(file, definition.inputs[key])
    return found


def _alike(signatures: dict[str, SignatureDef], name: str) -> Iterator[str]:
    """Those for files that take and give the same."""

    def names(definition: SignatureDef) -> tuple[set[str], set[str]]:
        return set(definition.inputs), set(definition.outputs)

    for other, definition in signatures.items():
        if other.endswith("_bytes") and names(definition) == names(signatures[name]):
            yield other
