"""What tests share: commands as a person types them, images on disk, a tiny trained run."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as commands do

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
gc.disable()  # while tests are collected, which is when they import


def missing(tool: str, reason: str) -> NoReturn:
    """Skips a test for want of a tool; where ZOO_REQUIRE names the tool, as in CI, it fails."""
    if tool in os.environ.get("ZOO_REQUIRE", "").split(","):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """The same first weights in every run, whatever ran before."""
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture(scope="session", autouse=True)
def no_garbage():
    """See `zoo.cli.no_garbage`."""
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="session")
def fresh_command():
    """Runs `python ARGUMENTS...` in a new process: fresh_command("train.py", "--model=x")."""

    def run(*arguments, **environment) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    return run


# Runs a command, and fails at its end where it has imported one of the libraries named first.
WITHOUT = """
import runpy, sys
unwanted, sys.argv = sys.argv[1].split(","), sys.argv[2:]
try:
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
finally:
    assert not {*unwanted} & {*sys.modules}
"""


@pytest.fixture(scope="session")
def command_without(fresh_command):
    """A command that may not import some libraries: command_without("keras", "zoo.restore")."""
    return lambda unwanted, *arguments: fresh_command("-c", WITHOUT, unwanted, *arguments)


@pytest.fixture(scope="session")
def light_command(command_without):
    """One that may import nothing that takes long: light_command("train.py", "--help")."""
    heavy = "tensorflow,keras,tensorflow_datasets,scipy,sklearn,matplotlib,pandas,zoo.models.base"
    return lambda *arguments: command_without(heavy, *arguments)


@pytest.fixture(scope="session")
def command(tmp_path_factory):
    """The same in a fork of a process that has imported TensorFlow: seconds sooner."""
    folder = tmp_path_factory.mktemp("commands")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.warm_python"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def run(*arguments, cwd=ROOT, **environment) -> subprocess.CompletedProcess:
        arguments = [str(argument) for argument in arguments]
        streams = {"stdout": folder / "stdout", "stderr": folder / "stderr"}
        for file in streams.values():
            file.write_text("")
        asked = {"arguments": arguments, "cwd": str(cwd), "environment": environment}
        asked |= {name: str(file) for name, file in streams.items()}
        print(json.dumps(asked), file=server.stdin, flush=True)
        status = int(server.stdout.readline())
        texts = {name: file.read_text() for name, file in streams.items()}
        return subprocess.CompletedProcess(arguments, status, **texts)

    yield run
    server.stdin.close()
    server.wait()


@pytest.fixture(scope="session")
def photograph() -> np.ndarray:
    """A real photograph, uint8 [427, 640, 3]."""
    from sklearn.datasets import load_sample_image

    return load_sample_image("flower.jpg")


@pytest.fixture(scope="session")
def mnist_dir() -> str:
    """Where TFDS has MNIST; tests that need it skip where it is not."""
    folder = os.environ.get("TFDS_DATA_DIR", os.path.expanduser("~/tensorflow_datasets"))
    if not Path(folder, "mnist").is_dir():
        missing("mnist", "no MNIST: set TFDS_DATA_DIR to a folder in which TFDS has prepared it")
    return folder


@pytest.fixture(scope="session")
def images_dir() -> Path:
    """Test photographs by set (set12, set14, ...); tests skip where there are none."""
    folder = os.environ.get("ZOO_TEST_IMAGES")
    if not folder:
        pytest.skip("no photographs: set ZOO_TEST_IMAGES to a folder with set12/ and set14/")
    return Path(folder)


@pytest.fixture(scope="session")
def denoising_run(tmp_path_factory):
    """A denoiser trained for a moment on `digits`."""
    from zoo.data import sources
    from zoo.models import registry
    from zoo.training.recipe import Recipe
    from zoo.training.train import train

    run = tmp_path_factory.mktemp("runs") / "tiny"
    images, validation = (sources.load("digits", split) for split in ("train", "validation"))
    recipe = Recipe(steps=20, validate_every=20, validation_limit=20)
    train("denoising", images, validation, run, recipe, **registry.find("denoising").tiny)
    return run


@pytest.fixture(scope="session")
def latent_run(tmp_path_factory):
    """An autoencoder of `digits` with 4 latents, untrained."""
    from zoo import runs
    from zoo.files import weights
    from zoo.models import registry

    run = tmp_path_factory.mktemp("runs") / "latent"
    model = registry.create("autoencoder", channels=1, **registry.find("autoencoder").tiny)
    runs.start(run, model, {"dataset": "digits", "split": "train"}, "")
    weights.save(run / "best.npz", weights.of_model(model))
    return run


@pytest.fixture
def image_folder(tmp_path, photograph):
    """Three good photographs of differing sizes, and a truncated one among them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, (height, width) in {"a.jpg": (40, 60), "b.png": (64, 48), "d.webp": (33, 35)}.items():
        Image.fromarray(photograph[:height, :width]).save(folder / name)
    Image.fromarray(photograph).save(folder / "c.jpg")
    whole = (folder / "c.jpg").read_bytes()
    (folder / "c.jpg").write_bytes(whole[: len(whole) // 2])
    return folder
