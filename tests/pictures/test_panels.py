"""Pictures of any proportions lie on a sheet that shows them, not its background."""

import numpy as np
import pytest

from zoo.pictures import panels


@pytest.mark.parametrize("sides", [(900, 8), (8, 900), (2000, 300), (3, 3), (400, 300), (1, 5000)])
def test_a_sheet_is_full_of_its_pictures(sides):
    white = np.ones([*sides, 1])
    sheet = panels.sheet({"a": [white * 0.5] * 3})
    assert (sheet == 128).all(-1).mean() > 0.3
    assert (sheet.max(-1) == 0).mean() < 0.01  # but for the title's letters
    assert max(sheet.shape) < 1000


def test_a_long_picture_is_enlarged_by_as_much_as_its_sides_allow():
    column = np.zeros([900, 8, 1])
    column[:8] = 1
    sheet = panels.sheet({"": [column]})
    rows = np.flatnonzero((sheet == 0).all(-1).any(1))
    assert len(rows) == (32 - 8) * 4  # of 32 rows of 8 pixels, at 4 times their size
