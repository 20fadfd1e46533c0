"""SavedModel for TensorFlow Serving: every endpoint, guarded, and requests to warm it up."""

from pathlib import Path

import keras
import numpy as np

from export.savedmodel import endpoints, warmup
from zoo.models.base import Model


def write(model: Model, path: Path, name: str, feeds: dict[str, dict[str, np.ndarray]]) -> None:
    """Writes the folder of one version.

    A server watches for such folders: write elsewhere, and rename.

    Args:
      model: built, with its weights.
      path: of the new folder.
      name: under which the model will be served.
      feeds: real inputs for every signature of the model, float32 [b, ...].
    """
    archive = keras.export.ExportArchive()
    archive.track(model)
    found = endpoints.of_model(model)
    for name_served, endpoint in found.items():
        archive.add_endpoint(name_served, endpoint.function, input_signature=[endpoint.specs])
    archive.write_out(str(path), verbose=False)
    warmup.write(path, name, found, feeds)
