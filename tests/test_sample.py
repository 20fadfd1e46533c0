"""python -m zoo.sample, and the functions behind it."""

from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from sklearn.datasets import load_digits

from tests.models.tiny import small_images, tiny_model
from zoo import runs, sample
from zoo.cli import UserError
from zoo.data import pipeline
from zoo.files import weights
from zoo.latents import encoding, sampling
from zoo.models import registry
from zoo.pictures import panels


class Mirror:
    """A model whose picture is its code, side by side: [b, d] <-> [b, 1, d, 1]."""

    def __init__(self, latent_dim: int = 4):
        self.latent_shape = (latent_dim,)

    def codes(self, images):
        return tf.reshape(images, [-1, *self.latent_shape])

    def decode(self, latent):
        return tf.reshape(latent, [-1, 1, *self.latent_shape, 1])

    def draw(self, noise, choice=None):
        del choice
        return self.decode(noise)


@pytest.fixture(params=["autoencoder", "vae"])
def model(request):
    return tiny_model(request.param)


def test_the_same_seed_draws_the_same_images():
    drawn = sampling.prior_samples(Mirror(), 300, seed=1)
    assert drawn.shape == (300, 1, 4, 1)
    assert drawn.dtype == np.float32
    assert (drawn != sampling.prior_samples(Mirror(), 300, seed=2)).all()
    np.testing.assert_array_equal(drawn[:9], sampling.prior_samples(Mirror(), 9, seed=1))


def test_without_temperature_all_pictures_are_one(model):
    images = sampling.prior_samples(model, 3, temperature=0)
    np.testing.assert_allclose(images, np.repeat(images[:1], 3, 0), atol=1e-6)
    cold, warm = (sampling.prior_samples(Mirror(), 500, temperature=t).std() for t in (0.5, 1.0))
    assert cold == pytest.approx(warm / 2, rel=1e-5)


def test_samples_of_a_mixture_prior_come_from_all_its_parts():
    model = registry.create(
        "vae", prior="mixture", components=3, **registry.find("vae").tiny | {"latent_dim": 2}
    )
    images = sampling.prior_samples(model, 50, temperature=0)
    assert len(np.unique(images.round(4), axis=0)) == 3


def test_a_mixture_draws_what_it_was_fitted_to():
    generator = np.random.default_rng(0)
    shear = np.array([[1.0, 0.0], [0.9, 0.3]])
    codes = generator.normal(size=[2000, 2]) @ shear.T + [[6.0, 0.0]]
    codes[::4] -= [[12.0, 0.0]]
    drawn = sampling.mixture_samples(Mirror(2), codes, 4000, components=2).reshape(-1, 2)
    np.testing.assert_allclose(drawn.mean(0), codes.mean(0), atol=0.3)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(codes.T), rtol=0.1, atol=0.1)
    assert (np.abs(drawn[:, 0]) > 1).mean() > 0.99  # nothing between the clusters
    again = sampling.mixture_samples(Mirror(2), codes, 4000, components=2).reshape(-1, 2)
    np.testing.assert_array_equal(drawn, again)
    means = sampling.mixture_samples(Mirror(2), codes, 100, components=2, temperature=0)
    assert len(np.unique(means, axis=0)) == 2


def test_interpolation_ends_with_the_two_reconstructions(model):
    first, second = pipeline.sample_images(small_images(1), model, 2)
    row = sampling.interpolate(model, first, second, 5)
    ends = model.decode(model.codes(np.stack([first, second])))
    assert row.shape == (5, 8, 8, 1)
    np.testing.assert_allclose(row[[0, -1]], ends, atol=1e-5)
    assert 0 <= row.min() <= row.max() <= 1


def test_a_traversal_moves_one_latent_and_shows_the_liveliest_first():
    code, stddev = np.float32([5, 6, 7, 8]), np.array([0.1, 3.0, 0.0, 1.0])
    latents, images = sampling.traverse(Mirror(), code, np.zeros(4), stddev, steps=5)
    np.testing.assert_array_equal(latents, [1, 3, 0, 2])
    for latent, row in zip(latents, images[:, :, 0, :, 0], strict=True):
        np.testing.assert_allclose(row[:, latent], np.linspace(-2, 2, 5) * stddev[latent])
        others = np.arange(4) != latent
        np.testing.assert_array_equal(row[:, others], np.tile(code[others], [5, 1]))


