"""Does each latent stand for one factor? Scores from codes and the factors behind them.

Every score lies in [0, 1], and is told codes [n, d] and factors, whole numbers [n, k]. The
scores that hold one factor still are in `zoo.metrics.fixed_factor`.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier


def mig(codes: np.ndarray, factors: np.ndarray, bins: int = 20) -> float:
    """Mutual information gap (Chen et al. 2018, equation 6).

    By how much the latent that knows most of a factor surpasses the second best, as a share of
    the factor's entropy; the mean over factors. A factor of more values than bins cannot be
    known whole: of 40 values, 20 bins tell log 20 / log 40 = 0.81.

    Args:
      codes: [n, d], such as posterior means.
      factors: [n, k].
      bins: of equal width, in which each latent is counted.
    """
    binned = np.stack([_binned(latent, bins) for latent in codes.T])
    gaps = []
    for factor in factors.T:
        shared = [_mutual_information(latent, factor) for latent in binned]
        gaps.append(_gap(shared) / max(_mutual_information(factor, factor), 1e-12))
    return float(np.mean(gaps))


def sap(codes: np.ndarray, factors: np.ndarray, categorical: Sequence[bool]) -> float:
    """Separated attribute predictability (Kumar et al. 2018, section 3).

    By how much the best single latent predicts a factor better than the second best; the mean
    over factors. An ordered factor is predicted linearly, and R squared counts; a categorical
    one by thresholds on the latent, and balanced accuracy counts, so that with C categories
    even perfect codes gain no more than 1 - 1 / C.

    Args:
      codes: [n, d].
      factors: [n, k].
      categorical: for each factor, whether it is.
    """
    gaps = []
    for factor, has_no_order in zip(factors.T, categorical, strict=True):
        predict = _balanced_accuracy if has_no_order else _r_squared
        gaps.append(_gap([predict(latent, factor) for latent in codes.T]))
    return float(np.mean(gaps))


def dci(
    codes: np.ndarray, factors: np.ndarray, categorical: Sequence[bool], seed: int = 0
) -> float:
    """The D of DCI, disentanglement (Eastwood and Williams 2018, equations 2 and 3).

    One minus the entropy of what a latent is important for, weighted by the latent's share of
    all importance. Importances are those of random forests, as in the paper, here of ten trees
    with leaves of five or more.

    Args:
      codes: [n, d].
      factors: [n, k], at least 2 factors.
      categorical: for each factor, whether it is.
      seed: of the forests.
    """
    columns = []
    for factor, has_no_order in zip(factors.T, categorical, strict=True):
        kind = RandomForestClassifier if has_no_order else RandomForestRegressor
        forest = kind(10, min_samples_leaf=5, max_features=None, random_state=seed)
        columns.append(forest.fit(codes, factor).feature_importances_)
    importances = np.stack(columns, -1)  # [d, k]
    totals = importances.sum(-1, keepdims=True)
    shares = importances / np.maximum(totals, 1e-12)
    entropy = -np.sum(shares * np.log(np.maximum(shares, 1e-12)), -1) / np.log(shares.shape[1])
    return float(np.sum(totals[:, 0] * (1.0 - entropy)) / max(totals.sum(), 1e-12))


def _binned(latent: np.ndarray, bins: int) -> np.ndarray:
    edges = np.linspace(latent.min(), latent.max(), bins + 1)
    return np.searchsorted(edges[1:-1], latent, "right")


def _mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """Of whole numbers from 0, in nats."""
    joint = np.zeros([a.max() + 1, b.max() + 1])
    np.add.at(joint, (a, b), 1.0 / len(a))
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(joint[seen] / independent[seen])))


def _r_squared(latent: np.ndarray, factor: np.ndarray) -> float:
    if latent.std() == 0 or factor.std() == 0:
        return 0.0
    return float(np.corrcoef(latent, factor)[0, 1] ** 2)


def _balanced_accuracy(latent: np.ndarray, factor: np.ndarray) -> float:
    """With as many intervals of the latent as there are categories."""
    categories = len(np.unique(factor))
    tree = DecisionTreeClassifier(max_leaf_nodes=max(2, categories), class_weight="balanced")
    right = tree.fit(latent[:, np.newaxis], factor).predict(latent[:, np.newaxis]) == factor
    return float(np.mean([right[factor == value].mean() for value in np.unique(factor)]))


def _gap(scores: list[float]) -> float:
    """The best minus the second best; of one latent alone, its score."""
    second, best = sorted([0.0, *scores])[-2:]
    return best - second
