"""A SavedModel as the C++ server runs it: loaded by tag into a graph, fed by tensor names.

Nothing checks a fed shape against its placeholder here, as nothing does there. This file knows
nothing of the project, so that it runs in a process without it: tests/export/outside.py.
"""

import os
import pickle
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.config_pb2 import CallableOptions


class GraphSession:
    """One version's folder in a session.

    Attributes:
      signatures: name -> SignatureDef.
    """

    def __init__(self, folder: Path):
        self._session = tf.compat.v1.Session(graph=tf.Graph())
        with self._session.graph.as_default():
            meta = tf.compat.v1.saved_model.load(self._session, ["serve"], str(folder))
        self.signatures = {
            k: v for k, v in meta.signature_def.items() if not k.startswith("__saved_model")
        }
        self._callables = {}

    def __call__(
        self, signature: str, inputs: dict[str, np.ndarray], patience: int = 0
    ) -> dict[str, np.ndarray]:
        """Runs a signature; raises tf.errors.OpError with the server's code and reason.

        After `patience` milliseconds it is given up, as where a client's deadline is over.
        """
        definition = self.signatures[signature]
        outputs = sorted(definition.outputs)
        if (signature, patience) not in self._callables:
            options = CallableOptions(
                feed=[definition.inputs[key].name for key in sorted(definition.inputs)],
                fetch=[definition.outputs[key].name for key in outputs],
            )
            options.run_options.timeout_in_ms = patience
            made = self._session._make_callable_from_options(options)
            self._callables[signature, patience] = made
        call = self._callables[signature, patience]
        fetched = call(*(inputs[key] for key in sorted(definition.inputs)))
        return dict(zip(outputs, fetched, strict=True))


def main() -> None:
    """Answers pickled calls: a folder by its signatures, what is asked of one by what it says."""
    answers, sessions = os.fdopen(os.dup(1), "wb"), {}
    os.dup2(2, 1)  # for what libraries print
    while asked := pickle.load(sys.stdin.buffer):
        folder, *call = asked
        try:
            if call:
                answer = sessions[folder](*call)
            else:
                sessions[folder] = GraphSession(folder)
                told = sessions[folder].signatures
                answer = {name: one.SerializeToString() for name, one in told.items()}
        except tf.errors.OpError as error:
            answer = error.error_code, error.message
        pickle.dump((answer, sorted(sys.modules)), answers)
        answers.flush()


if __name__ == "__main__":
    main()