def test_the_plane_rises_to_the_right_and_upward_in_equal_probability():
    mean, stddev = np.array([1.0, -2.0]), np.array([2.0, 0.5])
    latents = sampling.plane(Mirror(2), mean, stddev, 4).reshape(4, 4, 2)
    shares = [
        [NormalDist().cdf(z) for z in row] for row in ((latents - mean) / stddev).reshape(4, 8)
    ]
    shares = np.reshape(shares, [4, 4, 2])
    steps = [0.125, 0.375, 0.625, 0.875]
    np.testing.assert_allclose(shares[..., 0], np.tile(steps, [4, 1]), atol=1e-6)
    np.testing.assert_allclose(shares[..., 1].T, np.tile(steps[::-1], [4, 1]), atol=1e-6)


def test_codes_of_a_source_do_not_depend_on_how_many_are_read_at_once(model, monkeypatch):
    images = np.stack(pipeline.sample_images(small_images(1), model, 50))
    monkeypatch.setattr(encoding, "CHUNK", 20)
    codes = encoding.encoded(model, small_images(1), limit=50)
    np.testing.assert_allclose(codes, model.codes(images), atol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sampling.prior_samples(Mirror(), 0), "count=0 must be at least 1"),
        (lambda: sampling.prior_samples(Mirror(), 1, -1), "temperature=-1 must be at least 0"),
        (lambda: sampling.prior_samples(Mirror(), 1, np.nan), "temperature=nan must be"),
        (
            lambda: sampling.mixture_samples(Mirror(), np.zeros([3, 4]), 1, components=4),
            "components=4 are more than there are codes, 3",
        ),
        (
            lambda: sampling.mixture_samples(Mirror(), np.full([9, 4], np.nan), 1, components=2),
            "no mixture can be fitted",
        ),
    ],
)
def test_wrong_arguments_are_explained(call, message):
    with pytest.raises(UserError, match=message):
        call()


def test_a_grid_enlarges_pixels_and_has_thin_margins():
    images = np.arange(3 * 4, dtype=float).reshape(3, 2, 2, 1) / 255
    page = panels.grid(images, columns=2, side=5, margin=1)
    assert page.shape == (11, 11, 3)
    np.testing.assert_array_equal(
        page[1:5, 1:5, 0], np.repeat(np.repeat([[0, 1], [2, 3]], 2, 0), 2, 1)
    )
    np.testing.assert_array_equal(
        page[6:10, 1:5, 0], np.repeat(np.repeat([[8, 9], [10, 11]], 2, 0), 2, 1)
    )
    assert (page[[0, 5, 10]] == 255).all()
    assert (page[:, [0, 5, 10]] == 255).all()
    assert (page[5:, 5:] == 255).all()


def test_an_animation_keeps_its_gray_levels_and_a_failed_one_leaves_nothing(tmp_path):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, -1)
    frames = [ramp, ramp[::-1], ramp.swapaxes(0, 1)]
    panels.save_gif(tmp_path / "a.gif", frames)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["loop"] == 0
        for i, frame in enumerate(frames):
            gif.seek(i)
            np.testing.assert_array_equal(np.asarray(gif.convert("RGB")), frame)
    with pytest.raises(TypeError):
        panels.save_gif(tmp_path / "b.gif", [ramp], milliseconds="80")
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """Runs by name: a VAE of two latents and an autoencoder, untrained, of `digits`."""
    found = {}
    for name, changes in {"vae": {"latent_dim": 2}, "autoencoder": {}}.items():
        found[name] = tmp_path_factory.mktemp("runs") / name
        model = registry.create(name, channels=1, **registry.find(name).tiny | changes)
        runs.start(found[name], model, {"dataset": "digits", "split": "train"}, "")
        weights.save(found[name] / "best.npz", weights.of_model(model))
    return found


@pytest.fixture
def digits(tmp_path):
    """Two files with digits, one of them larger than the model's images and in color."""
    small, large = np.uint8(15 * load_digits().images[:2])
    Image.fromarray(small).save(tmp_path / "a.png")
    Image.fromarray(large).resize([20, 24]).convert("RGB").save(tmp_path / "b.png")
    return tmp_path / "a.png", tmp_path / "b.png"


