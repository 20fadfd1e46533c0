"""Every figure is drawn, from few digits and short trainings, and its numbers make sense."""

import keras
import numpy as np
import pytest

from zoo.figures import FIGURES

# Those of photographs alone are in test_command.py, with what they say.
NAMES = [name for name in FIGURES if name not in ("denoising", "super_resolution")]


# Of the others each takes some ten seconds.
QUICK = "interpolation", "vae_reconstruction"


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in NAMES],
)
def test_a_figure_is_drawn_and_its_numbers_make_sense(made, small, name):
    numbers, picture = made(name)
    assert picture.shape[1] > 500
    assert picture[..., :3].std() > 5
    found = [x for x in keras.tree.flatten(numbers) if isinstance(x, int | float)]
    assert found
    assert np.isfinite(found).all()
    CHECKS.get(name, lambda numbers: None)(numbers)


def _latent_size(numbers):
    assert numbers["psnr"]["32"]["PCA"] > numbers["psnr"]["2"]["PCA"] > 5


def _accuracies(numbers):
    assert all(10 < value <= 100 for value in np.atleast_1d(_values(numbers["neighbor_accuracy"])))


def _values(found):
    return list(found.values()) if isinstance(found, dict) else found


def _elbo(numbers):
    terms = np.array(numbers["elbo"]), np.array(numbers["reconstruction"]) + numbers["kl"]
    np.testing.assert_allclose(terms[0], -terms[1], rtol=1e-4)


def _rate_distortion(numbers):
    assert numbers["beta 0.25"]["kl"] > numbers["beta 8"]["kl"] >= 0


def _completion(numbers):
    (found,) = numbers.values()
    assert {"biharmonic", "telea"} < set(found)


CHECKS = {
    "latent_size": _latent_size,
    "projection": _accuracies,
    "latent_map": _accuracies,
    "elbo": _elbo,
    "rate_distortion": _rate_distortion,
    "completion": _completion,
}
