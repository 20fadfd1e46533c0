"""All formats of a model, as files in a folder."""

from collections.abc import Sequence
from pathlib import Path

from export.kinds import ALL
from export.litert import int8, tflite
from export.parity import real_images, tensors
from export.parity.real_images import RealImages
from export.savedmodel import served
from zoo.models.base import Model


def write(
    model: Model,
    for_int8: Model,
    folder: Path,
    name: str,
    version: int,
    tile: int,
    kinds: Sequence[str],
    images: RealImages,
) -> dict[str, list[Path]]:
    """Writes serving/NAME/VERSION and tflite/NAME_FORMAT.tflite.

    Args:
      model: built, with its weights.
      for_int8: the same, or one with weights that were made for 8 bits.
      folder: gets the files.
      name: of the artifacts.
      version: of the SavedModel.
      tile: side of LiteRT's input where the model takes any.
      kinds: some of ALL.
      images: real ones, to calibrate on and to warm up with.

    Returns:
      format -> its files.
    """
    files: dict[str, list[Path]] = {}
    if "saved_model" in kinds:
        version_folder = folder / "serving" / name / str(version)
        served.write(model, version_folder, name, tensors.feeds(model, images.inputs(1)))
        files["saved_model"] = [version_folder]
    stem = folder / "tflite" / name
    if set(kinds) - {"saved_model"}:
        stem.parent.mkdir(parents=True, exist_ok=True)
    if floats := [kind for kind in ALL[1:4] if kind in kinds]:
        with tflite.fixed(model, tile) as source:
            for kind in floats:
                files[kind] = [stem.with_name(f"{name}_{kind}.tflite")]
                tflite.write(source, list(model.signatures()), files[kind][0], kind)
    if "int8" in kinds:
        files["int8"] = _write_int8(for_int8, stem, tile, images)
    return files


def _write_int8(model: Model, stem: Path, tile: int, images: RealImages) -> list[Path]:
    """One file a signature, since each has input and output types of its own."""
    calibration = real_images.stacked([inputs for inputs, _ in images.calibration])
    feeds = tensors.feeds(model, calibration)
    written = []
    with tflite.fixed(model, tile) as source:
        for signature, feed in feeds.items():
            part = f"_{signature}" if len(feeds) > 1 else ""
            written.append(stem.with_name(f"{stem.name}_int8{part}.tflite"))
            int8.write(model, source, signature, written[-1], tensors.one_by_one(feed))
    return written
