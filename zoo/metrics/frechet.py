"""Two sets of feature vectors: how far apart, how alike, how much of one the other covers."""

import numpy as np


def frechet(real: np.ndarray, made: np.ndarray) -> float:
    """Squared Frechet distance between normals fitted to both (Heusel et al. 2017, equation 6).

    |m_1 - m_2|^2 + Tr(S_1 + S_2 - 2 (S_1 S_2)^(1/2)); at least 0, in the features' unit squared.

    Args:
      real: features [n, d].
      made: features [m, d].
    """
    (mean_1, cov_1), (mean_2, cov_2) = map(_moments, (real, made))
    # S_1 S_2 has the eigenvalues of the symmetric R S_2 R, with R R = S_1: no complex numbers.
    values, vectors = np.linalg.eigh(cov_1)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    shared = np.linalg.eigvalsh(root @ cov_2 @ root)
    cross = np.sqrt(np.maximum(shared, 0.0)).sum()
    distance = np.sum((mean_1 - mean_2) ** 2) + np.trace(cov_1) + np.trace(cov_2) - 2.0 * cross
    return float(max(distance, 0.0))


def precision_recall(real: np.ndarray, made: np.ndarray, k: int = 3) -> tuple[float, float]:
    """Improved precision and recall (Kynkaanniemi et al. 2019, equations 1 and 2).

    The share of made vectors within reach of a real one, and of real ones within reach of a made
    one; a vector reaches as far as its k-th nearest neighbor in its own set. Both in [0, 1].

    Args:
      real: features [n, d], n > k.
      made: features [m, d], m > k.
      k: 3 in the paper.
    """
    return _covered(real, made, k), _covered(made, real, k)


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features = np.asarray(features, np.float64)
    return features.mean(0), np.atleast_2d(np.cov(features, rowvar=False))


def _covered(centers: np.ndarray, points: np.ndarray, k: int) -> float:
    """The share of `points` that lie in the ball of at least one center."""
    # Rank k among the distances to one's own set, where rank 0 is the vector itself.
    reach = np.concatenate([np.partition(d, k)[:, k] for d in _distances(centers, centers)])
    return float(
        np.mean(np.concatenate([(d <= reach).any(1) for d in _distances(points, centers)]))
    )


def _distances(rows: np.ndarray, columns: np.ndarray, block: int = 1000):
    """Squared distances, [up to `block`, m] at a time, so that memory does not grow with n."""
    rows, columns = np.asarray(rows, np.float64), np.asarray(columns, np.float64)
    squares = (columns**2).sum(1)
    for i in range(0, len(rows), block):
        part = rows[i : i + block]
        distances = (part**2).sum(1)[:, None] + squares - 2.0 * part @ columns.T
        yield np.maximum(distances, 0.0)
