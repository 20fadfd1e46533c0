"""A model is one file: two trials, each put in a folder of its own and nothing else touched."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow
TRIALS = "deblurring", "vector_quantized"
TRAIN = "--dataset=digits", "--steps=40", "--batch_size=16", "--validation_limit=50"


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """A folder with both files, as ZOO_MODELS names it."""
    folder = tmp_path_factory.mktemp("models")
    for name in TRIALS:
        shutil.copy(Path(__file__).with_name(f"{name}.py"), folder)
    return folder


@pytest.fixture(scope="module")
def zoo_command(command, models):
    """A command that succeeds, with the folder on the models' path; gives what it printed."""

    def run(*arguments) -> str:
        done = command(*arguments, ZOO_MODELS=str(models))
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module", params=TRIALS)
def run(request, zoo_command, tmp_path_factory) -> Path:
    """A trial that was trained for a moment."""
    folder = tmp_path_factory.mktemp("runs") / request.param
    size = "--width=8", "--levels=1"
    zoo_command("train.py", f"--model={request.param}", *TRAIN, *size, f"--output_dir={folder}")
    return folder


def only(run: Path, name: str) -> None:
    if run.name != name:
        pytest.skip(f"{run.name} does not do this")


def test_it_is_listed_and_shows_its_flags(zoo_command):
    listed = zoo_command("train.py", "--model=help")
    assert all(name in listed for name in TRIALS)
    assert "--lens_sigma" in zoo_command("train.py", "--model=deblurring", "--help")
    assert "--entry_dim" in zoo_command("train.py", "--model=vector_quantized", "--help")


def test_it_beats_nothing_yet_but_is_evaluated(run, zoo_command, tmp_path):
    file = tmp_path / "report.json"
    zoo_command("-m", "zoo.evaluate", f"--run={run}", "--limit=30", f"--json={file}")
    psnr = json.loads(file.read_text())["metrics"]["psnr"]
    assert np.isfinite([psnr["model"], psnr["baseline"]]).all()


def test_every_format_agrees(run, zoo_command, tmp_path):
    size = f"--run={run}", "--calibration=5", "--report_images=3"
    formats = "--formats=saved_model,float32,int8"
    zoo_command("-m", "export", *size, formats, f"--output_dir={tmp_path}")
    report = json.loads((tmp_path / "report.json").read_text())
    assert {a["format"] for a in report["artifacts"]} == {"saved_model", "float32", "int8"}
    assert all(artifact["passed"] for artifact in report["artifacts"])


def test_pictures_are_restored(run, zoo_command, tmp_path, photograph):
    only(run, "deblurring")
    Image.fromarray(photograph[:40, :50]).convert("L").save(tmp_path / "in.png")
    zoo_command(
        "-m", "zoo.restore", f"--run={run}", tmp_path / "in.png", f"--output_dir={tmp_path / 'out'}"
    )
    assert Image.open(tmp_path / "out" / "in.png").size == (50, 40)


def test_latents_are_sampled_encoded_and_projected(run, zoo_command, tmp_path):
    only(run, "vector_quantized")
    ours = f"--run={run}", "--split=test[:20]"
    zoo_command("-m", "zoo.encode", *ours, f"--output={tmp_path / 'codes.npy'}")
    codes = np.load(tmp_path / "codes.npy")
    assert codes.shape == (20, 4 * 4 * 16)  # 8x8 digits, halved once; 16 numbers an entry
    zoo_command("-m", "zoo.project", *ours, f"--output_dir={tmp_path / 'projector'}")
    assert (tmp_path / "projector" / "sprite.png").exists()
    drawn = "--count=9", "--traverse", f"--output_dir={tmp_path / 'out'}"
    zoo_command("-m", "zoo.sample", f"--run={run}", *drawn)
    assert Image.open(tmp_path / "out" / "samples.png").size[0] > 100


@pytest.mark.parametrize("name", TRIALS)
def test_the_whole_harness_is_green(name, fresh_command, models):
    harness = "tests/models/test_contract.py", "-p", "no:cacheprovider", "-m", "not slow"
    done = fresh_command("-m", "pytest", *harness, "-k", name, ZOO_MODELS=str(models))
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout
