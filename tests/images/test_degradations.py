import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from zoo.cli import UserError
from zoo.images import camera, compression, degradations, noise, resampling
from zoo.images.degradation import DEGRADATIONS

GRAY = tf.fill([200, 200, 3], 0.5)
SEED = tf.constant([3, 4])


def test_gaussian_has_its_stddev_and_is_not_clipped():
    found = noise.gaussian(GRAY, SEED, 100.0).numpy()
    assert found.std() * 255 == pytest.approx(100, rel=0.01)
    assert found.min() < 0
    assert found.max() > 1


def test_poisson_has_the_variance_of_counting():
    found = noise.poisson(GRAY, SEED, 20.0).numpy()
    assert found.mean() == pytest.approx(0.5, rel=0.01)
    assert found.var() == pytest.approx(0.5 / 20, rel=0.03)


def test_salt_and_pepper_hit_whole_pixels_half_and_half():
    found = noise.salt_pepper(GRAY, SEED, 0.2).numpy()
    assert (found == 0).all(-1).mean() == pytest.approx(0.1, abs=0.005)
    assert (found == 1).all(-1).mean() == pytest.approx(0.1, abs=0.005)
    assert (found == 0.5).all(-1).mean() == pytest.approx(0.8, abs=0.01)


def test_jpeg_is_worse_at_lower_quality(photograph):
    image = tf.constant(photograph, tf.float32) / 255

    def error(quality):
        return float(tf.reduce_mean(tf.square(compression.jpeg(image, SEED, quality) - image)))

    assert error(10.0) > 2 * error(60.0) > 0


