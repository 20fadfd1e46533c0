"""What `pip install` brings: every file that is no Python too, and commands that start."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# For developers of what it lies beside; the installed commands read none of them.
NOT_PACKAGED = {
    "export/web/screenshots.mjs",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from the tracked files alone."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / "source" / name)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, "."]
    done = subprocess.run(build, cwd=folder / "source", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """installed("zoo-restore", ...) runs a console script of a new environment, elsewhere."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", folder / "venv/bin/python"]
    install = [*pip, "install", "-q", "--no-deps", "--no-index", wheel]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (site / "requirements.pth").write_text(sysconfig.get_path("purelib"))
    (folder / "empty").mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}

    def run(name: str, *arguments) -> subprocess.CompletedProcess:
        command = [folder / "venv/bin" / name, *map(str, arguments)]
        return subprocess.run(
            command, cwd=folder / "empty", env=environment, capture_output=True, text=True
        )

    return run


@pytest.mark.slow
def test_the_wheel_has_every_tracked_file_of_the_packages(wheel):
    wanted = {name for name in tracked() if name.startswith(("zoo/", "export/"))} | {"train.py"}
    wanted = {name for name in wanted if not name.endswith("README.md")}
    missing = wanted - set(zipfile.ZipFile(wheel).namelist())
    assert missing == NOT_PACKAGED


@pytest.mark.slow
def test_every_console_script_answers_help(installed):
    for name in PROJECT["scripts"]:
        done = installed(name, "--help")
        assert done.returncode == 0, f"{name}: {done.stderr}"
        assert "--" in done.stdout, name


@pytest.mark.slow
def test_an_installed_preset_restores(installed, tmp_path, photograph):
    Image.fromarray(photograph[:40, :60]).save(tmp_path / "in.png")
    flags = "--run=denoise_color", f"--output_dir={tmp_path / 'out'}", tmp_path / "in.png"
    done = installed("zoo-restore", *flags)
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / "out/in.png").size == (60, 40)


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
