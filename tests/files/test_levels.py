"""Numbers in [0, 1] and the levels that files hold."""

import numpy as np
import pytest

from zoo.files import levels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_level_comes_back(dtype):
    every = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    numbers = levels.to_float(every)
    assert numbers.dtype == np.float32
    assert (numbers[0], numbers[-1]) == (0, 1)
    np.testing.assert_array_equal(levels.from_float(numbers, dtype), every)


def test_numbers_go_to_the_nearest_level_and_stay_in_range():
    numbers = np.float32([-3, 0.4 / 255, 0.6 / 255, 254.6 / 255, 1, 7])
    np.testing.assert_array_equal(levels.from_float(numbers), np.uint8([0, 0, 1, 255, 255, 255]))


def test_sixteen_bits_become_the_eight_that_show_the_same():
    eight = np.arange(256, dtype=np.uint8)
    assert levels.to_eight_bits(eight) is eight
    sixteen = eight.astype(np.uint16) * 257  # as PNG widens them
    got = levels.to_eight_bits(np.stack([sixteen[1:-1] - 128, sixteen[1:-1] + 128]))
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got, [eight[1:-1]] * 2)


def test_bool_is_black_and_white_and_floats_stay_as_they_are():
    np.testing.assert_array_equal(levels.to_float(np.array([False, True])), np.float32([0, 1]))
    floats = np.array([0, 0.3, 1])
    np.testing.assert_array_equal(levels.to_float(floats), floats.astype(np.float32))
    levels.check(np.empty([0, 4, 4, 1]), "image")
