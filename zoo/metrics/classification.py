"""How often a classifier is right, and whether it knows when; logits are [batch, classes]."""

import numpy as np
import tensorflow as tf

BINS = 15


def accuracy(labels: tf.Tensor, logits: tf.Tensor, top: int = 1) -> tf.Tensor:
    """100 where the label is among the `top` likeliest classes, else 0; [batch], in percent.

    Args:
      labels: integers [batch].
      logits: [batch, classes].
      top: how many guesses count.
    """
    guesses = tf.cast(tf.math.top_k(logits, top).indices, labels.dtype)
    return 100.0 * tf.cast(tf.reduce_any(guesses == labels[:, tf.newaxis], -1), tf.float32)


def nll(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy: -log of the probability given to the label, in nats, [batch]."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)


def confidence(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """What `calibration_error` asks for: [batch, 2], the highest probability, and 1 if right."""
    right = tf.cast(tf.argmax(logits, -1, labels.dtype) == labels, tf.float32)
    return tf.stack([tf.reduce_max(tf.nn.softmax(logits), -1), right], -1)


def calibration_error(pairs: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error in percent (Guo et al. 2017, equation 3).

    Args:
      pairs: [count, 2], how sure (in [0, 1]) and how right (0 or 1), as `confidence` has it.
      bins: of equal width, each open below and closed above.
    """
    sure, right = np.asarray(pairs, np.float64).T
    place = np.clip(np.ceil(sure * bins) - 1, 0, bins - 1).astype(int)
    # |sum right - sum sure| / count is the bin's share times its gap between the two means.
    gaps = np.bincount(place, right - sure, bins)
    return float(100.0 * np.abs(gaps).sum() / len(sure))


def auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """The chance that a foreign image scores above one that belongs; 0.5 is blind guessing.

    Args:
      inside: scores of images that belong, [n].
      outside: scores of foreign ones, [m].
    """
    from sklearn.metrics import roc_auc_score

    foreign = np.repeat([0, 1], [len(inside), len(outside)])
    return float(roc_auc_score(foreign, np.concatenate([inside, outside])))


def auroc_of_rows(rows: np.ndarray) -> float:
    """`auroc` of [count, 2], a score and whether it is a foreign image's; NaN without either."""
    scores, foreign = rows[:, 0], rows[:, 1] > 0.5
    both = 0 < foreign.sum() < len(foreign)
    return auroc(scores[~foreign], scores[foreign]) if both else float("nan")


def average_precision(rows: np.ndarray) -> float:
    """How many of the highest-scored are foreign, averaged over these; rows as `auroc_of_rows`."""
    from sklearn.metrics import average_precision_score

    foreign = rows[:, 1] > 0.5
    return float(average_precision_score(foreign, rows[:, 0])) if foreign.any() else float("nan")


def confusion(labels: np.ndarray, guesses: np.ndarray, classes: int) -> np.ndarray:
    """How many of each true class (row) were taken for each class (column), [classes, classes]."""
    return np.bincount(labels * classes + guesses, minlength=classes**2).reshape(classes, classes)
