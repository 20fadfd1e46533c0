"""The restoration page shows what Keras computes."""

import io

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.export.web.browsers import OPENED, RESTORED
from tests.export.web.conftest import TILE
from zoo.detection import pictures
from zoo.models import tiles

pytestmark = pytest.mark.slow
LIMIT = 2  # of 255


@pytest.fixture
def noisy(photograph, tmp_path):
    """A photograph of several tiles with noise of sigma 25, as PNG; and its pixels."""

    def save(channels: int, height: int, width: int):
        pixels = photograph[:height, :width]
        noise = np.random.default_rng(0).normal(scale=25, size=pixels.shape)
        pixels = np.uint8(np.clip(np.round(pixels + noise), 0, 255))
        if channels == 1:
            pixels = pixels[..., :1]
        path = tmp_path / "noisy.png"
        Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(path)
        return path, pixels

    return save


def give(browser, path) -> None:
    browser.run("await page.setInputFiles('#file', values)", str(path))


def open_and_restore(browser, address: str, path) -> None:
    browser.open(address)
    browser.wait(OPENED)
    give(browser, path)
    browser.wait(RESTORED)


def downloaded(browser) -> np.ndarray:
    """What the page's button saves, [h, w, c]."""
    return np.asarray(Image.open(io.BytesIO(browser.save("#download"))).convert("RGB"))


@pytest.mark.parametrize(
    ("preset", "channels", "sides"),
    [("denoise_grey", 1, (427, 640)), ("sr_x3", 3, (300, 310)), ("colorize", 1, (300, 640))],
)
def test_restored_pixels_are_those_of_keras(browser, site, noisy, preset, channels, sides):
    path, pixels = noisy(channels, *sides)
    open_and_restore(browser, f"{site}#{preset}", path)
    got = downloaded(browser)
    want = zoo.from_preset(preset).restore(pixels)
    apart = np.abs(np.int16(got) - np.int16(want))
    print(f"{preset}: largest difference {apart.max()}/255", browser.see(FIGURES))
    assert got.shape[:2] == want.shape[:2]
    assert apart.max() <= LIMIT
    assert browser.see("() => document.querySelectorAll('#message:not([hidden])').length") == 0


FIGURES = "() => document.querySelector('.figures').innerText.replaceAll('\\n', ' ')"


def test_strength_mixes_the_picture_and_what_was_made_of_it(browser, site, noisy):
    path, pixels = noisy(1, 100, 120)
    open_and_restore(browser, f"{site}#denoise_grey", path)
    whole = downloaded(browser).astype(float)
    browser.run("await page.locator('#strength').fill('0')")
    np.testing.assert_array_equal(downloaded(browser), pixels.repeat(3, -1))
    browser.run("await page.locator('#strength').fill('50')")
    np.testing.assert_allclose(downloaded(browser), (whole + pixels) / 2, atol=1.5)


def test_the_result_is_what_the_next_model_goes_on_from(browser, site, noisy):
    path, pixels = noisy(1, 100, 120)
    open_and_restore(browser, f"{site}#denoise_grey", path)
    clean = downloaded(browser)[..., :1]
    browser.run("await page.click('#further')")
    assert browser.see("() => document.getElementById('further').hidden")
    browser.run("await page.selectOption('#model', 'colorize')")
    browser.wait(RESTORED)
    got = downloaded(browser)
    assert np.abs(np.int16(got) - zoo.from_preset("colorize").restore(clean)).max() <= LIMIT
    assert np.abs(np.int16(got) - zoo.from_preset("colorize").restore(pixels)).max() > 10


def test_a_picture_glows_where_keras_finds_it_hot(browser, site, noisy):
    path, pixels = noisy(1, 120, 160)
    pixels[40:60, 50:70] = 0
    Image.fromarray(pixels[..., 0]).save(path)
    open_and_restore(browser, f"{site}#detect_tiles", path)
    finding = zoo.from_preset("detect_tiles").detect(pixels)
    verdict = "not like the good ones" if finding.defective else "like the good ones"
    said = browser.run("return page.locator('#note').innerText()")
    assert said.startswith(verdict)
    assert float(said.split()[-1]) == pytest.approx(finding.score, abs=0.002)
    want = pictures.glowing(pixels, finding.heat)
    assert np.abs(np.int16(downloaded(browser)) - want).max() <= 4


