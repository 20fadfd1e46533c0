"""An exported SavedModel in the place of the Keras model that it was made of."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from zoo.cli import UserError
from zoo.files import buckets
from zoo.files.buckets import BucketPath


class Artifact(NamedTuple):
    """Where a SavedModel lies, and what signatures.json says of it."""

    path: Path | BucketPath
    described: dict[str, Any]


def find(folder: str) -> Artifact:
    """The newest version in a folder that `python -m export` wrote, be it in a bucket.

    Raises:
      UserError: where there is none, or the model restores no pictures by themselves.
    """
    root = buckets.path(folder)
    try:
        described = json.loads((root / "signatures.json").read_bytes())
        served = list((root / "serving" / described["run"]).glob("*/saved_model.pb"))
        path = max((file.parent for file in served), key=lambda version: int(version.name))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError):
        raise UserError(
            f"--model={folder} holds no exported SavedModel; give the --output_dir of "
            "`python -m export --formats=saved_model`, the folder with signatures.json"
        ) from None
    signatures = described["signatures"]
    if "restore" not in signatures:
        raise UserError(
            f"--model={folder} does not restore pictures; its signatures are "
            f"{', '.join(signatures)}"
        )
    if others := set(signatures["restore"]["inputs"]) - {"image"}:
        raise UserError(
            f"--model={folder} needs {', '.join(others)} beside every picture; "
            f"`python -m zoo.restore --{min(others)}` gives it"
        )
    return Artifact(path, described)


class ServedModel:
    """What `zoo.restoration` asks of a model, answered by an artifact."""

    keeps_pixels = False  # what keeps some takes a mask, and `find` refuses it

    def __init__(self, artifact: Artifact):
        import tensorflow as tf

        from zoo.models.base import Signature, Tensor

        described = artifact.described
        self.name, self.registered_name = described["run"], described["model"]
        self.stride, self.overlap = described["stride"], described["overlap"]
        self.scale = described["scale"]
        # The functions hold no weights by themselves.
        self._loaded = tf.saved_model.load(str(artifact.path))
        self.serve, self._signatures = {}, {}
        for name in {"restore", "restore_part"} & described["signatures"].keys():
            function, declared = self._loaded.signatures[name], described["signatures"][name]
            tensors = [
                {
                    k: Tensor(tuple(t["shape"][1:]), t["meaning"], t["range"])
                    for k, t in named.items()
                }
                for named in (declared["inputs"], declared["outputs"])
            ]
            self.serve[name] = lambda inputs, function=function: function(**inputs)
            self._signatures[name] = Signature(function, *tensors)

    def check_inputs(self, **inputs: Any) -> None:
        """An artifact knows nothing more of what it takes than its signatures say."""

    def signatures(self) -> dict:
        """Those that restore, by name."""
        return self._signatures
