"""A plain SavedModel, from which LiteRT files are made; `serving` writes what is served."""

from pathlib import Path

import keras

from zoo.models.base import Model


def write(model: Model, path: Path, batch: int | None = None, side: int | None = None) -> None:
    """Writes a SavedModel with one endpoint a signature.

    Args:
      model: built, with its weights.
      path: the version's folder.
      batch: a fixed batch, or None for any.
      side: what free sides of images are fixed to, or None to leave them free.
    """
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name, signature in model.signatures().items():
        specs = signature.specs(batch, side)
        archive.add_endpoint(name, model.endpoint(name), input_signature=[specs])
    archive.write_out(str(path), verbose=False)
