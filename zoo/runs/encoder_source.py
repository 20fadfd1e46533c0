"""The model from which a classifier takes its encoder."""

from typing import Any

from zoo import runs
from zoo.cli import UserError
from zoo.models import registry
from zoo.models.base import Model


def source(given: str | dict[str, Any], fresh: bool) -> Model:
    """The model whose encoder is taken.

    Args:
      given: a run or preset, or {"model": its name, "config": its arguments}.
      fresh: leave a run's weights out.
    """
    if isinstance(given, str) and not fresh:
        return runs.load(given)
    config = runs.read_config(given) if isinstance(given, str) else given
    return registry.create(config["model"], **config["config"])


def check(source: Model, image_size: list[int], channels: int) -> None:
    """Raises UserError where the source has no encoder, or one that was made for other images."""
    if not source.feature_layers():
        raise UserError(f"a {source.registered_name} model has no encoder to classify by")
    sides = source.image_size or image_size
    ours, theirs = [*image_size, channels], [*sides, source.channels]
    if ours != theirs:
        raise UserError(
            f"the encoder of this {source.registered_name} model takes images of {_told(theirs)}, "
            f"not {_told(ours)}: give --image_size={sides[0]},{sides[1]} "
            f"--channels={source.channels}"
        )
    source.check_sides(*image_size)


def _told(shape: list[int]) -> str:
    height, width, channels = shape
    return f"{width}x{height} with {channels} channels"
