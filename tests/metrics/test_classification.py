import numpy as np
import pytest
import tensorflow as tf

from zoo.metrics import classification

LABELS = tf.constant([0, 1, 2, 2], tf.int64)
LOGITS = tf.math.log(tf.constant([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.2, 0.3, 0.5], [1, 1, 1]]))


def test_accuracy_counts_the_likeliest_classes():
    np.testing.assert_array_equal(classification.accuracy(LABELS, LOGITS), [100, 0, 100, 0])
    np.testing.assert_array_equal(classification.accuracy(LABELS, LOGITS, 2), [100, 100, 100, 0])


def test_nll_is_the_log_of_what_the_label_was_given():
    expected = -np.log([0.7, 0.4, 0.5, 1 / 3])
    np.testing.assert_allclose(classification.nll(LABELS, LOGITS), expected, rtol=1e-5)


def test_confidence_says_how_sure_and_whether_right():
    pairs = classification.confidence(LABELS, LOGITS)
    expected = [[0.7, 1], [0.5, 0], [0.5, 1], [1 / 3, 0]]
    np.testing.assert_allclose(pairs, expected, rtol=1e-5)


def test_calibration_is_perfect_where_sureness_is_the_share_that_is_right():
    right = np.arange(1000) % 10 < 8
    assert classification.calibration_error(np.stack([np.full(1000, 0.8), right], 1)) < 1e-9
    sure = np.stack([np.ones(1000), right], 1)
    assert classification.calibration_error(sure) == pytest.approx(20.0)


def test_calibration_weighs_each_bin_by_its_images():
    # 3/4 in one bin with a gap of 0.1, 1/4 in another with 0.5, as equation 3 has it.
    sure = np.repeat([0.9, 0.5], [300, 100])
    right = np.concatenate([np.arange(300) % 5 != 0, np.zeros(100)])
    found = classification.calibration_error(np.stack([sure, right], 1))
    assert found == pytest.approx(100 * (0.75 * 0.1 + 0.25 * 0.5))


def test_auroc_is_the_share_of_pairs_in_order():
    inside, outside = np.array([0.0, 1.0, 2.0]), np.array([1.5, 3.0])
    assert classification.auroc(inside, outside) == pytest.approx(5 / 6)
    assert classification.auroc(inside, inside) == 0.5
    assert classification.auroc(inside, inside + 10) == 1.0


def test_confusion_has_the_truth_in_rows():
    counts = classification.confusion(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 1]), 3)
    np.testing.assert_array_equal(counts, [[1, 0, 1], [0, 1, 0], [0, 1, 0]])
