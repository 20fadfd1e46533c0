"""A SavedModel as the C++ server runs it: loaded by tag into a graph, fed by tensor names.

Nothing checks a fed shape against its placeholder here, as nothing does there.
"""

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

    def __call__(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs a signature; raises tf.errors.OpError with the server's code and reason."""
        definition = self.signatures[signature]
        outputs = sorted(definition.outputs)
        if signature not in self._callables:
            options = CallableOptions(
                feed=[definition.inputs[key].name for key in sorted(definition.inputs)],
                fetch=[definition.outputs[key].name for key in outputs],
            )
            self._callables[signature] = self._session._make_callable_from_options(options)
        fetched = self._callables[signature](*(inputs[key] for key in sorted(definition.inputs)))
        return dict(zip(outputs, fetched, strict=True))
