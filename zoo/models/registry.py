"""Models by name. A file in `zoo/models/` with `@register("name")` is all that it takes.

It may also lie in a folder that the environment variable ZOO_MODELS names. A model is imported
when it is asked for, and no other: each brings libraries of its own.
"""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zoo import models
from zoo.cli import UserError, nearest

if TYPE_CHECKING:
    from zoo.models.base import Model

_MODELS: dict[str, type] = {}


def register(name: str) -> Callable[[type], type]:
    """Class decorator: makes a model known by `name`."""

    def add(model_class: type) -> type:
        import keras  # as whoever defines a model has

        model_class.registered_name = name
        _MODELS[name] = model_class
        return keras.saving.register_keras_serializable("zoo", name)(model_class)

    return add


def names() -> list[str]:
    """All registered names, sorted."""
    return sorted({*_MODELS, *_declared()})


def find(name: str) -> type:
    """The class of a name; raises UserError with the nearest choices."""
    if name not in _MODELS:
        known = _declared()
        if name not in known:
            raise UserError(unknown(name, names()))
        importlib.import_module(f"zoo.models.{known[name]}")
    return _MODELS[name]


def create(name: str, **arguments) -> "Model":
    """A built model; raises UserError for arguments that the model does not take."""
    model_class = find(name)
    for argument in arguments:
        if argument not in model_class.parameters():
            takers = [n for n in names() if argument in find(n).parameters()]
            near = "" if takers else nearest(argument, model_class.parameters())
            raise UserError(does_not_apply(argument, name, takers) + near)
    model = model_class(**arguments, name=name)
    model.build_on_example()
    return model


def files() -> list[Path]:
    """The files that may hold models: those beside this one, and those of ZOO_MODELS."""
    return [path for folder in models.__path__ for path in sorted(Path(folder).glob("[!_]*.py"))]


def unknown(name: str, known: list[str]) -> str:
    """What to say of a name that no model has."""
    return f"unknown model {name!r}; choose one of {', '.join(known)}{nearest(name, known)}"


def does_not_apply(argument: str, name: str, takers: list[str]) -> str:
    """What to say of an argument that a model does not take, and others do."""
    return (
        f"--{argument} does not apply to {name}; it applies to: {', '.join(takers) or 'no model'}"
    )


def _declared() -> dict[str, str]:
    """The names under which files register models, and the modules that these files are."""
    found: dict[str, str] = {}
    for path in files():
        for name in re.findall(r"""^@\S*\bregister\(["'](\w+)["']\)""", path.read_text(), re.M):
            found.setdefault(name, path.stem)
    return found