@pytest.fixture
def made(monkeypatch, tmp_path):
    """The command in this process, with flags: made(run=...) -> names of the files written."""
    defaults = {
        "output_dir": tmp_path / "out",
        "count": 5,
        "temperature": 1.0,
        "seed": 0,
        "sampler": "prior",
        "components": 3,
        "interpolate": [],
        "steps": 4,
        "traverse": False,
        "image": None,
        "map": False,
        "dataset": None,
        "data_dir": None,
    }

    def run(**given) -> list[str]:
        monkeypatch.setattr(sample, "FLAGS", SimpleNamespace(**defaults | given))
        sample.main()
        return sorted(path.name for path in (tmp_path / "out").iterdir())

    return run


EVERYTHING = [
    "interpolation.gif",
    "interpolation.png",
    "map.png",
    "samples.png",
    "traversal.gif",
    "traversal.png",
]


def test_an_autoencoder_becomes_a_generator(made, run_of, digits, tmp_path):
    run = run_of["autoencoder"]
    made(run=run)
    from_prior = (tmp_path / "out" / "samples.png").read_bytes()
    made(run=run)
    assert (tmp_path / "out" / "samples.png").read_bytes() == from_prior
    written = made(
        run=run, sampler="mixture", interpolate=digits, traverse=True, image=str(digits[1])
    )
    assert written == [name for name in EVERYTHING if name != "map.png"]
    assert (tmp_path / "out" / "samples.png").read_bytes() != from_prior
    sizes = {name: Image.open(tmp_path / "out" / name).size for name in written}
    assert sizes["samples.png"] == (3 * 66 + 2, 2 * 66 + 2)
    assert sizes["interpolation.png"] == (4 * 66 + 2, 66 + 2)
    assert sizes["traversal.png"] == (9 * 66 + 2, 4 * 66 + 2)
    assert sizes["traversal.gif"] == (2 * 66 + 2, 2 * 66 + 2)


def test_bad_input_is_explained_and_nothing_is_written(
    made, run_of, denoising_run, digits, tmp_path
):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    gone = {"run": run_of["autoencoder"], "sampler": "mixture", "dataset": "folder:/gone"}
    cases = {
        "has no decoder to sample from .denoising.; give a run of autoenc": {"run": denoising_run},
        "map needs 2 latents, and .* has 4": {"run": run_of["autoencoder"], "map": True},
        "/gone is not a folder": gone,
        "broken.png: not an image": {"interpolate": [digits[0], tmp_path / "broken.png"]},
        "interpolate=a.png: give two images": {"interpolate": ["a.png"]},
        "image goes with traverse": {"image": "a.png"},
    }
    for message, given in cases.items():
        before = set(tmp_path.iterdir())
        with pytest.raises(UserError, match=message):
            made(**{"run": run_of["vae"]} | given)
        assert set(tmp_path.iterdir()) == before


def test_an_input_is_never_overwritten(made, run_of, digits, tmp_path):
    ends = digits[0], digits[1].rename(tmp_path / "samples.png")
    before = ends[1].read_bytes()
    with pytest.raises(UserError, match=r"samples\.png is an input and would be overwritten"):
        made(run=run_of["vae"], interpolate=ends, output_dir=tmp_path)
    assert ends[1].read_bytes() == before


def test_the_command_writes_everything_or_says_why_not(command, run_of, digits, tmp_path):
    def sampled(name: str, *arguments):
        return command("-m", "zoo.sample", f"--output_dir={tmp_path / name}", *arguments)

    vae, ends = f"--run={run_of['vae']}", f"--interpolate={digits[0]},{digits[1]}"
    good = sampled("out", vae, ends, "--traverse", "--map", "--count=4")
    assert good.returncode == 0, good.stderr
    assert good.stderr == ""
    first, *paths = good.stdout.splitlines()
    assert first.startswith("latents in the order of their rows: ")
    assert sorted(paths) == [str(tmp_path / "out" / name) for name in EVERYTHING]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == EVERYTHING
    assert Image.open(tmp_path / "out" / "map.png").size == (20 * 64, 20 * 64)
    for bad in ("--count=0", "--temperature=-1"):
        done = sampled("bad", vae, bad)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: ")
        assert bad in line
    assert not (tmp_path / "bad").exists()
