"""The workflows: what they run is there, and tests ask the server that `serving.yml` starts."""

import contextlib
import importlib.util
import os
import re
import subprocess
import sys

import pytest
import yaml

import zoo
from tests.conftest import ROOT
from tests.export.gate import Gate

WORKFLOWS = ROOT / ".github/workflows"


def steps(name: str) -> list[str]:
    """The commands of a workflow, which has one job and its own name."""
    workflow = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text())
    assert workflow[True] == ["push", "pull_request"]  # YAML reads `on` as a truth
    return [step["run"] for step in workflow["jobs"][name]["steps"] if "run" in step]


@pytest.mark.parametrize("name", [path.stem for path in sorted(WORKFLOWS.glob("*.yml"))])
def test_every_module_file_and_target_that_a_workflow_runs_is_there(name):
    commands = steps(name)
    assert commands
    modules = [m for line in commands for m in re.findall(r"python -m ([\w.]+)", line)]
    assert all(importlib.util.find_spec(module) for module in modules)
    files = [word for line in commands for word in line.split() if word.endswith(".py")]
    assert all((ROOT / file).exists() for file in files)
    targets = [line.removeprefix("make ") for line in commands if line.startswith("make ")]
    assert all(f"\n{target}:" in (ROOT / "Makefile").read_text() for target in targets)


def test_the_parts_of_ci_are_those_of_its_script():
    parts = {path.name for path in (ROOT / ".ci/parts").iterdir()}
    matrix = yaml.safe_load((WORKFLOWS / "ci.yml").read_text())["jobs"]["ci"]["strategy"]["matrix"]
    (default,) = re.findall(r"set -- (.*)", (ROOT / ".ci/run").read_text())
    assert set(matrix["part"]) == set(default.split()) == parts


def test_models_are_exported_then_served_then_asked():
    commands = steps("serving")
    order = ["tiny_models", "--serving_bundle", "up --wait", "test_client.py", "logs"]
    places = [next(i for i, line in enumerate(commands) if word in line) for word in order]
    assert places == sorted(places)
    assert "--wait-timeout" in commands[places[2]]  # healthy is what the bundle's probe says


def test_addresses_are_where_the_bundle_publishes_them():
    template = (ROOT / "export/serving/deployment/docker-compose.yml").read_text()
    workflow = yaml.safe_load((WORKFLOWS / "serving.yml").read_text())
    for address in workflow["jobs"]["serving"]["env"].values():
        host, port = address.removeprefix("http://").split(":")
        assert f'- "{host}:{port}:{port}"' in template


def test_the_image_is_pinned():
    template = (ROOT / "export/serving/deployment/docker-compose.yml").read_text()
    assert "image: tensorflow/serving:$tag" in template  # TensorFlow's version, by the export


@pytest.mark.slow
def test_the_tests_run_against_a_server_in_another_process(tmp_path):
    """The stand-in plays the real one, which cannot be told to fail, behind the gate."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def python(*arguments) -> list[str]:
        return [sys.executable, *map(str, arguments)]

    def run(*arguments) -> subprocess.CompletedProcess:
        options = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True}
        return subprocess.run(python(*arguments), **options, check=False)

    assert run("-m", "tests.export.tiny_models", tmp_path).returncode == 0
    export = "--run=sr_x3", "--dataset=photos", "--formats=saved_model", "--serving_bundle"
    done = run("-m", "export", *export, f"--output_dir={tmp_path}")
    assert done.returncode == 0, done.stderr
    models = sorted((tmp_path / "serving").iterdir())
    assert [path.name for path in models] == sorted([*zoo.list_models(), "sr_x3"])
    with subprocess.Popen(
        python("-m", "tests.export.stand_in", 0, 0, *models),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            found = re.search(r"'(localhost:\d+)'.*'(http://\S+)'", server.stdout.readline())
            ports = (int(address.rpartition(":")[2]) for address in found.groups())
            with contextlib.closing(Gate(tmp_path, *ports)) as gate:
                environment |= {f"ZOO_SERVER_{k.upper()}": v for k, v in gate.addresses.items()}
                tests = "tests/export/test_client.py", "tests/export/serving/test_real_server.py"
                done = run("-m", "pytest", "-rs", *tests)
        finally:
            server.terminate()
    assert done.returncode == 0, done.stdout[-3000:]
    assert "a real server cannot be told to fail" in done.stdout
    assert "no real server" not in done.stdout
