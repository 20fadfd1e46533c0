"""The model from which a classifier takes its encoder."""

from typing import Any

from zoo.cli import UserError
from zoo.models import registry
from zoo.models.base import Model


def source(given: Model | dict[str, Any], fresh: bool) -> tuple[Model, dict[str, Any]]:
    """The model whose encoder is taken, and {"model": its name, "config": its arguments}.

    Args:
      given: a model, or such a name with arguments.
      fresh: leave a model's weights out.
    """
    if not isinstance(given, Model):
        return registry.create(given["model"], **given["config"]), given
    config = {"model": given.registered_name, "config": given.get_config()}
    return (source(config, fresh)[0] if fresh else given), config


def check(source: Model, image_size: list[int], channels: int) -> None:
    """Raises UserError where a model has no encoder, or one that was made for other images."""
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
