import json

import numpy as np
import pytest
from PIL import Image


def test_evaluate_prints_a_table_and_writes_json(command, denoising_run, tmp_path):
    report = tmp_path / "report.json"
    done = command(
        "-m",
        "zoo.evaluate",
        f"--run={denoising_run}",
        "--dataset=digits",
        "--split=test",
        "--limit=20",
        "--noise_stddev=50",
        f"--json={report}",
    )
    assert done.returncode == 0, done.stderr
    assert "psnr" in done.stdout
    content = json.loads(report.read_text())
    assert content["count"] == 20
    psnr = content["metrics"]["psnr"]
    assert psnr["unit"] == "dB"
    assert 13.5 < psnr["baseline"] < 14.8  # 20 log10(255 / 50) = 14.15
    assert psnr["model"] > psnr["baseline"]


def test_a_folder_with_a_broken_file_is_evaluated_and_counted(command, denoising_run, image_folder):
    done = command(
        "-m", "zoo.evaluate", f"--run={denoising_run}", f"--dataset=folder:{image_folder}"
    )
    assert done.returncode == 0, done.stderr
    assert "3 images" in done.stdout
    assert "c.jpg" in done.stderr
    assert "1 of 4 files skipped" in done.stderr


def test_the_noise_of_the_protocol_is_20_17_db_on_set12(command, denoising_run, images_dir):
    done = command(
        "-m",
        "zoo.evaluate",
        f"--run={denoising_run}",
        f"--dataset=folder:{images_dir / 'set12'}",
        "--noise_stddev=25",
    )
    assert done.returncode == 0, done.stderr
    (psnr,) = [line for line in done.stdout.splitlines() if line.startswith("psnr")]
    baseline = float(psnr.split()[2])
    assert baseline == pytest.approx(
        20.17, abs=0.02
    )  # 20 log10(255 / 25), neither clipped nor rounded


def test_black_pictures_give_null_and_no_warning(command, denoising_run, tmp_path):
    (tmp_path / "black").mkdir()
    for i in range(2):
        Image.fromarray(np.zeros([16, 16], np.uint8)).save(tmp_path / "black" / f"{i}.png")
    report = tmp_path / "report.json"
    done = command(
        *("-m", "zoo.evaluate", f"--run={denoising_run}", f"--dataset=folder:{tmp_path / 'black'}"),
        *("--noise_stddev=0", f"--json={report}"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(report.read_text(), parse_constant=pytest.fail)
    assert (
        found["metrics"]["psnr"]["baseline"] is None
    )  # no noise, no error, and infinitely many dB
