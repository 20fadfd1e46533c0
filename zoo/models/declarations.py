"""What models declare, read from their source: no model is imported, and so no TensorFlow.

A model is a class under `@register` in one of `registry.files()`. Its arguments are those of its
constructor and its parents' (by `**kwargs`), with their annotations and defaults, and with the
words of the docstrings' Args.
"""

import ast
import functools
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from zoo.images.degradations import DEGRADATIONS
from zoo.models import registry
from zoo.models.arguments import Argument, described


class Declaration(NamedTuple):
    """A model, as it describes itself.

    Attributes:
      summary: its docstring's first line.
      arguments: of its constructor, by name; what may name a run is annotated as "str".
      after_training: those that may change once the weights are trained.
      from_runs: those that may name a run.
      strengths: those that are the strength of a degradation.
      lineage: the names of its class and of its parents, contracts among them.
      beside: what its `restore` takes beside the picture.
      colors: whether that gives color to gray pictures.
    """

    summary: str
    arguments: dict[str, Argument]
    after_training: list[str]
    from_runs: list[str]
    strengths: list[str]
    lineage: list[str]
    beside: list[str]
    colors: bool


def read() -> dict[str, Declaration]:
    """All models by their registered names, sorted."""
    return _read(tuple(registry.files()))


@functools.cache
def _read(files: tuple[Path, ...]) -> dict[str, Declaration]:
    classes: dict[str, ast.ClassDef] = {}
    for path in files:
        for node in ast.parse(path.read_text(), path).body:
            if isinstance(node, ast.ClassDef):
                classes[f"{path.stem}.{node.name}"] = node
                classes.setdefault(node.name, node)
    registered = {name: x for x in classes.values() if (name := _registered_name(x))}
    return {name: _declaration(registered[name], classes) for name in sorted(registered)}


def _registered_name(node: ast.ClassDef) -> str | None:
    """The name in its decorator `@register("name")`."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("register"):
            return ast.literal_eval(decorator.args[0])
    return None


def _declaration(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Declaration:
    arguments, texts, variables = {}, {}, {}
    lineage = list(_lineage(node, classes))
    for parent in lineage:
        texts = described(ast.get_docstring(parent) or "") | texts
        variables = dict(_variables(parent)) | variables
        arguments |= {k: v for k, v in _constructor(parent).items() if k not in arguments}
    strengths = _strengths() if variables.get("takes_strengths") else {}
    arguments = {k: v._replace(help=texts.get(k, "")) for k, v in arguments.items()} | strengths
    from_runs = list(variables.get("from_runs") or ())
    for name in from_runs:
        arguments[name] = arguments[name]._replace(annotation="str")
    summary = (ast.get_docstring(node) or "").partition("\n")[0]
    after_training = [*(variables.get("after_training") or ()), *strengths]
    return Declaration(
        summary,
        arguments,
        after_training,
        from_runs,
        list(strengths),
        lineage=[each.name for each in lineage],
        beside=list(variables.get("beside") or ()),
        colors=bool(variables.get("colors")),
    )


def _lineage(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """The class, then its parents, as far as they stand in these files too."""
    yield node
    for base in node.bases:
        parent = classes.get(".".join(ast.unparse(base).split(".")[-2:]))  # VAE, or vae.VAE
        if parent is not None and parent is not node:
            yield from _lineage(parent, classes)


def _variables(node: ast.ClassDef) -> Iterator[tuple[str, Any]]:
    for line in node.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            yield ast.unparse(target), _value(line.value)


def _constructor(node: ast.ClassDef) -> dict[str, Argument]:
    """The arguments of the class's own `__init__`, still without help."""
    found = [x for x in node.body if isinstance(x, ast.FunctionDef) and x.name == "__init__"]
    if not found:
        return {}
    given = found[0].args
    names = [*given.posonlyargs, *given.args][1:]  # without self
    defaults = [None] * (len(names) - len(given.defaults)) + given.defaults
    pairs = zip([*names, *given.kwonlyargs], [*defaults, *given.kw_defaults], strict=True)
    return {
        name.arg: Argument(
            ast.unparse(name.annotation).strip("'") if name.annotation else "",
            _value(default) if default else None,
            "",
        )
        for name, default in pairs
    }


def _value(node: ast.expr) -> Any:
    """Of what is written out; None for what must be computed."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _strengths() -> dict[str, Argument]:
    """Those of all degradations that keep a picture's size."""
    return {
        each.parameter: Argument(
            "float | Sequence[float] | None",
            each.default,
            described(inspect.getdoc(each.function))[each.parameter],
        )
        for each in DEGRADATIONS.values()
        if not each.changes_size
    }
