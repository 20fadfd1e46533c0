"""Models in a row, from Python and as a person types it."""

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.files.image_files import Picture
from zoo.models import registry
from zoo.restoration import one_picture
from zoo.restoration.chain import Chain


def tiny(name, **arguments):
    return zoo.create(name, **registry.find(name).tiny | arguments)


@pytest.fixture(scope="module")
def denoiser():
    return tiny("denoising", channels=3)


@pytest.fixture(scope="module")
def gray_denoiser():
    return tiny("denoising", channels=1)


@pytest.fixture(scope="module")
def enlarger():
    return tiny("super_resolution", scale=2)


@pytest.fixture(scope="module")
def colorizer():
    return tiny("colorization")


def test_it_is_one_model_after_the_other(denoiser, enlarger, photograph):
    photo = photograph[:20, :30]
    chain = zoo.chain([denoiser, enlarger])
    exact = enlarger.restore(denoiser.restore(photo / np.float32(255)))
    floats = chain.restore(photo / np.float32(255))
    np.testing.assert_array_equal(floats, exact)
    for levels, dtype in ((255, np.uint8), (65535, np.uint16)):
        given = photo.astype(dtype) * dtype(levels // 255)
        restored = chain.restore(given)
        assert (restored.dtype, restored.shape) == (dtype, (40, 60, 3))
        # Half a level of what comes out, and what half a level of 16 bits becomes on its way.
        assert np.abs(restored / levels - exact.clip(0, 1)).max() <= 0.5 / levels + 3e-5


def test_gray_pictures_stay_gray_until_they_are_colored(denoiser, gray_denoiser, colorizer):
    gray = Picture(np.random.default_rng(0).integers(0, 256, [16, 24, 1], np.uint8))
    color = Picture(gray.pixels.repeat(3, -1))
    for models, picture, channels in (
        ([denoiser, denoiser], gray, 1),
        ([gray_denoiser, denoiser], gray, 1),
        ([denoiser, gray_denoiser], gray, 1),
        ([denoiser, colorizer], gray, 3),
        ([gray_denoiser, colorizer, denoiser], gray, 3),
        ([denoiser, colorizer], color, 3),
    ):
        after = one_picture.restore(Chain(models), picture).picture.pixels
        assert after.shape == (16, 24, channels)


def test_a_gray_scan_stored_in_color_is_gray(gray_denoiser):
    gray = np.random.default_rng(0).integers(0, 256, [16, 24, 1], np.uint8)
    restored = Chain([gray_denoiser]).restore(gray.repeat(3, -1))
    np.testing.assert_array_equal(restored, gray_denoiser.restore(gray).repeat(3, -1))
    restored = gray_denoiser.restore(Image.fromarray(gray.repeat(3, -1)))
    np.testing.assert_array_equal(restored, gray_denoiser.restore(gray))


def test_it_takes_what_a_model_takes(denoiser, photograph, tmp_path):
    both, gray = Chain([denoiser, denoiser]), photograph[:20, :24, 0]
    expected = both.restore(gray[..., np.newaxis])[..., 0]
    Image.fromarray(gray).save(tmp_path / "a.png")
    np.testing.assert_array_equal(both.restore(gray), expected)
    for given in (tmp_path / "a.png", str(tmp_path / "a.png"), Image.fromarray(gray)):
        np.testing.assert_array_equal(both.restore(given)[..., 0], expected)
    with pytest.raises(UserError, match="image has floats from 0 to 255; expected 0 to 1"):
        both.restore(np.float32([[0, 255]]))


def test_one_model_alone_is_itself(denoiser, photograph):
    photo = photograph[:20, :30]
    np.testing.assert_array_equal(Chain([denoiser]).restore(photo), denoiser.restore(photo))


def test_a_mask_goes_where_it_is_taken(denoiser, photograph):
    completion, mask = tiny("completion"), np.zeros([16, 24, 1], np.float32)
    mask[4:9, 4:9] = 1
    photo = photograph[:16, :24]
    expected = denoiser.restore(completion.restore(photo, mask=mask))
    after = Chain([completion, denoiser]).restore(photo, mask=mask)
    assert np.abs(after.astype(int) - expected).max() <= 1  # 8 bits between them, in place of 16
    with pytest.raises(UserError, match="takes image, mask; got image"):
        Chain([denoiser, completion]).restore(photo)


def test_what_does_not_fit_is_told_at_the_start(denoiser, gray_denoiser, colorizer, enlarger):
    with pytest.raises(UserError, match="one gives color, but three, which comes after it, is for"):
        Chain([colorizer, denoiser, gray_denoiser], ["one", "two", "three"])
    with pytest.raises(UserError, match=r"vae does not restore pictures \(vae\)"):
        zoo.chain([denoiser, tiny("vae", channels=1, image_size=8)])
    with pytest.raises(UserError, match="strength does not apply to super_resolution"):
        Chain([denoiser, enlarger]).restore(np.zeros([8, 8, 3], np.uint8), strength=0.5)
    with pytest.raises(UserError, match="two: a color picture, but this model is for gray ones"):
        Chain([gray_denoiser], ["two"]).restore(np.uint8([[[1, 2, 3]] * 8] * 8))


def test_the_command_takes_runs_in_a_row(command, denoising_run, image_folder, tmp_path):
    both = f"--run={denoising_run},{denoising_run}"
    gray = tmp_path / "gray.png"
    Image.open(image_folder / "a.jpg").convert("L").save(gray)
    done = command("-m", "zoo.restore", both, f"--output_dir={tmp_path / 'out'}", gray)
    assert done.returncode == 0, done.stderr
    model = zoo.load(denoising_run)
    expected = zoo.chain([model, model]).restore(np.asarray(Image.open(gray))[..., None])
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "out/gray.png")), expected[..., 0]
    )
    assert (
        "1 done before"
        in command("-m", "zoo.restore", both, f"--output_dir={tmp_path / 'out'}", gray).stdout
    )
    misfit = f"--run=colorize,{denoising_run}"
    done = command("-m", "zoo.restore", misfit, f"--output_dir={tmp_path / 'out2'}", gray)
    assert done.returncode == 2
    assert "colorize gives color, but" in done.stderr
    assert not (tmp_path / "out2").exists()
