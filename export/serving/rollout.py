"""A release in steps, each a whole models.config that a running server accepts when it polls it.

A server refuses a file as a whole, for all models, where a label moves to a version that it has
not loaded. So the new versions come first, then the labels, then what has none goes.
"""

import functools
import time
from collections.abc import Callable
from pathlib import Path

from tensorflow_serving.config.model_server_config_pb2 import ModelConfig

from export.serving import bundle, models_config, remote
from export.serving.models_config import Labels
from export.serving.protocol import ServerError
from zoo.cli import UserError

PAUSE = 0.5  # seconds between two looks at the server
ANSWER = 10.0  # seconds within which it answers one


def release(folder: Path, address: str, deadline: float, back: bool = False) -> dict[str, Labels]:
    """Moves the labels of a bundle's models to the newest versions, or back.

    Args:
      folder: of the bundle, whose models.config the server polls.
      address: of the server.
      deadline: seconds to wait in each step.
      back: whether `canary` goes back to what is `stable`.

    Returns:
      The labels of every model.

    Raises:
      UserError: where there is nothing to do, or the server has not followed in time. Versions
        that were not loaded are then taken out of the file again.
    """
    path = folder / "models.config"
    models = models_config.read(path)
    new = labels_after(folder.parent, models, back)
    old = {model.name: dict(model.version_labels) for model in models}
    both = {m.name: models_config.loaded(m) | set(new[m.name].values()) for m in models}
    server = _Server(address, deadline)
    for name in new:
        server.available(name)  # no file is touched where no server is

    try:
        models_config.write(path, _changed(models, old, both))
        for name, labels in new.items():
            loaded = set(labels.values())
            server.wait(f"load {name}", lambda n=name, v=loaded: v <= server.available(n))
    except BaseException:
        models_config.write(path, _changed(models, old))
        raise
    models_config.write(path, _changed(models, new, both))
    for name, labels in new.items():
        server.wait(f"move the labels of {name}", lambda n=name, v=labels: server.labels(n) == v)
    models_config.write(path, _changed(models, new))
    for name, labels in new.items():
        left = set(labels.values())
        server.wait(f"unload {name}", lambda n=name, v=left: v == server.available(n))
    return new


def at_once(folder: Path, back: bool = False) -> dict[str, Labels]:
    """Writes the same end for servers that are yet to start; they take any label."""
    path = folder / "models.config"
    models = models_config.read(path)
    new = labels_after(folder.parent, models, back)
    models_config.write(path, _changed(models, new))
    return new


def labels_after(artifacts: Path, models: list[ModelConfig], back: bool) -> dict[str, Labels]:
    """The labels of every model after a release; raises UserError where nothing would change."""
    new = {}
    for model in models:
        labels = dict(model.version_labels)
        newest = bundle.versions(artifacts / model.base_path.removeprefix("/models/"))[-1]
        if back:
            labels["canary"] = labels["stable"]
        elif newest != labels["canary"]:
            labels = {"stable": labels["canary"], "canary": newest}
        new[model.name] = labels
    if all(model == after for model, after in zip(models, _changed(models, new), strict=True)):
        why = "canary is stable already" if back else "canary is the newest version already"
        raise UserError(f"nothing to release in {artifacts}: of every model, {why}")
    return new


def _changed(
    models: list[ModelConfig], labels: dict[str, Labels], loaded: dict[str, set[int]] | None = None
) -> list[ModelConfig]:
    """The models with these labels; `loaded` is what is in memory, or else what has a label."""
    return [
        models_config.model(m.name, m.base_path, labels[m.name], loaded and loaded[m.name])
        for m in models
    ]


class _Server:
    """What a running server has of each model."""

    def __init__(self, address: str, deadline: float):
        self._address, self._deadline = address, deadline
        self._model = functools.cache(functools.partial(remote.connect, address, deadline=ANSWER))

    def available(self, name: str) -> set[int]:
        return {v.number for v in self._model(name).status() if v.state == "AVAILABLE"}

    def labels(self, name: str) -> Labels:
        try:
            return {n: self._model(name, label=n).version() for n in ("stable", "canary")}
        except ServerError:  # it knows no such label yet
            return {}

    def wait(self, what: str, done: Callable[[], bool]) -> None:
        end = time.monotonic() + self._deadline
        while not done():
            if time.monotonic() > end:
                raise UserError(
                    f"{self._address} did not {what} within {self._deadline:g} s; its log says why"
                )
            time.sleep(PAUSE)
