"""models.config: which versions of which models a server loads, and what they are called.

The labels are `canary`, the version that was released last, and `stable`, the one before it.
"""

from pathlib import Path

from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelConfig, ModelServerConfig

from zoo.files import atomic

HEAD = """\
# What a server serves (text of ModelServerConfig); `python -m export.release` writes it.
# specific: the versions in memory. All others lie on disk.
# version_labels: canary is the version released last, stable the one before it.
# Ask for one by --label=stable, or in a URL by /labels/stable; without, it is the newest.
"""
Labels = dict[str, int]


def read(path: Path) -> list[ModelConfig]:
    """The models in a file; none where there is no file."""
    text = path.read_text() if path.exists() else ""
    return list(text_format.Parse(text, ModelServerConfig()).model_config_list.config)


def write(path: Path, models: list[ModelConfig]) -> None:
    """Writes a whole file: a server that polls it sees the old one or the new one."""
    config = ModelServerConfig()
    config.model_config_list.config.extend(models)
    atomic.write_text(path, HEAD + text_format.MessageToString(config))


def model(name: str, base_path: str, labels: Labels, loaded: set[int] | None = None) -> ModelConfig:
    """A model with its labels; in memory are the versions `loaded`, or those that have a label."""
    made = ModelConfig(name=name, base_path=base_path, model_platform="tensorflow")
    made.version_labels.update(labels)
    made.model_version_policy.specific.versions[:] = sorted(loaded or set(labels.values()))
    return made


def loaded(model: ModelConfig) -> set[int]:
    """The versions that are in memory."""
    return set(model.model_version_policy.specific.versions)
