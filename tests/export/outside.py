"""SavedModels in a process that has none of the project's code, as a server is one."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from tests.export import graph_session


class Outside:
    """The process; it lives until `close`."""

    def __init__(self):
        # -I: Python's own folders alone are searched, not the repository.
        command = [sys.executable, "-I", graph_session.__file__]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe)

    def close(self) -> None:
        self.ask()
        self._process.wait()

    def ask(self, *call: Any) -> Any:
        """Folder, and signature and inputs; raises tf.errors.OpError as a session does."""
        pickle.dump(call, self._process.stdin)
        self._process.stdin.flush()
        if not call:
            return None
        answer, modules = pickle.load(self._process.stdout)  # EOFError: the process has died
        assert not {"zoo", "export", "tests"} & set(modules)
        if isinstance(answer, tuple):
            code, reason = answer
            kind = tf.compat.v1.errors.exception_type_from_error_code(code)
            raise kind(None, None, reason)
        return answer


class OutsideSession:
    """A `GraphSession` over there."""

    def __init__(self, process: Outside, folder: Path):
        self._process, self._folder = process, str(folder)
        told = process.ask(self._folder)
        self.signatures = {name: SignatureDef.FromString(one) for name, one in told.items()}

    def __call__(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return self._process.ask(self._folder, signature, inputs)
