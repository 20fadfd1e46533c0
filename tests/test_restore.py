"""python -m zoo.restore, as a person uses it."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo import registry, restore, runs, weights
from zoo.data import image_files


@pytest.fixture(scope="module")
def model(denoising_run):
    return zoo.load(denoising_run)


@pytest.fixture(autouse=True)
def flag_values(monkeypatch):
    class Flags:
        noise_stddev = 0.0
        compare = False

    monkeypatch.setattr(restore, "FLAGS", Flags)
    return Flags


def restored(model, source, target):
    return image_files.read(restore._restore_file(model, source, target, 0, lambda *_: None))


def test_16_bits_and_alpha_are_kept(model, tmp_path, photograph):
    pixels = photograph[:20, :30, :2].astype(np.uint16) * 250
    (tmp_path / "in.png").write_bytes(tf.io.encode_png(pixels).numpy())
    picture = restored(model, tmp_path / "in.png", tmp_path / "out.png")
    assert picture.pixels.dtype == np.uint16
    assert len(np.unique(picture.pixels)) > 256
    np.testing.assert_array_equal(picture.alpha, pixels[..., 1:])


def test_orientation_is_respected(model, tmp_path, photograph):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.jpg", exif=exif)
    picture = restored(model, tmp_path / "in.jpg", tmp_path / "out.jpg")
    assert picture.pixels.shape == (30, 20, 1)


def test_compare_shows_before_and_after(model, tmp_path, photograph, flag_values):
    flag_values.compare, flag_values.noise_stddev = True, 50.0
    Image.fromarray(photograph[:40, :30, 0]).save(tmp_path / "in.png")
    after = restored(model, tmp_path / "in.png", tmp_path / "out.png").pixels
    both = image_files.read(tmp_path / "out_compare.png").pixels
    assert both.shape == (40, 60, 1)
    np.testing.assert_array_equal(both[:, 30:], after)
    before = both[:, :30].astype(float) - photograph[:40, :30, :1]
    assert before.std() > 30


def test_a_gray_picture_goes_through_a_color_model(tmp_path, photograph):
    color = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.png")
    assert restored(color, tmp_path / "in.png", tmp_path / "out.png").pixels.shape == (20, 30, 1)


def test_a_folder_goes_through_and_the_broken_file_is_named(
    command, denoising_run, image_folder, tmp_path
):
    for name in ("a.jpg", "b.png"):  # the run is for gray pictures, and WebP has no gray
        Image.open(image_folder / name).convert("L").save(image_folder / name)
    (image_folder / "d.webp").unlink()
    (image_folder / "more").mkdir()
    (image_folder / "a.jpg").rename(image_folder / "more" / "a.jpg")
    out = tmp_path / "out"
    done = command(
        "-m", "zoo.restore", f"--run={denoising_run}", f"--output_dir={out}", image_folder
    )
    assert done.returncode == 2
    assert "c.jpg" in done.stderr.splitlines()[-1]
    found = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert found == ["b.png", "more/a.jpg"]


def test_an_input_is_never_overwritten(command, denoising_run, image_folder):
    before = (image_folder / "b.png").read_bytes()
    done = command(
        "-m", "zoo.restore", f"--run={denoising_run}", f"--output_dir={image_folder}", image_folder
    )
    assert done.returncode == 2
    assert "would be overwritten" in done.stderr
    assert (image_folder / "b.png").read_bytes() == before


@pytest.mark.slow
def test_12_megapixels_take_less_than_2_gb(command, tmp_path, photograph):
    model = zoo.create("denoising", channels=3)
    runs.start(tmp_path / "run", model, {"dataset": "photos"}, "")
    weights.save(tmp_path / "run" / "best.npz", weights.of_model(model))
    done = command("-m", "benchmarks.memory", f"--run={tmp_path / 'run'}", "--sizes=3000x4000")
    assert done.returncode == 0, done.stderr
    assert 300 < float(done.stdout.split()[-1]) < 2000
