"""python -m zoo.detect and zoo.evaluate, from a folder of good parts to a verdict."""

import csv
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from export.savedmodel import endpoints
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.detection import threshold
from zoo.evaluation.defects import evaluate_defects
from zoo.evaluation.evaluate import evaluate
from zoo.metrics.classification import auroc
from zoo.models import registry


@pytest.fixture(scope="module")
def model(parts_run):
    return zoo.load(parts_run)


def test_holes_are_found_and_shown(command, parts, parts_run, tmp_path):
    out = tmp_path / "out"
    done = command("-m", "zoo.detect", f"--run={parts_run}", f"--output_dir={out}", parts / "test")
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "scores.json").read_text())
    scores = {row["file"]: row["score"] for row in report["pictures"]}
    assert len(scores) == 20
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert all("/hole/" in file for file in list(scores)[:8])
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    alarms = [row["file"] for row in rows if row["defective"] == "1"]
    assert [row["file"] for row in rows] == list(scores)
    assert f"{len(alarms)} of 20 are not like the good ones" in done.stdout
    assert all(file in done.stdout for file in alarms)
    assert Image.open(out / "sheet.png").height > 300
    for row in rows:
        assert Image.open(row["heat"]).size == Image.open(row["file"]).size


def test_every_page_is_looked_at_and_nothing_of_others_is_replaced(
    command, parts, parts_run, tmp_path
):
    first, second = (Image.open(parts / "test" / name / "0.png") for name in ("good", "hole"))
    first.save(tmp_path / "both.tif", save_all=True, append_images=[second])
    out = tmp_path / "out"
    detect = "-m", "zoo.detect", f"--run={parts_run}", f"--output_dir={out}", tmp_path / "both.tif"
    for _ in range(2):  # its own are replaced
        assert command(*detect).returncode == 0
    rows = json.loads((out / "scores.json").read_text())["pictures"]
    assert [row["heat"] for row in rows] == [str(out / f"both.tif_{n}_heat.png") for n in (2, 1)]
    assert [Image.open(row["heat"]).size for row in rows] == [second.size, first.size]
    (out / "scores.json").write_text('{"run": "another"}')
    refused = command(*detect)
    assert refused.returncode == 2
    assert "there already, and not made by this command" in refused.stderr
    assert json.loads((out / "scores.json").read_text()) == {"run": "another"}
    assert command(*detect, "--overwrite").returncode == 0


def test_heat_lies_on_the_hole(model, parts):
    test = sources.load(f"folder:{parts}", "test")
    metrics, count = evaluate(model, test)
    assert count == 20
    assert metrics["auroc"]["model"] > 0.9
    assert metrics["pixel_auroc"]["model"] > 0.9
    assert 0.3 < metrics["pro"]["model"] <= 1
    by_kind = evaluate_defects(model, test)
    assert by_kind["auroc_hole"]["model"] == pytest.approx(metrics["auroc"]["model"])
    assert set(by_kind) == {"auroc_hole", "false_alarms", "found"}


def test_the_threshold_keeps_to_the_false_alarms_asked_for(parts_run, parts):
    held_out = sources.load(f"folder:{parts}", "train[50%:]")
    for asked, above in ((0.05, 0), (0.5, 9)):
        model = zoo.load(parts_run, false_alarms=asked)
        images = pipeline.sample_images(held_out, model, 20)
        scores = [float(model.serve["detect"]({"image": x[None]})["score"][0]) for x in images]
        assert sum(score > model.threshold() + 1e-6 for score in scores) == above
    assert "cannot tell fewer than 0.048" in threshold.told(zoo.load(parts_run, false_alarms=0.01))
    low, high = threshold.interval(99, 99)
    assert low < 0.01 < high


def test_python_and_the_command_agree(model, parts):
    path = parts / "test" / "hole" / "0.png"
    of_path, pixels = model.detect(path), np.asarray(Image.open(path))
    assert model.detect(pixels).score == of_path.score
    assert of_path.heat.shape == pixels.shape
    assert of_path.defective == (of_path.score > model.threshold())
    in_color = model.detect(np.repeat(pixels[..., None], 3, -1))
    assert in_color.score == pytest.approx(of_path.score, abs=1e-3)
    with pytest.raises(UserError, match="expected 0 to 1"):
        model.detect(pixels.astype(np.float32))


