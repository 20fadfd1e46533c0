"""Known answers: the factors themselves, a rotated copy of them, and what knows nothing."""

import numpy as np
import pytest

from zoo.metrics.disentanglement import dci, mig, sap
from zoo.metrics.fixed_factor import beta_vae_score, factor_vae_score

SIZES, CATEGORICAL = np.array([3, 6, 12, 16]), [True, False, False, False]
CHANCE = 1 / len(SIZES)
FACTORS = np.random.default_rng(0).integers(SIZES, size=[4000, len(SIZES)])
CENTERED = (FACTORS - FACTORS.mean(0)) / FACTORS.std(0)
ROTATION = np.linalg.qr(np.random.default_rng(1).normal(size=[4, 4]))[0]

SCORES = {
    "mig": mig,
    "factor_vae": lambda c, f: factor_vae_score(c, f, votes=400),
    "beta_vae": lambda c, f: beta_vae_score(c, f, points=200),
    "sap": lambda c, f: sap(c, f, CATEGORICAL),
    "dci": lambda c, f: dci(c, f, CATEGORICAL),
}
CLUELESS = {"mig": 0, "factor_vae": CHANCE, "beta_vae": CHANCE, "sap": 0, "dci": 0}


@pytest.fixture(params=SCORES)
def name(request):
    return request.param


def noise(width, stddev=1.0):
    return stddev * np.random.default_rng(2).normal(size=[len(FACTORS), width])


def test_the_factors_themselves_score_near_1(name):
    # Three shapes, which a blind guess gets right in a third of cases: SAP's gap is 2 / 3.
    perfect = (3 + 2 / 3) / 4 if name == "sap" else 1.0
    assert SCORES[name](CENTERED, FACTORS) == pytest.approx(perfect, abs=0.03)


def test_order_sign_scale_and_dead_latents_do_not_matter(name):
    turned = np.hstack([noise(2, 0.01), -3.0 * CENTERED[:, ::-1]])
    assert SCORES[name](turned, FACTORS) == pytest.approx(SCORES[name](CENTERED, FACTORS), abs=0.05)


def test_noise_scores_as_if_guessed(name):
    assert SCORES[name](noise(6), FACTORS) == pytest.approx(CLUELESS[name], abs=0.09)


def test_a_constant_scores_as_if_guessed_or_0(name):
    expected = 0.0 if name == "factor_vae" else CLUELESS[name]
    assert SCORES[name](np.ones([len(FACTORS), 5]), FACTORS) == pytest.approx(expected, abs=0.05)


def test_a_rotated_copy_is_in_between(name):
    rotated = SCORES[name](CENTERED @ ROTATION, FACTORS)
    assert CLUELESS[name] + 0.03 < rotated < SCORES[name](CENTERED, FACTORS) - 0.02


def test_the_same_seed_gives_the_same_score(name):
    codes = CENTERED @ ROTATION + noise(4)
    assert SCORES[name](codes, FACTORS) == SCORES[name](codes, FACTORS)


def test_mig_is_the_gap_that_the_formula_gives():
    """A second latent that knows half of what the first knows: the gap is the other half."""
    factor = np.random.default_rng(0).integers(4, size=[20000, 1])
    codes = np.hstack([factor, factor // 2]).astype(float)
    assert mig(codes, factor) == pytest.approx(0.5, abs=0.01)


def test_two_factors_in_one_latent_are_no_disentanglement():
    both = CENTERED[:, [2]] + CENTERED[:, [3]]
    entangled = dci(np.hstack([both, noise(1)]), FACTORS[:, 2:], [False, False])
    apart = dci(CENTERED[:, 2:], FACTORS[:, 2:], [False, False])
    assert entangled < 0.1 < 0.9 < apart
