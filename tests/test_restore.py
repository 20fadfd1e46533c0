"""python -m zoo.restore, as a person uses it."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo import runs
from zoo.files import image_files, weights
from zoo.models import registry
from zoo.restoration import one_picture


@pytest.fixture(scope="module")
def model(denoising_run):
    return zoo.load(denoising_run)


def restored(model, source, **kwargs):
    return one_picture.restore(model, image_files.read(source), **kwargs)


def test_16_bits_and_alpha_are_kept(model, tmp_path, photograph):
    pixels = photograph[:20, :30, :2].astype(np.uint16) * 250
    (tmp_path / "in.png").write_bytes(tf.io.encode_png(pixels).numpy())
    picture = restored(model, tmp_path / "in.png").picture
    path = image_files.output_name(tmp_path / "out.png", picture)
    image_files.write(path, picture)
    picture = image_files.read(path)
    assert picture.pixels.dtype == np.uint16
    assert len(np.unique(picture.pixels)) > 256
    np.testing.assert_array_equal(picture.alpha, pixels[..., 1:])


def test_orientation_is_respected(model, tmp_path, photograph):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.jpg", exif=exif)
    picture = restored(model, tmp_path / "in.jpg").picture
    assert picture.pixels.shape == (30, 20, 1)


def test_before_and_after_stand_side_by_side(model, tmp_path, photograph):
    Image.fromarray(photograph[:40, :30, 0]).save(tmp_path / "in.png")
    result = restored(model, tmp_path / "in.png", noise_stddev=50.0)
    both = result.beside().pixels
    assert both.shape == (40, 60, 1)
    np.testing.assert_array_equal(both[:, 30:], result.picture.pixels)
    noise = both[:, :30].astype(float) - photograph[:40, :30, :1]
    assert noise.std() > 30


def test_a_gray_picture_goes_through_a_color_model(tmp_path, photograph):
    color = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.png")
    assert restored(color, tmp_path / "in.png").picture.pixels.shape == (20, 30, 1)


def test_a_larger_picture_keeps_its_alpha(tmp_path, photograph):
    model = zoo.create("super_resolution", scale=3, size="tiny")
    alpha = np.full([20, 30, 1], 255, np.uint8)
    alpha[:5] = 0
    Image.fromarray(np.concatenate([photograph[:20, :30], alpha], -1)).save(tmp_path / "in.png")
    result = restored(model, tmp_path / "in.png")
    assert result.picture.pixels.shape == (60, 90, 3)
    assert result.beside().pixels.shape == (60, 180, 3)
    assert (result.picture.alpha[:15] == 0).all()
    assert (result.picture.alpha[15:] == 255).all()


def test_a_color_picture_is_colored_anew(tmp_path, photograph):
    model = zoo.create("colorization", **registry.find("colorization").tiny)
    Image.fromarray(photograph[:20, :30]).save(tmp_path / "in.png")
    result = restored(model, tmp_path / "in.png")
    assert result.picture.pixels.shape == (20, 30, 3)
    assert result.before.shape == (20, 30, 1)


def test_a_home_folder_is_found(command, denoising_run, photograph, tmp_path):
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.png")
    given = ["-m", "zoo.restore", f"--run={denoising_run}", "--output_dir=~/out"]
    done = command(*given, tmp_path / "in.png", HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "in.png").exists()


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
    assert found == ["b.png", "more/a.jpg", "restored-0-of-1.jsonl"]


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


def test_strength_goes_from_the_picture_to_what_the_network_makes_of_it(model, photograph):
    image = photograph[:40, :50, :1]
    np.testing.assert_array_equal(model.restore(image, strength=0), image)
    whole = model.restore(image)
    np.testing.assert_array_equal(model.restore(image, strength=1), whole)
    half = model.restore(image, strength=0.5)
    np.testing.assert_allclose(half, (image + whole.astype(float)) / 2, atol=1)


def test_strength_is_a_flag_and_one_of_what_decides_whether_a_picture_is_done(
    command, denoising_run, tmp_path, photograph
):
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.png")
    told = f"--run={denoising_run}", f"--output_dir={tmp_path / 'out'}", tmp_path / "in.png"
    for strength, same in (("1", False), ("0", True)):
        done = command("-m", "zoo.restore", f"--strength={strength}", *told)
        assert done.returncode == 0, done.stderr
        out = np.asarray(Image.open(tmp_path / "out" / "in.png"))
        assert (out == photograph[:20, :30, 0]).all() == same


def test_strength_does_not_go_with_another_size(command, tmp_path, photograph):
    Image.fromarray(photograph[:20, :30]).save(tmp_path / "in.png")
    told = "--run=sr_x2", "--strength=0.5", f"--output_dir={tmp_path / 'out'}", tmp_path / "in.png"
    done = command("-m", "zoo.restore", *told)
    assert done.returncode == 2
    assert "strength does not apply" in done.stderr
