import numpy as np
import pytest
import tensorflow as tf

from zoo.data.chairs import CHAIRS
from zoo.evaluation import reader
from zoo.evaluation.reader import Reader
from zoo.models.latent import Latent

AZIMUTH, ELEVATION, *_ = CHAIRS.factors


class Exact:
    """In place of a network: pictures are the answers themselves, in a row."""

    def predict(self, images, verbose):
        return np.reshape(images, [len(images), -1])


class Turntable(Latent):
    """Its first latent turns by 30 degrees a unit, its second one raises the camera too."""

    latent_shape = (2,)

    def codes(self, images):
        return tf.zeros([len(images), 2])

    def spread(self):
        return np.zeros(2), np.ones(2)

    def decode(self, latent):
        angle = np.pi / 6 * latent[:, 0]
        raised = tf.stack([0.5 + 0.25 * latent[:, 1]] + [tf.zeros_like(angle)] * 4, -1)
        told = tf.concat([tf.sin(angle)[:, None], tf.cos(angle)[:, None], raised], -1)
        return tf.reshape(told, [-1, 7, 1, 1])


def test_a_turn_is_told_in_shares_of_a_circle_and_the_rest_in_shares_of_its_range():
    shares = reader.movements(Turntable(), Reader(CHAIRS, Exact()), count=2)
    assert shares[0]["azimuth"] == pytest.approx(120 / 360, abs=1e-5)  # past 0 degrees, too
    assert shares[0]["elevation"] == 0
    assert shares[1]["elevation"] == pytest.approx(1, abs=1e-5)
    assert shares[1]["azimuth"] == 0


def test_the_best_latent_moves_nothing_else():
    muddled, clean, still = (
        {"azimuth": turn, "elevation": other} for turn, other in ((0.9, 0.5), (0.4, 0.1), (0, 0))
    )
    assert reader.best([still, muddled, clean], "azimuth") == 2
    assert reader.best([muddled | {"azimuth": 0.3}, muddled], "azimuth") == 1


def test_angles_are_read_round_the_circle():
    last = CHAIRS.factors[0].size - 1
    angle = 2 * np.pi * last / CHAIRS.factors[0].size
    told = np.array([[np.sin(angle), np.cos(angle), 1.0, 0, 0, 0, 0]])
    found = Reader(CHAIRS, Exact()).read(told)
    assert found["azimuth"] == pytest.approx(last)
    assert found["elevation"] == pytest.approx(ELEVATION.size - 1)


@pytest.mark.slow
def test_it_learns_to_read():
    errors = reader.trained(CHAIRS, steps=300, width=8).errors(200)
    assert errors["azimuth"] < AZIMUTH.size / 4 / 2  # of a guess, a quarter of the circle
