import numpy as np
import pytest

from tests.models.tiny import small_images, tiny_model
from zoo.cli import UserError
from zoo.data import labels, pipeline
from zoo.evaluation import confusion
from zoo.pictures import panels


@pytest.fixture(scope="module")
def digits():
    return small_images(1)


def test_rows_are_the_true_classes(digits):
    model = tiny_model("classifier")
    counts = confusion.evaluate_confusion(model, digits)
    np.testing.assert_array_equal(counts.sum(1), np.bincount(labels.of(digits)))
    images = np.stack(pipeline.sample_images(digits, model, digits.size))
    guesses = np.argmax(model(images), -1)
    np.testing.assert_array_equal(counts.sum(0), np.bincount(guesses, minlength=10))


def test_the_picture_is_darkest_where_the_images_are(tmp_path):
    drawn = confusion.picture(np.diag([300, 1]), ["cat", "aardvark"])
    assert drawn.shape[0] == drawn.shape[1]
    corners = drawn[::-1, ::-1][3 :: confusion.CELL, 3 :: confusion.CELL][:2, :2, 0]
    np.testing.assert_array_equal(corners < 128, np.eye(2, dtype=bool))
    panels.save(tmp_path / "table.png", drawn)


def test_a_model_that_does_not_classify_is_explained(digits):
    with pytest.raises(UserError, match="a denoising model does not classify"):
        confusion.evaluate_confusion(tiny_model("denoising"), digits)
