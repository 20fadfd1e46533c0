"""Every command in README.md and BUILD.md runs as written, one after the other."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
BEAM = ".venv-beam/bin/python"


def commands(document: str) -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    # `make` runs what these tests are a part of; long trainings are measured, not tested; the
    # client needs a server, and has tests of its own.
    long = "mnist", "SET14", "data/", "presets/", "make_preset", "benchmarks.readme"
    skipped = *long, "export.client"
    pythons = ["python ", *([f"{BEAM} "] if (ROOT / BEAM).exists() else [])]
    lines = [x for x in lines if x.startswith(tuple(pythons))]
    return [x for x in lines if not any(word in x for word in skipped)]


@pytest.mark.slow
@pytest.mark.parametrize("document", ["README.md", "BUILD.md"])
def test_commands_run_as_written(document, tmp_path, photograph):
    for name in ("train.py", "zoo", "export", "benchmarks", ".github"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("PICTURES/a.jpg", "PICTURES/b.png", "MORE/c.png", "PICTURE.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(photograph[:100, :120]).save(tmp_path / name)
    Image.fromarray(np.eye(100, 120) > 0).save(tmp_path / "MASK.png")
    found = commands(document)
    assert len(found) >= 4
    # Chapters build on the demo's run; here it is a short one.
    demo = "python train.py --flagfile=.github/demo.flags --output_dir=runs/demo --steps=5"
    for line in [demo, *found]:
        python, *arguments = shlex.split(line, comments=True)
        done = subprocess.run(
            [ROOT / BEAM if python == BEAM else sys.executable, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
