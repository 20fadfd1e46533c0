"""zoo.export: the artifacts of a model that is there in Python, and the road of the command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from export import artifacts, kinds, publish
from export.litert import tflite
from export.parity import readme, real_images
from export.parity.real_images import RealImages
from zoo import cli
from zoo.cli import UserError
from zoo.data import given
from zoo.models.base import Model


def export(
    model: Model,
    output_dir: str | Path = "artifacts",
    *,
    formats: str | Sequence[str] | None = None,
    images: Any = None,
    name: str | None = None,
    tile: int | None = None,
    calibration: int = 100,
    report_images: int = 20,
) -> dict:
    """Writes the artifacts of a model; see `zoo.export`."""
    formats = formats.split(",") if isinstance(formats, str) else formats or []
    wanted, side = kinds.known(formats), side_of(model, tile)
    if images is None:
        data = real_images.open_sources(model, {"dataset": "photos"})
    else:
        data = given.training(images, None, model.channels)
    pairs = real_images.of(model, *data, side, calibration, report_images)
    return made(
        model, Path(output_dir).expanduser(), name or model.registered_name, wanted, pairs, side
    )


def side_of(model: Model, tile: int | None) -> int:
    """Of LiteRT's input where the model takes any."""
    side = tile or tflite.tile(model)
    if side % model.stride:
        raise UserError(f"--tile={side} must be a multiple of the model's {model.stride}")
    return side


def made(
    model: Model,
    output: Path,
    name: str,
    wanted: Sequence[str],
    images: RealImages,
    tile: int,
    for_int8: Any = None,
) -> dict:
    """Makes artifacts beside, and moves them into place where all agree; gives the report.

    Raises:
      UserError: where one is not within its tolerance of Keras.
    """
    publish.require_new(output)
    version = publish.next_version(output / "serving" / name)
    with publish.beside(output) as folder:
        with cli.quiet_tensorflow():
            report = artifacts.write(model, folder, name, version, images, tile, wanted, for_int8)
        print(readme.table(report))
        failed = sorted({a["format"] for a in report["artifacts"] if not a["passed"]})
        if failed:
            raise UserError(
                f"{' and '.join(failed)} is not within its tolerance of Keras, or needs custom "
                f"operators; {name} was not exported"
            )
        publish.publish(folder, output)
    print(f"{output}: {', '.join(a['path'] for a in report['artifacts'])}, README.md, report.json")
    return report
