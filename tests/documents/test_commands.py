"""Python of all documents runs as written, and commands with the slow tests."""

import json
import re
import subprocess
import sys

import pytest

from tests.documents.markdown import NAMES, ROOT, blocks, commands, python, reading_order, spans

# A minute, all of them together; the others train, export or measure.
CHEAP = "--model=help", "--helpshort", "zoo.sample", "zoo.encode", "zoo.project", "ZOO_MODELS"
CHEAP += "zoo.restore --run=runs", "zoo.restore --run=sr_x3"
# These need what only a person has: long trainings' data and runs, or a server.
WANTING = "mnist", "SET14", "data/", "presets/", "make_preset", "benchmarks.readme", "pytest"
WANTING += "export.client", "export.release", "--scheduler", "dask"
PHOTO = """import numpy as np
photo = np.zeros([64, 64, 3], np.uint8)
photos, digits = [photo] * 3, np.zeros([2, 28, 28])
"""


def test_flags_exist_and_are_valid():
    lines = [line for name in NAMES for line in [*commands(name), *filter(python, spans(name))]]
    lines = [line for line in dict.fromkeys(lines) if can_be_parsed(line)]
    assert len(lines) > 50
    asked = "".join(json.dumps(python(line)) + "\n" for line in lines)
    parser = [sys.executable, "-m", "tests.documents.parse"]
    done = subprocess.run(parser, cwd=ROOT, input=asked, capture_output=True, text=True, check=True)
    answers = zip(lines, done.stdout.splitlines(), strict=True)
    assert not {line: answer for line, answer in answers if answer}


def can_be_parsed(line: str) -> bool:
    """Whether it has flags of absl's, for the zoo's own models, and none in a run's file."""
    if "--" not in line or "..." in line or "--flagfile=runs" in line or "ZOO_MODELS" in line:
        return False
    module = python(line)[1] if python(line)[0] == "-m" else python(line)[0].removesuffix(".py")
    path = ROOT / module.replace(".", "/")
    file = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    return file.exists() and bool(re.search(r"\b(cli|app)\.run\(", file.read_text()))


@pytest.mark.slow
def test_cheap_commands_run_as_written(untrained_runs, command):
    lines = [line for line in runnable() if any(word in line for word in CHEAP)]
    assert len(lines) > 10
    for line in lines:
        run(line, command, untrained_runs)


def with_python() -> list:
    """Documents with Python in them; those of rooms are slow ones."""
    names = [name for name in NAMES if blocks(name, "python")]
    return [pytest.param(n, marks=[pytest.mark.slow] if "/" in n else []) for n in names]


@pytest.mark.parametrize("document", with_python())
def test_python_runs_as_written(document, untrained_runs, command):
    for number, block in enumerate(blocks(document, "python")):
        file = untrained_runs / f"snippet_{number}.py"
        # As it stands, but for how long it trains, and how large.
        file.write_text(PHOTO + re.sub(r"minutes=\d+", "minutes=0.02, width=8", block))
        done = command(file.name, cwd=untrained_runs)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


@pytest.mark.slow
def test_all_commands_run_as_written(workspace, command):
    # Pages build on the demo's run; here it is a short one.
    demo = "python train.py --flagfile=.github/demo.flags --output_dir=runs/demo --steps=5"
    folder = workspace()
    for line in [demo, *runnable()]:
        run(line, command, folder)


def runnable() -> list[str]:
    """All commands that want nothing, in reading order."""
    lines = dict.fromkeys(line for name in reading_order() for line in commands(name))
    return [line for line in lines if not any(word in line for word in WANTING)]


def run(line, command, folder):
    """Runs a command of a document in a folder."""
    models = re.match(r"ZOO_MODELS=(\S+) ", line)
    environment = {"ZOO_MODELS": models[1]} if models else {}
    done = command(*python(line), cwd=folder, **environment)
    assert done.returncode == 0, f"{line}\n{done.stderr}"
