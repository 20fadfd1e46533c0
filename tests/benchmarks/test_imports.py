"""What a benchmark takes from the zoo is there: most run by hand, beside other installations."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted((HERE / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_names(path):
    imports = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom)]
    for node in imports:
        if node.module.split(".")[0] in ("zoo", "export"):
            for name in node.names:
                assert exists(node.module, name.name), f"{path.name}: {node.module}.{name.name}"


def exists(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name) or bool(import_module(f"{module}.{name}"))
    except ModuleNotFoundError:
        return False
