import numpy as np
import pytest

from zoo.metrics.frechet import frechet, precision_recall


@pytest.fixture
def random():
    return np.random.default_rng(0)


def with_moments(random, count, mean, root):
    """Vectors whose sample mean is `mean` and whose sample covariance is root root^T, exactly."""
    drawn = random.normal(size=[count, len(mean)])
    drawn -= drawn.mean(0)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(drawn, rowvar=False)), drawn.T).T
    return white @ np.transpose(root) + mean


def test_two_normals_are_as_far_apart_as_the_formula_says(random):
    # Commuting covariances: |m1 - m2|^2 + sum (s1 - s2)^2 = 9 + 16 + (1 - 3)^2 + (2 - 2)^2.
    one = with_moments(random, 500, [0.0, 0.0], np.diag([1.0, 2.0]))
    two = with_moments(random, 700, [3.0, -4.0], np.diag([3.0, 2.0]))
    assert frechet(one, two) == pytest.approx(29.0, rel=1e-9)
    assert frechet(two, one) == pytest.approx(29.0, rel=1e-9)


def test_covariances_that_do_not_commute_agree_with_scipy(random):
    from scipy.linalg import sqrtm

    one = random.normal(size=[300, 5]) @ random.normal(size=[5, 5])
    two = random.normal(size=[300, 5]) @ random.normal(size=[5, 5]) + 1.0
    (m1, s1), (m2, s2) = ((x.mean(0), np.cov(x, rowvar=False)) for x in (one, two))
    expected = ((m1 - m2) ** 2).sum() + np.trace(s1 + s2 - 2.0 * sqrtm(s1 @ s2).real)
    assert frechet(one, two) == pytest.approx(expected, rel=1e-6)


def test_fewer_vectors_than_dimensions_still_give_a_distance(random):
    few = random.normal(size=[5, 20])
    assert frechet(few, few) == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(frechet(few, random.normal(size=[6, 20])))


def test_identical_sets_are_perfect(random):
    features = random.normal(size=[200, 8])
    assert frechet(features, features) == pytest.approx(0.0, abs=1e-9)
    assert precision_recall(features, features) == (1.0, 1.0)


def test_disjoint_sets_share_nothing(random):
    features = random.normal(size=[200, 8])
    assert precision_recall(features, features + 100.0) == (0.0, 0.0)


def test_a_dropped_mode_costs_recall_and_an_invented_one_precision(random):
    near, far = random.normal(size=[100, 4]), random.normal(size=[100, 4]) + 50.0
    both = np.concatenate([near, far])
    assert precision_recall(both, near) == (1.0, 0.5)
    assert precision_recall(near, both) == (0.5, 1.0)


def test_a_vector_reaches_as_far_as_its_third_neighbor():
    line = np.array([[0.0], [1.0], [2.0], [3.0]])  # reaches 3, 2, 2 and 3: from -3 to 6
    made = np.array([[-3.1], [-2.9], [5.9], [6.1], [90.0], [91.0]])
    assert precision_recall(line, made)[0] == pytest.approx(2 / 6)
