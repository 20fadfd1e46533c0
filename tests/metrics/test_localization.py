import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from zoo.metrics import localization


def one(mask, heat):
    return localization.counts(np.float32(mask)[None, ..., None], np.float32(heat)[None, ..., None])


@pytest.fixture
def scene():
    """A large and a small defect, and heat that knows half of it."""
    mask = np.zeros([40, 40])
    mask[:10, :10] = 1
    mask[30:32, 30:32] = 1
    return mask, np.random.default_rng(0).uniform(size=[40, 40]) * 0.6 + 0.3 * mask


def test_pixels_are_told_apart_as_scikit_learn_says(scene):
    mask, heat = scene
    expected = roc_auc_score(mask.ravel(), heat.ravel())
    assert localization.pixel_auroc(one(mask, heat)) == pytest.approx(expected, abs=1e-3)


def test_perfect_heat_scores_1_and_blind_heat_one_half(scene):
    mask, _ = scene
    assert localization.pixel_auroc(one(mask, mask)) == 1
    assert localization.pro(one(mask, mask)) == 1
    assert localization.pixel_auroc(one(mask, 0 * mask + 0.3)) == 0.5
    # Along the diagonal, from 0 to 0.3 of false alarms, 0.15 of each defect is found.
    assert localization.pro(one(mask, 0 * mask + 0.3)) == pytest.approx(0.15)


def test_a_small_defect_counts_as_much_as_a_large_one(scene):
    mask, _ = scene
    large, small = mask.copy(), mask.copy()
    large[20:], small[:20] = 0, 0
    assert localization.pro(one(mask, large)) == pytest.approx(0.5 + 0.5 * 0.15, abs=0.01)
    assert localization.pro(one(mask, small)) == pytest.approx(0.5 + 0.5 * 0.15, abs=0.01)
    assert localization.pixel_auroc(one(mask, large)) > 0.97


def test_a_defect_of_which_nobody_knows_where_counts_for_nothing(scene):
    mask, heat = scene
    unknown = one(np.full([1, 1], np.nan), heat[:1, :1])
    both = np.concatenate([one(mask, heat), unknown])
    assert localization.pro(both) == localization.pro(one(mask, heat))
    assert np.isnan(localization.pixel_auroc(unknown))
    assert np.isnan(localization.pro(one(0 * mask, heat)))
