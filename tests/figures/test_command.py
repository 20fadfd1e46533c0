"""python -m zoo.figures: pictures with their numbers, from presets."""

import numpy as np
import pytest

from zoo.figures import FIGURES
from zoo.figures.latent_space import neighbor_accuracy


def test_restored_photographs_are_nearer_than_what_was_given(made):
    numbers, picture = made("denoising")
    found = numbers["psnr"]
    assert list(found) == ["noisy", "non-local means", "restored"]
    assert np.all(np.array(found["restored"]) > found["non-local means"])
    assert np.all(np.array(found["non-local means"]) > found["noisy"])
    assert picture.shape[1] > 800
    assert picture.std() > 20


def test_enlarged_photographs_are_nearer_than_bicubic_ones(made):
    found = made("super_resolution")[0]["psnr_y"]
    assert np.all(np.array(found["restored"]) > found["bicubic"])


def test_the_help_lists_every_figure(command):
    done = command("-m", "zoo.figures", "--helpshort")
    assert done.returncode == 0
    for name in FIGURES:
        assert f"\n{name} " in done.stdout


@pytest.mark.parametrize(("arguments", "said"), [(["sunset"], "sunset"), ([], "no figure named")])
def test_an_unknown_figure_is_one_line(command, arguments, said, tmp_path):
    done = command("-m", "zoo.figures", *arguments, f"--output_dir={tmp_path / 'out'}")
    assert done.returncode == 2
    assert said in done.stderr
    assert "latent_size" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_neighbor_accuracy_knows_clusters_from_noise():
    generator = np.random.default_rng(0)
    known = np.arange(500) % 10
    noise = generator.normal(size=[500, 2])
    clusters = np.stack([known, known**2], -1) * 20 + noise
    assert neighbor_accuracy(clusters, known) > 99
    assert neighbor_accuracy(noise, known) < 25