def test_without_masks_pictures_are_still_told_apart(model, parts, tmp_path):
    shutil.copytree(parts / "test", tmp_path / "parts")  # good/ and hole/, no splits, no masks
    metrics, _ = evaluate(model, sources.load(f"folder:{tmp_path / 'parts'}", "train"))
    assert metrics["auroc"]["model"] > 0.9
    assert np.isnan(metrics["pixel_auroc"]["model"])


def test_what_cannot_be_is_explained_in_a_line(command, parts, parts_run, denoising_run, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.png").write_text("no picture")
    detect = "-m", "zoo.detect", f"--output_dir={tmp_path / 'out'}"
    train = (
        "train.py",
        "--model=anomaly",
        "--view=32",
        "--steps=1",
        f"--output_dir={tmp_path / 'run'}",
    )
    cases = {
        (
            *train,
            f"--dataset=folder:{parts / 'test'}",
        ): "holds good, hole: anomaly learns from good",
        (*train, f"--dataset=folder:{tmp_path / 'empty'}"): "has no images",
        (*train, f"--dataset=folder:{parts}", "--view=33"): "--view=33 is not a multiple of 16",
        (*detect, f"--run={denoising_run}", parts / "test"): "finds no defects",
        (*detect, f"--run={parts_run}", tmp_path / "empty"): "has no images in it",
        (*detect, f"--run={parts_run}", tmp_path / "broken.png"): "1 of 1 files skipped",
    }
    for arguments, reason in cases.items():
        done = command(*arguments)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)
        assert reason in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_server_gives_the_same_verdicts_for_files_of_any_size(model, parts):
    paths = [parts / "test" / kind / "1.png" for kind in ("good", "hole")]
    endpoint = endpoints.of_model(model)["serving_default"]
    answer = endpoint.function({"image_bytes": tf.constant([path.read_bytes() for path in paths])})
    for i, finding in enumerate(map(model.detect, paths)):
        assert float(answer["score"][i]) == pytest.approx(finding.score, abs=1e-5)
        assert bool(answer["defective"][i]) == finding.defective
    assert answer["heat_bytes"].dtype == tf.string


def test_curves_are_drawn(command, parts, parts_run, tmp_path):
    done = command(
        "-m", "zoo.evaluate", f"--run={parts_run}", f"--dataset=folder:{parts}", "--split=test",
        f"--curves={tmp_path / 'curves.png'}", f"--json={tmp_path / 'report.json'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / "curves.png").width > 600
    metrics = json.loads((tmp_path / "report.json").read_text())["metrics"]
    assert {"auroc", "pixel_auroc", "pro", "auroc_hole", "false_alarms", "found"} <= set(metrics)


@pytest.mark.slow
def test_a_defect_of_color_alone_is_found(tmp_path):
    """Red and blue change places in a spot: in gray there would be nothing to see."""
    random = np.random.default_rng(0)

    def part(spotted: bool) -> np.ndarray:
        pixels = np.array([150, 120, 90]) + random.normal(0, 6, [*random.integers(40, 60, 2), 3])
        top, left = random.integers(4, 20, 2)
        if spotted:
            pixels[top : top + 14, left : left + 14] = pixels[
                top : top + 14, left : left + 14, ::-1
            ]
        return pixels.clip(0, 255).astype(np.uint8)

    good = [part(False) for _ in range(40)]
    tiny = registry.find("anomaly").tiny | {"view": 32}
    recipe = {"steps": 150, "batch_size": 8, "learning_rate": 4e-3, "output_dir": tmp_path}
    model = zoo.train("anomaly", good, **tiny, **recipe)
    assert model.channels == 3
    scores = [[model.detect(part(bad)).score for _ in range(20)] for bad in (False, True)]
    assert auroc(*map(np.array, scores)) > 0.9
