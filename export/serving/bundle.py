"""All that a server needs beside the models: configuration, docker compose, Kubernetes.

The files are templates in `export/serving/deployment/`, where every value is explained.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path
from string import Template

from tensorflow_serving.config.model_server_config_pb2 import ModelConfig

from export.serving import models_config
from zoo import runs

TEMPLATES = Path(__file__).parent / "deployment"
# What a container reads of them; Kubernetes has these in a ConfigMap, compose in this folder.
CONFIGURATION = ["alive.sh", "gate.yaml", "json.lua", "monitoring.config", "tensors.lua"]


def write(output: Path) -> Path:
    """Writes `serving_bundle/` for every model below `output`, and returns it.

    A model lies in `serving/NAME`, or in `RUN/serving/NAME` where runs have folders of their own.
    The newest version of a new model becomes its `canary`, the one before it `stable`; where
    there is but one, it is both. A model that the bundle has already keeps what is served of it:
    a running server reads this file, and `python -m export.release` moves its labels.
    """
    folder = output / "serving_bundle"
    folder.mkdir(exist_ok=True)
    models = _models(output, models_config.read(folder / "models.config"))
    models_config.write(folder / "models.config", models)
    read = {path.name: path.read_text() for path in sorted(TEMPLATES.iterdir())}
    configuration = {name: read[name] for name in CONFIGURATION}
    configuration["models.config"] = (folder / "models.config").read_text()
    data = "".join(f"  {name}: |\n{_indented(text)}" for name, text in configuration.items())
    values = {
        "tag": version("tensorflow"),
        "probe": " && ".join(_probe(model.name) for model in models),
        "configuration": data,
        # Another name for other content, so that `kubectl apply` replaces the pods.
        "content": hashlib.sha256(data.encode()).hexdigest()[:8],
    }
    for name, text in read.items():
        is_template = name.endswith(("compose.yml", "kubernetes.yaml"))
        runs.write_text(folder / name, Template(text).substitute(values) if is_template else text)
    return folder


def versions(folder: Path) -> list[int]:
    """Those on disk, oldest first."""
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())


def _models(output: Path, before: list[ModelConfig]) -> list[ModelConfig]:
    kept = {model.base_path: model for model in before}
    models = []
    for folder in sorted([*output.glob("serving/*"), *output.glob("*/serving/*")]):
        base_path = f"/models/{folder.relative_to(output).as_posix()}"
        if found := versions(folder):
            labels = {"stable": found[-2:][0], "canary": found[-1]}
            new = models_config.model(folder.name, base_path, labels)
            models.append(kept.get(base_path, new))
    return models


def _probe(name: str) -> str:
    """Bash that fails unless a version of the model is AVAILABLE; free of single quotes."""
    # HTTP/1.0, so that the server closes the connection and grep ends.
    ask = rf'printf "GET /v1/models/{name} HTTP/1.0\r\n\r\n" >&3'
    # With its quotes, since UNAVAILABLE is a state of things, too.
    return f"exec 3<>/dev/tcp/127.0.0.1/8511 && {ask} && " r"grep -q \"AVAILABLE\" <&3"


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(True))