def test_blur_keeps_the_mean_and_has_its_width():
    point = tf.scatter_nd([[20, 20, 0]], [1.0], [41, 41, 1])
    spot = resampling.blur(point, SEED, 2.0).numpy()[..., 0]
    at = np.arange(41) - 20
    assert spot.sum() == pytest.approx(1, abs=1e-5)
    assert (spot.sum(0) * at**2).sum() == pytest.approx(4, rel=0.01)
    np.testing.assert_allclose(resampling.blur(GRAY[:3, :2], SEED, 4.0), GRAY[:3, :2], atol=1e-6)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_the_same_seed_gives_the_same_picture(name, photograph):
    image = tf.constant(photograph[:40, :50], tf.float32) / 255
    steps = degradations.chain(name, {})
    one = degradations.apply(image, SEED, steps)
    np.testing.assert_array_equal(one, degradations.apply(image, SEED, steps))
    factor = 2 if DEGRADATIONS[name].changes_size else 1
    assert one.shape == (40 // factor, 50 // factor, 3)
    assert np.abs(one - image[::factor, ::factor]).max() > 0.01


def test_steps_happen_in_the_order_of_their_names(photograph):
    image = tf.constant(photograph[:40, :60], tf.float32) / 255
    given = {"blur_sigma": 1.0, "scale": 4, "noise_stddev": 0.0, "jpeg_quality": 20.0}
    steps = degradations.chain("blur+downscale+noise+jpeg", given)
    by_hand = resampling.downscale(resampling.blur(image, SEED, 1.0), SEED, 4)
    by_hand = compression.jpeg(by_hand, SEED, 20.0)
    np.testing.assert_array_equal(degradations.apply(image, SEED, steps), by_hand)
    backwards = degradations.chain("jpeg+downscale+blur", given | {"noise_stddev": None})
    assert np.abs(degradations.apply(image, SEED, backwards) - by_hand).max() > 0.02


def test_a_blind_range_draws_every_strength():
    steps = degradations.chain("noise", {"noise_stddev": [0, 55]})
    stddevs = [
        float(tf.math.reduce_std(degradations.apply(GRAY, tf.constant([0, i]), steps)))
        for i in range(40)
    ]
    assert min(stddevs) * 255 < 10
    assert max(stddevs) * 255 > 45


@pytest.mark.parametrize(
    ("names", "given", "message"),
    [
        ("rain", {}, "unknown degradation 'rain'; choose from blur, camera, downscale"),
        ("jpeg", {"noise_stddev": 25.0}, "noise_stddev goes with degrade=noise, not with jpeg"),
        ("noise", {"noise_stddev": [30, 10]}, "must be low,high"),
        ("noise", {"noise_stddev": 300.0}, "within 0 to 255"),
        ("blur+noise", {"blur_sigma": 9.0}, "within 0 to 4"),
    ],
)
def test_a_wrong_strength_is_explained(names, given, message):
    with pytest.raises(UserError, match=message):
        degradations.chain(names, given)


def statistics(noise: np.ndarray) -> np.ndarray:
    """Of a plane: correlation of neighbors 1, 4 and 16 apart, and what averaging 8x8 leaves."""
    noise = noise - noise.mean()
    power = np.mean(noise**2)
    apart = [np.mean(noise[:, k:] * noise[:, :-k]) / power for k in (1, 4, 16)]
    means = noise[: len(noise) // 8 * 8, : noise.shape[1] // 8 * 8]
    means = means.reshape(len(means) // 8, 8, -1, 8).mean((1, 3))
    return np.array([*apart, np.mean(means**2) / power])


def luma_and_blue(noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    luma = noise @ np.float32([0.299, 0.587, 0.114])
    return luma, noise[..., 2] - luma


def test_camera_noise_is_blotched_and_colored_as_that_of_cameras_is(images_dir, photograph):
    """Within a quarter of what five cameras show, on average (Xu et al. 2018)."""
    real = []
    for path in sorted((images_dir / "polyu").glob("*_real.JPG"))[::10]:
        mean = path.with_name(path.name.replace("_real", "_mean"))
        shot, clean = (np.float32(Image.open(file)) for file in (path, mean))
        real.append([statistics(plane) for plane in luma_and_blue(shot - clean)])
    image = tf.constant(photograph[:416, :416], tf.float32) / 255
    make = tf.function(lambda seed: camera.camera(image, seed, 3.5) - image)
    noises = [make(tf.constant([1, i])).numpy() for i in range(20)]
    made = [[statistics(plane) for plane in luma_and_blue(noise)] for noise in noises]
    np.testing.assert_allclose(np.mean(made, 0), np.mean(real, 0), atol=0.15)
    assert np.std([luma_and_blue(noise)[0] for noise in noises]) * 255 == pytest.approx(
        3.5, rel=0.1
    )


def test_camera_noise_of_a_gray_picture_is_gray_and_as_strong(photograph):
    image = tf.constant(photograph[:96, :96, :1], tf.float32) / 255
    found = camera.camera(image, SEED, 8.0) - image
    assert found.shape == (96, 96, 1)
    assert float(tf.math.reduce_std(found)) * 255 == pytest.approx(8, rel=0.02)


@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("quality", [10, 50, 90])
def test_our_jpeg_is_libjpegs(photograph, quality, subsampling):
    """Far nearer to it than it is to the picture, and as far from that; both round in places."""
    pixels = photograph[100:203, 200:331]
    image, file = np.float32(pixels) / 255, io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=subsampling)
    theirs = np.float32(Image.open(file)) / 255
    half = tf.constant(subsampling == 2)
    ours = compression.libjpeg(tf.constant(image), tf.constant(float(quality)), half).numpy()

    def error(a, b):
        return np.mean((a - b) ** 2)

    assert error(ours, theirs) < 0.2 * error(theirs, image)
    assert error(ours, image) == pytest.approx(error(theirs, image), rel=0.02)


def test_pictures_from_the_web_may_be_small_and_of_any_sides():
    for sides in ([1, 1], [5, 40], [17, 3]):
        image = tf.random.stateless_uniform([*sides, 3], SEED)
        found = compression.web_jpeg(image, SEED, tf.constant(50.0))
        assert found.shape == image.shape


@pytest.mark.parametrize(
    ("name", "least", "most"), [("photo", 0, 0), ("photo_or_downscale", 4, 16)]
)
def test_a_photo_is_worse_than_one_that_was_made_smaller(photograph, name, least, most):
    image = tf.constant(photograph[:128, :160], tf.float32) / 255
    small = resampling.downscale(image, SEED, 4)
    steps = degradations.chain(name, {"scale": 4})
    make = tf.function(lambda seed: degradations.apply(image, seed, steps))
    found = [make(tf.constant([2, i])).numpy() for i in range(40)]
    errors = np.array([float(tf.reduce_mean(tf.square(x - small))) for x in found])
    spared = errors < 5e-6  # the rounding to 8 bits alone
    assert least <= spared.sum() <= most
    assert errors[~spared].min() > 1e-5
    assert errors[~spared].max() > 4 * errors[~spared].min()


def test_jpeg_is_what_libjpeg_gives_and_keeps_the_colors(photograph):
    """A hasty decoder makes pictures greener, by a level of 255 on the average."""
    file = io.BytesIO()
    image = photograph[:64, :96]
    Image.fromarray(image).save(file, "JPEG", quality=90)
    expected = np.asarray(Image.open(file)).astype(np.float32)
    got = 255 * compression.jpeg(tf.constant(image / np.float32(255)), SEED, 90.0).numpy()
    assert np.abs(got - expected).max() <= 1.01
    assert np.abs((got - expected).mean((0, 1))).max() < 0.05
