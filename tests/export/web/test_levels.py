"""The sliders of a ladder's levels show what Keras decodes."""

import keras
import numpy as np
import pytest

import zoo
from tests.export.web.conftest import served
from tests.export.web.test_latents_page import IMAGE, LIMIT, READY
from zoo import runs
from zoo.files import weights

pytestmark = pytest.mark.slow
DRAWN = "await page.locator('#samples button').nth(2).click(); await page.waitForTimeout(1000)"
SET = (
    "for (const level of await page.locator('#levels input').all()) await level.fill(values);"
    "await page.waitForTimeout(1000)"
)


@pytest.fixture
def ladder(tmp_path):
    """The folder of a run whose latents all matter."""
    keras.utils.set_random_seed(0)
    model = zoo.create("ladder_vae", image_size=8, width=8, groups=[1, 2], latents=[2, 1], patch=1)
    random = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign_add(0.2 * random.standard_normal(variable.shape))
    run = tmp_path / "ladder"
    runs.start(run, model, {"dataset": "digits", "validation_split": "test"}, "")
    weights.save(run / "best.npz", weights.of_model(model))
    return run


def test_levels_fade_to_what_is_likely_and_back(browser, command, ladder, tmp_path):
    page = tmp_path / "page"
    done = command(
        "-m", "export", "--web", f"--run={ladder}", f"--output_dir={page}",
        "--formats=float32", "--report_images=1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    model = zoo.load(ladder)
    with served(page / "web") as address:
        browser.open(f"{address}latents.html#ladder")
        browser.wait(READY)
        assert browser.see("() => document.querySelectorAll('#levels input').length") == 3
        browser.run(DRAWN)
        begun = pixels(browser)
        browser.run(SET, "0")
        expected = np.asarray(model.decode(np.zeros([1, model.latent_dim], np.float32)))
        assert np.abs(255 * expected[0, ..., 0] - pixels(browser)).max() <= LIMIT
        assert np.abs(begun - pixels(browser)).max() > 5 * LIMIT
        browser.run(SET, "1")
        np.testing.assert_array_equal(pixels(browser), begun)


def pixels(browser) -> np.ndarray:
    height, width, values = browser.see(IMAGE)
    return np.float32(values).reshape(height, width)
