import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.layers import critic


def largest_singular_value(layer):
    return np.linalg.svd(np.reshape(layer.kernel, [-1, layer.filters]))[1].max()


@pytest.fixture
def judge():
    keras.utils.set_random_seed(0)
    judge = critic.PatchCritic(4)
    judge(tf.zeros([1, 16, 16, 4]))
    return judge


def test_kernels_have_a_largest_singular_value_of_one(judge):
    for layer in judge.layers:
        assert largest_singular_value(layer) == pytest.approx(1, abs=0.02)


def test_no_direction_escapes(judge):
    layer = judge.layers[0]
    away = np.zeros(layer.filters)
    away[:2] = 1, -1  # nothing of it in a vector of ones
    moved = layer.trainable_variables[0]
    moved.assign(away * np.ones(moved.shape, np.float32))
    assert largest_singular_value(layer) == pytest.approx(1, abs=0.02)


def test_each_side_moves_by_its_own_loss_alone(judge):
    random = np.random.default_rng(0)
    real, made = (tf.Variable(random.random([2, 16, 16, 3]), dtype=tf.float32) for _ in range(2))
    where = tf.ones([2, 16, 16, 1])

    def scores(images):
        return judge(tf.concat([images, where], -1))

    with tf.GradientTape(persistent=True) as tape:
        judging, judged = critic.hinge(judge, real, made, where)
        both = tf.reduce_mean(judging + judged)
        critics_own = tf.nn.relu(1 - scores(real)) + tf.nn.relu(1 + scores(made))
        critics_own, makers_own = tf.reduce_mean(critics_own), -tf.reduce_mean(scores(made))
    parts = [v.value for v in judge.trainable_variables]
    found, expected = tape.gradient(both, parts), tape.gradient(critics_own, parts)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    np.testing.assert_allclose(
        tape.gradient(both, made), tape.gradient(makers_own, made), atol=1e-6
    )


def test_patches_without_any_hole_do_not_count(judge):
    real, made = np.zeros([2, 1, 32, 32, 3], np.float32)
    where = np.zeros([1, 32, 32, 1], np.float32)
    assert [float(x[0]) for x in critic.hinge(judge, real, made, where)] == [0, 0]
    where[:, :8, :8] = 1
    assert critic.hinge(judge, real, made, where)[0][0] > 0