def test_a_hole_painted_by_hand_is_filled_as_keras_fills_it(browser, site, noisy):
    path, pixels = noisy(3, 300, 400)
    browser.open(f"{site}#complete")
    browser.wait(OPENED)
    give(browser, path)
    browser.wait("document.querySelector('#view.painting')")
    browser.run("await page.click('#restore')")
    message = browser.run("return page.locator('#message:visible').innerText()")
    assert "Nothing is painted yet" in message
    browser.run(
        "const { x, y } = await page.locator('#mask').boundingBox();"
        "await page.mouse.move(x + 200, y + 200); await page.mouse.down();"
        "await page.mouse.move(x + 330, y + 260, { steps: 4 }); await page.mouse.up();"
    )
    painted = browser.see(
        "() => { const c = document.getElementById('mask'); const { data } ="
        " c.getContext('2d').getImageData(0, 0, c.width, c.height);"
        " return [...data].filter((_, i) => i % 4 === 3) }"
    )
    browser.run("await page.click('#restore')")
    browser.wait(RESTORED)
    got = downloaded(browser)
    mask = np.float32(np.reshape(painted, (300, 400, 1)) > 127)
    assert 0.01 < mask.mean() < 0.2
    want = tiles.restore(zoo.from_preset("complete"), pixels, tile=TILE, mask=mask)
    apart = np.abs(np.int16(got) - np.int16(want))
    whole = np.abs(np.int16(got) - np.int16(zoo.from_preset("complete").restore(pixels, mask=mask)))
    print(f"complete: {apart.max()}/255 by the same tiles, {whole.max()}/255 by larger ones")
    assert apart.max() <= LIMIT
    assert np.array_equal(got[mask[..., 0] == 0], pixels[mask[..., 0] == 0])


def test_a_gray_model_takes_the_color_away_and_says_so(browser, site, noisy):
    path, pixels = noisy(3, 60, 80)
    open_and_restore(browser, f"{site}#denoise_grey", path)
    assert "gray" in browser.see("() => document.getElementById('note').textContent")
    got = downloaded(browser)
    assert np.array_equal(got[..., 0], got[..., 1])
    assert got.shape == pixels.shape


def test_a_run_can_be_cancelled_and_begun_again(browser, site, noisy):
    path, _ = noisy(1, 427, 640)
    browser.open(f"{site}#denoise_grey")
    browser.wait(OPENED)
    give(browser, path)
    browser.wait("document.querySelector('#progress span').textContent.includes('tile 1 of')")
    browser.run("await page.click('#cancel')")
    browser.run("await page.waitForTimeout(1500)")  # the tile that was on its way is done
    assert browser.see(
        "() => document.getElementById('progress').hidden"
        " && !document.querySelector('#view.compared') && document.getElementById('message').hidden"
    )
    browser.run("await page.click('#restore')")
    browser.wait(RESTORED)


def test_the_camera_gives_a_picture(browser, site):
    browser.open(f"{site}#sr_x3")
    browser.wait(OPENED)
    browser.run("await page.click('#camera'); await page.click('dialog[open] .primary')")
    browser.wait(RESTORED, seconds=240)
    assert browser.see("() => document.querySelector('#view .after').width") > 1000


def test_a_picture_too_large_for_a_phone_is_reduced_and_says_so(browser, site, tmp_path):
    path = tmp_path / "large.png"
    Image.new("RGB", (3000, 1000), "teal").save(path)
    browser.open(f"{site}#sr_x3")
    browser.wait(OPENED)
    give(browser, path)
    browser.wait("document.getElementById('note').textContent")
    note = browser.see("() => document.getElementById('note').textContent")
    assert note == "Reduced from 3000×1000 to 2309×769 pixels."  # noqa: RUF001
    browser.run("await page.click('#cancel')")
