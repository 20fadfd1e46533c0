"""python -m zoo.restore, as a person uses it."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo import runs
from zoo.cli import UserError
from zoo.files import image_files, weights
from zoo.files.carried import Carried
from zoo.files.picture import Picture
from zoo.images import degradations
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


def test_16_bits_in_the_network_hardly_show(denoising_run, model, photograph):
    coarse = zoo.load(denoising_run, precision="mixed_bfloat16")
    noisy = np.float32(photograph[:96, :96, :1]) / 255
    exact, close = model.restore(noisy), coarse.restore(noisy)
    assert close.dtype == np.float32
    assert 0 < np.abs(exact - close).max() < 1 / 255


def test_before_and_after_stand_side_by_side(model, tmp_path, photograph):
    Image.fromarray(photograph[:40, :30, 0]).save(tmp_path / "in.png")
    result = restored(model, tmp_path / "in.png", degrade=[("noise", 50.0, 50.0)])
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
    alpha[:, :2] = np.arange(0, 200, 10)[:, np.newaxis, np.newaxis]
    Image.fromarray(np.concatenate([photograph[:20, :30], alpha], -1)).save(tmp_path / "in.png")
    result = restored(model, tmp_path / "in.png")
    assert result.picture.pixels.shape == (60, 90, 3)
    assert result.beside().whole().shape == (60, 180, 4)
    larger = result.picture.alpha[..., 0].astype(int)
    assert (larger[:12, 12:] == 0).all()
    assert (larger[18:, 12:] == 255).all()
    assert np.diff(larger[3:-3, 0]).max() < 6  # a slope of 10 a pixel, and no staircase


@pytest.mark.parametrize("name", ["denoising", "super_resolution"])
def test_color_that_no_one_sees_does_not_bleed(name, photograph):
    model = zoo.create(name, **{"channels": 3} | registry.find(name).tiny)
    for weight in model.weights:  # so that the network says something
        weight.assign(weight + np.random.default_rng(0).normal(0, 0.05, weight.shape))
    plain = np.full([24, 24, 3], 120, np.uint8)
    alpha = np.full([24, 24, 1], 255, np.uint8)
    alpha[8:16, 8:16] = 0
    hidden = plain.copy()
    hidden[8:16, 8:16] = [255, 0, 0]
    one, other = (one_picture.restore(model, Picture(x, alpha)).picture for x in (plain, hidden))
    seen = one.alpha[..., 0] > 0
    np.testing.assert_array_equal(one.pixels[seen], other.pixels[seen])


def test_what_no_one_sees_is_kept_too(model, photograph):
    alpha = np.random.default_rng(0).choice(np.uint8([0, 90, 255]), [30, 40, 1])
    picture = Picture(photograph[:30, :40, :1], alpha)
    kept = one_picture.restore(model, picture, strength=0).picture
    np.testing.assert_array_equal(kept.whole(), picture.whole())


def test_a_profile_goes_only_with_the_channels_that_it_is_of(model, photograph):
    carried = Carried(b"a profile", exif=b"Exif", dpi=(300.0, 300.0))
    gray = Picture(photograph[:20, :20, :1], carried=carried)
    assert one_picture.restore(model, gray).picture.carried == carried
    colorizer = zoo.create("colorization", **registry.find("colorization").tiny)
    colored = one_picture.restore(colorizer, gray).picture.carried
    assert colored == carried._replace(icc_profile=None)


def test_a_picture_is_damaged_for_a_try(command, denoising_run, photograph, tmp_path):
    Image.fromarray(photograph[:40, :40, 0]).save(tmp_path / "in.png")
    told = f"--run={denoising_run}", f"--output_dir={tmp_path / 'out'}", tmp_path / "in.png"
    done = command("-m", "zoo.restore", "--degrade=noise:40", "--strength=0", *told)
    assert done.returncode == 0, done.stderr
    error = np.asarray(Image.open(tmp_path / "out" / "in.png")) - photograph[:40, :40, 0].astype(
        int
    )
    assert 20 < error.std() < 45
    done = command("-m", "zoo.restore", "--noise_stddev=25", *told)
    assert done.returncode == 2
    assert "--degrade=noise:25" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("noise:much", "much is no number"),
        ("downscale:2", "downscale:2 does not do"),
        ("nois:2", "unknown degradation 'nois'"),
        ("noise:300", "within 0 to 255"),
    ],
)
def test_what_cannot_be_done_to_a_picture_is_told(text, message):
    with pytest.raises(UserError, match=message):
        degradations.parse(text)


def test_a_color_picture_is_colored_anew(tmp_path, photograph):
    model = zoo.create("colorization", **registry.find("colorization").tiny)
    Image.fromarray(photograph[:20, :30]).save(tmp_path / "in.png")
    result = restored(model, tmp_path / "in.png")
    assert result.picture.pixels.shape == (20, 30, 3)
    assert result.before.shape == (20, 30, 1)


def test_a_home_folder_is_found(command, denoising_run, photograph, tmp_path):
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.png")
    shutil.copytree(denoising_run, tmp_path / "run")
    given = ["-m", "zoo.restore", "--run=~/run,~/run", "--output_dir=~/out"]
    done = command(*given, tmp_path / "in.png", HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "in.png").exists()


def test_a_home_folder_is_found_in_python_too(denoising_run, photograph, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(denoising_run, tmp_path / "run")
    Image.fromarray(photograph[:20, :30, 0]).save(tmp_path / "in.png")
    assert zoo.load("~/run").restore("~/in.png").shape == (20, 30, 1)


def test_what_is_known_stays_and_it_is_said(command, photograph, tmp_path):
    Image.fromarray(photograph[:32, :40]).save(tmp_path / "in.jpg", quality=60)
    mask = np.zeros([32, 40], np.uint8)
    mask[10:16, 20:28] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    out = tmp_path / "out"
    told = "--run=complete_cifar10", f"--mask={tmp_path / 'mask.png'}", f"--output_dir={out}"
    done = command("-m", "zoo.restore", *told, tmp_path / "in.jpg")
    assert done.returncode == 0, done.stderr
    assert "what is known stays bit for bit: PNG where" in done.stdout
    before, after = (image_files.read(f).pixels for f in (tmp_path / "in.jpg", out / "in.png"))
    np.testing.assert_array_equal(after[mask == 0], before[mask == 0])
    asked = "--format=webp", "--quality=30", tmp_path / "in.jpg"
    assert "bit for bit" not in command("-m", "zoo.restore", *told, *asked).stdout
    with Image.open(out / "in.webp") as image:
        assert (image.format, image.size) == ("WEBP", (40, 32))


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
        done = command("-m", "zoo.restore", f"--strength={strength}", "--overwrite", *told)
        assert done.returncode == 0, done.stderr
        out = np.asarray(Image.open(tmp_path / "out" / "in.png"))
        assert (out == photograph[:20, :30, 0]).all() == same
