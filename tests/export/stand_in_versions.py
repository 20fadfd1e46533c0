"""Versions and labels as TensorFlow Serving keeps them: a file of configuration is taken or not.

The rules are those of the real server (ServerCore::ReloadConfig), started with
--allow_version_labels_for_unavailable_models as the bundle does.
"""

import threading
import time
from pathlib import Path

import grpc
import tensorflow as tf
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from export.savedmodel import warmup
from tests.export.graph_session import GraphSession
from tests.export.refusal import Refusal


class Versions:
    """What is loaded of each model, and the labels.

    Args:
      root: of the folders that a configuration calls /models.

    Attributes:
      delay: seconds that loading takes longer.
      states: model -> version -> LOADING, AVAILABLE or END.
    """

    def __init__(self, root: Path):
        self._root, self.delay = root, 0.0
        self._sessions: dict[str, dict[int, GraphSession]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self.states: dict[str, dict[int, str]] = {}
        self._reloading, self._changing = threading.Lock(), threading.Lock()

    def reload(self, config: ModelServerConfig) -> None:
        """Takes a whole configuration up; raises Refusal, and then nothing of it is taken up.

        New models are waited for; new versions of known ones are loaded meanwhile.
        """
        models = config.model_config_list.config
        with self._reloading:
            self._labels = {model.name: self._checked(model) for model in models}
            loading = [threading.Thread(target=self._load, args=[model]) for model in models]
            new = [m.name not in self.states for m in models]
            for model in models:
                self.states.setdefault(model.name, {})
            for name in set(self.states) - {model.name for model in models}:
                del self.states[name], self._sessions[name]
            for thread, is_new in zip(loading, new, strict=True):
                thread.start()
                if is_new:
                    thread.join()

    def find(self, spec: model_pb2.ModelSpec) -> tuple[int, GraphSession]:
        """The version that is asked for, or the latest, and its session; raises Refusal."""
        loaded = self._sessions.get(spec.name, {})
        asked = max(loaded, default=0)
        if spec.HasField("version"):
            asked = spec.version.value
        elif spec.version_label:
            label = spec.version_label
            if label not in self._labels.get(spec.name, {}):
                reason = f"Unrecognized servable version label: {label}"
                raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, reason)
            asked = self._labels[spec.name][label]
        try:
            return asked, loaded[asked]
        except KeyError:
            reason = f"Servable not found for request: {spec.name}/{asked}"
            raise Refusal(grpc.StatusCode.NOT_FOUND, reason) from None

    def _checked(self, model) -> dict[str, int]:
        """A model's labels, where none moves to a version that is not there."""
        before = self._labels.get(model.name, {})
        for label, version in model.version_labels.items():
            moves = before.get(label, version) != version
            if moves and self.states[model.name].get(version) != "AVAILABLE":
                reason = (
                    f"Request to assign label to version {version} of model {model.name}, which "
                    "is not currently available for inference"
                )
                raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, reason)
        return dict(model.version_labels)

    def _load(self, model) -> None:
        """Loads what is asked for and on disk, and then drops the rest: something always serves."""
        folder = self._root / model.base_path.removeprefix("/models/")
        states, asked = self.states[model.name], set(model.model_version_policy.specific.versions)
        for version in sorted(asked):
            if states.get(version) in (None, "END") and (folder / str(version)).exists():
                states[version] = "LOADING"
                time.sleep(self.delay)
                try:
                    session = _warm(folder / str(version))
                except OSError:
                    states[version] = "END"
                    continue
                with self._changing:  # replaced, since other threads look at it
                    loaded = self._sessions.get(model.name, {})
                    self._sessions[model.name] = loaded | {version: session}
                    states[version] = "AVAILABLE"
        with self._changing:
            left = {v: s for v, s in self._sessions.get(model.name, {}).items() if v in asked}
            if left:
                self._sessions[model.name] = left
                states.update({v: "END" for v in states if v not in asked})


def _warm(folder: Path) -> GraphSession:
    session = GraphSession(folder)
    for request in warmup.read(folder):
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        session(request.model_spec.signature_name, inputs)
    return session
