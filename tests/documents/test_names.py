"""What documents name is there: files, modules, what is in them, flags."""

import re
from pathlib import Path

import pytest

from tests.documents.markdown import NAMES, ROOMS, ROOT, blocks, spans
from zoo.models.base import Model
from zoo.models.latent import Latent

PART = r"[\w.*-]+"
CODE = (
    "\n".join(
        path.read_text()
        for room in ("zoo", "export", "benchmarks")
        for path in (ROOT / room).rglob("*.py")
    )
    + (ROOT / "train.py").read_text()
)
# Of programs that are not ours.
FOREIGN = {
    *("model_name", "model_base_path", "port", "rest_api_port", "logdir", "prefix"),
    *("help", "helpshort", "web", "nworkers", "nthreads"),
}


def code(document: str) -> str:
    return "\n".join(spans(document) + blocks(document) + blocks(document, "python"))


@pytest.mark.parametrize("document", NAMES)
def test_every_path_is_there(document):
    rooms = "|".join(map(re.escape, ROOMS))
    inside = re.findall(rf"(?<![\w./-])(?:{rooms})/(?:{PART}/)*(?:{PART})?", code(document))
    alone = re.findall(r"(?<![\w./*-])\w+\.(?:py|toml)\b", code(document))
    for path in {*inside, *alone}:
        if re.search(r"\b[A-Z]+\b(?!\.)", Path(path).stem):  # a place for a name
            continue
        places = ROOT, (ROOT / document).parent
        assert any(list(place.glob(path.rstrip("/"))) for place in places), path


@pytest.mark.parametrize("document", NAMES)
def test_every_module_is_there_and_has_what_is_named(document):
    found = re.findall(
        r"(?<![\w./-])(?:zoo|export|benchmarks|docs|tests)(?:\.\w+)+", code(document)
    )
    for name in set(found):
        folder, *parts = name.split(".")
        path = ROOT / folder
        while parts and (path / parts[0]).is_dir():
            path /= parts.pop(0)
        if parts and (path / f"{parts[0]}.py").exists():
            path = path / f"{parts.pop(0)}.py"
        else:
            path /= "__init__.py"
        if parts:
            assert re.search(rf"\b{parts[0]}\b", path.read_text()), name


@pytest.mark.parametrize("document", NAMES)
def test_every_flag_is_known(document):
    for flag in set(re.findall(r"(?<![\w-])--(\w+)", code(document))) - FOREIGN:
        assert re.search(rf"\b{flag}\b", CODE), f"--{flag}"


def test_the_contract_has_what_its_page_says():
    text = (ROOT / "zoo/models/README.md").read_text()
    table, of_latents = text.split("## The contract")[1].split("| a `Latent` declares")
    for kind, part in ((Model, table), (Latent, of_latents.split("## A new model")[0])):
        rows = re.findall(r"^\| (`.*?) \|", part, re.M)
        names = [name for row in rows for name in re.findall(r"`(\w+)", row)]
        assert len(names) > 5
        for name in names:
            assert name in vars(kind) or name == "call", name
