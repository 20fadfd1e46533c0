"""All that a server needs beside the models: configuration, docker compose, Kubernetes.

The files are templates in `export/serving/deployment/`, where every value is explained.
"""

from importlib.metadata import version
from pathlib import Path
from string import Template

from zoo import runs

TEMPLATES = Path(__file__).parent / "deployment"
HEAD = """\
# Which models and versions are served (text of ModelServerConfig).
# A version is released by a new file, never by the mere look of a folder: canary is
# the newest, stable the one before. Ask by --label=stable or /labels/stable.
"""


def write(output: Path) -> Path:
    """Writes `serving_bundle/` for every model below `output`, and returns it.

    A model lies in `serving/NAME`, or in `RUN/serving/NAME` where runs have folders of their own.
    The newest version of a model becomes its `canary`, the one before it `stable`; where
    there is but one, it is both.
    """
    folders = sorted([*output.glob("serving/*"), *output.glob("*/serving/*")])
    models = {folder: found for folder in folders if (found := _versions(folder))}
    models_config = "".join(
        _model_config(path.name, path.relative_to(output).as_posix(), versions)
        for path, versions in models.items()
    )
    models_config = f"{HEAD}model_config_list {{\n{models_config}}}\n"
    read = {path.name: path.read_text() for path in sorted(TEMPLATES.iterdir())}
    values = {
        "tag": version("tensorflow"),
        "probe": " && ".join(_probe(path.name) for path in models),
        "models_config": _indented(models_config),
        "monitoring_config": _indented(read["monitoring.config"]),
    }
    folder = output / "serving_bundle"
    folder.mkdir(exist_ok=True)
    for name, text in read.items():
        is_template = name.endswith((".yml", ".yaml"))
        runs.write_text(folder / name, Template(text).substitute(values) if is_template else text)
    runs.write_text(folder / "models.config", models_config)
    return folder


def _versions(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())


def _model_config(name: str, path: str, versions: list[int]) -> str:
    stable, canary = versions[-2:] if len(versions) > 1 else versions * 2
    loaded = " ".join(f"versions: {v}" for v in sorted({stable, canary}))
    return f"""\
  config {{
    name: "{name}"
    base_path: "/models/{path}"
    model_platform: "tensorflow"
    # Only these are in memory; all others lie on disk for a way back.
    model_version_policy {{ specific {{ {loaded} }} }}
    version_labels {{ key: "stable" value: {stable} }}
    version_labels {{ key: "canary" value: {canary} }}
  }}
"""


def _probe(name: str) -> str:
    """Bash that fails unless a version of the model is AVAILABLE; free of single quotes."""
    # HTTP/1.0, so that the server closes the connection and grep ends.
    ask = rf'printf "GET /v1/models/{name} HTTP/1.0\r\n\r\n" >&3'
    # With its quotes, since UNAVAILABLE is a state of things, too.
    return f"exec 3<>/dev/tcp/127.0.0.1/8501 && {ask} && " r"grep -q \"AVAILABLE\" <&3"


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(True))
