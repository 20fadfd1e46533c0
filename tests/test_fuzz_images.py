"""No picture file ends, hangs or swells the reader or zoo.restore, and each bad one is named."""

import json
import subprocess
import sys

import pytest
from PIL import Image

import zoo
from tests import fuzz_images
from zoo import runs
from zoo.data import pipeline, sources
from zoo.files import weights
from zoo.models import registry


@pytest.fixture(scope="module")
def model():
    """It takes pictures of any size, one pixel wide too."""
    return zoo.create("super_resolution", channels=3, **registry.find("super_resolution").tiny)


def test_200_damaged_files_are_named_and_the_others_go_through(model, tmp_path):
    report = fuzz_images.run(200, tmp_path, model)
    assert 100 < report["bad"] < 180
    assert report["shown"] == [200 - report["bad"]] * 2
    assert report["read_otherwise"] == []
    assert report["restored_otherwise"] == []


@pytest.mark.slow
def test_10_000_damaged_files_leave_memory_as_it_was(model, tmp_path):
    runs.start(tmp_path / "run", model, {"dataset": "photos"}, "")
    weights.save(tmp_path / "run" / "best.npz", weights.of_model(model))
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz_images", "10000", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout.splitlines()[-1])
    print(report)
    assert report["bad"] > 5000
    assert report["shown"] == [10000 - report["bad"]] * 2
    assert report["read_otherwise"] == report["restored_otherwise"] == []
    _, read, read_again, _, restored, restored_again = report["resident_mb"]
    assert read_again - read < 20
    assert restored_again - restored < 40
    skipped = [line for line in done.stderr.splitlines() if line.endswith("so far)")]
    assert len(skipped) == report["bad"]  # each was named once


def test_one_good_file_among_thousands_is_found_soon(tmp_path):
    for i in range(2000):
        (tmp_path / f"{i}.png").write_bytes(b"no picture")
    Image.new("L", (9, 9)).save(tmp_path / "good.png")
    source = sources.load(f"folder:{tmp_path}", "train")
    assert sum(1 for _ in pipeline.whole_records(source)) == 1
    assert len(source.broken) == 2000
