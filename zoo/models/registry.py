"""Models by name. A file in `zoo/models/` with `@register("name")` is all that it takes."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from zoo.cli import UserError

if TYPE_CHECKING:
    from zoo.models.base import Model

_MODELS: dict[str, type] = {}


def register(name: str) -> Callable[[type], type]:
    """Class decorator: makes a model known by `name`."""

    def add(model_class: type) -> type:
        model_class.registered_name = name
        _MODELS[name] = model_class
        return model_class

    return add


def names() -> list[str]:
    """All registered names, sorted."""
    return sorted(_all())


def find(name: str) -> type:
    """The class of a name; raises UserError with the nearest choices."""
    if name not in _all():
        raise UserError(f"unknown model {name!r}; choose one of {', '.join(names())}")
    return _MODELS[name]


def create(name: str, **arguments) -> "Model":
    """A built model; raises UserError for arguments that the model does not take."""
    model_class = find(name)
    for argument in arguments:
        if argument not in model_class.parameters():
            takers = [n for n in names() if argument in _MODELS[n].parameters()]
            raise UserError(
                f"--{argument} does not apply to {name}; it applies to: "
                f"{', '.join(takers) or 'no model'}"
            )
    model = model_class(**arguments, name=name)
    model.build_on_example()
    return model


def _all() -> dict[str, type]:
    package = importlib.import_module("zoo.models")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"zoo.models.{module.name}")
    return _MODELS
