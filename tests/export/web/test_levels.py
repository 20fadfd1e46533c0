"""The sliders of a ladder's levels show what Keras decodes."""

import numpy as np
import pytest

import zoo
from tests.export.web.conftest import served
from tests.export.web.test_latents_page import IMAGE, LIMIT, READY

pytestmark = pytest.mark.slow
SET = (
    "for (const level of await page.locator('#levels input').all()) await level.fill(values);"
    "await page.waitForTimeout(1000)"
)


def test_levels_fade_to_what_is_likely_and_back(browser, command, tmp_path):
    ladder, page = tmp_path / "ladder", tmp_path / "page"
    for given in (
        ["train.py", "--model=ladder_vae", "--dataset=digits", "--patch=1", "--groups=2,2",
         "--latents=4,2", "--width=16", "--steps=60", "--validation_limit=20",
         f"--output_dir={ladder}"],
        ["-m", "export", "--web", f"--run={ladder}", f"--output_dir={page}", "--formats=float32",
         "--report_images=1"],
    ):  # fmt: skip
        done = command(*given)
        assert done.returncode == 0, done.stderr
    model = zoo.load(ladder)
    with served(page / "web") as address:
        browser.open(f"{address}latents.html#ladder")
        browser.wait(READY)
        assert browser.see("() => document.querySelectorAll('#levels input').length") == 4
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
