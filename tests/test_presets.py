"""The trained models that come with the zoo."""

import functools
import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

import zoo
from benchmarks import readme
from export import artifacts
from export.parity import real_images
from zoo import presets, runs
from zoo.cli import UserError
from zoo.files import image_files
from zoo.files.image_files import Picture
from zoo.restoration import one_picture

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=zoo.list_presets())
def name(request):
    return request.param


@functools.cache
def preset(name: str):
    return zoo.from_preset(name)


def test_it_loads_by_name_and_is_what_its_card_says(name):
    model, card = preset(name), presets.card(name)
    assert model.registered_name == card["model"]
    assert model.count_params() == card["parameters"]
    assert card["results"]
    assert (presets.find(name) / "preview.png").exists()


def test_the_recipe_holds_no_path_of_a_machine(name):
    for file in ("train.flags", "config.json", "card.json"):
        text = (presets.find(name) / file).read_text()
        assert "=/" not in text
        assert '"/' not in text


def test_it_restores_a_photograph_and_does_something(name, photograph):
    model = preset(name)
    if "restore" not in model.signatures():
        pytest.skip(f"{name} restores no photographs")
    pixels = photograph[150:246, 250:370]
    extra = {}
    takes = model.signatures()["restore"].inputs
    if "mask" in takes:
        extra["mask"] = np.zeros([96, 120, 1], np.float32)
        extra["mask"][30:50, 40:70] = 1
    if takes["image"].shape[-1] == 1:
        pixels = pixels[..., 1:2]
    after = one_picture.restore(model, Picture(pixels), extra).picture.pixels
    assert after.shape[:2] == (96 * model.scale, 120 * model.scale)
    plain = pixels.repeat(model.scale, 0).repeat(model.scale, 1).astype(float)
    assert 0.1 < np.abs(after - plain).mean() < 40


def test_a_clean_slope_stays_clean_up_to_its_corners(name):
    model = preset(name)
    if "restore" not in model.signatures() or set(model.takes()) != {"image"}:
        pytest.skip(f"{name} does not restore a picture alone")
    slope = np.add.outer(np.linspace(20, 120, 96), np.linspace(0, 110, 128))[..., np.newaxis]
    pixels = np.uint8(slope.repeat(model.takes()["image"].shape[-1], -1))
    luma = image_files.to_channels(model.restore(pixels), 1).astype(float)
    large = pixels[..., :1].repeat(model.scale, 0).repeat(model.scale, 1)
    assert np.abs(luma - large).max() <= 6


@pytest.mark.slow  # the models are exported in tests/models, small
def test_its_exports_agree_with_keras(name, photograph, tmp_path):
    from zoo.data import factor_sets, sources

    model = zoo.from_preset(name)
    # On its own kind of images where they are embedded, as `python -m export` compares: the score
    # of a foreign one is thousands of nats, of which float32 holds only three decimals.
    data = runs.read_config(name)["data"]["dataset"]
    own = data if data in factor_sets.NAMES else "photos"
    images = sources.load(own, "test", None, model.channels)
    real = real_images.of(model, images, images, side=32, calibration=5, judged=5)
    report = artifacts.write(model, tmp_path, name, 1, real, tile=32)
    assert all(a["passed"] for a in report["artifacts"]), report


def test_their_page_says_what_the_cards_say():
    assert readme.written(readme.PAGE.read_text()) == readme.table()


@pytest.mark.slow
def test_the_first_result_of_the_card_comes_out_again(name, images_dir, command, tmp_path):
    result = presets.card(name)["results"][0]
    arguments = [
        a.replace("folder:data", f"folder:{images_dir}") for a in shlex.split(result["command"])[1:]
    ]
    done = command(*[a for a in arguments if a != "--peers"], f"--json={tmp_path / 'r.json'}")
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "r.json").read_text())["metrics"]
    assert metrics[result["metric"]]["model"] == pytest.approx(
        result["model"], abs=result["tolerance"]
    )


@pytest.fixture
def copied(monkeypatch, tmp_path):
    """The presets in a place where they may be damaged."""
    shutil.copytree(presets.ROOT, tmp_path / "presets")
    monkeypatch.setattr(presets, "ROOT", tmp_path / "presets")
    return tmp_path / "presets"


@pytest.mark.parametrize("how", ["cut", "flipped", "another's"])
def test_damaged_weights_are_refused(copied, how):
    name, other = zoo.list_presets()[:2]
    path = copied / name / "best.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    damage = {"cut": content[:-99], "flipped": content}
    path.write_bytes(damage.get(how) or (copied / other / "best.npz").read_bytes())
    with pytest.raises(UserError, match=r"its SHA-256 is .* install the zoo again"):
        zoo.from_preset(name)


def test_an_unknown_preset_is_explained():
    with pytest.raises(UserError, match="unknown preset 'nosuch'; choose one of "):
        zoo.from_preset("nosuch")
    with pytest.raises(UserError, match="no preset"):
        runs.load("nosuch")
