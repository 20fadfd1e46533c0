"""The latent page shows what Keras decodes."""

import numpy as np
import pytest

import zoo

pytestmark = pytest.mark.slow
LIMIT = 2  # of 255
READY = (
    "document.getElementById('progress').hidden && document.querySelector('#samples canvas')"
    " && document.getElementById('figure-time').textContent.includes('ms')"
)
# The code where the page is, latent by latent; and the image that it shows.
CODE = (
    "() => { const at = [...document.querySelectorAll('#sliders label')].map((row) =>"
    " [Number(row.firstChild.textContent.slice(1)), Number(row.querySelector('input').value)]);"
    " return at.sort((a, b) => a[0] - b[0]).map(([, value]) => value) }"
)
IMAGE = (
    "() => { const c = document.getElementById('image'); const { data } ="
    " c.getContext('2d').getImageData(0, 0, c.width, c.height);"
    " return [c.height, c.width, [...data].filter((_, i) => i % 4 === 0)] }"
)


def shown(browser) -> tuple[np.ndarray, np.ndarray]:
    """The code [1, latents] and the gray image [h, w], uint8, once it has been decoded."""
    browser.run("await page.waitForTimeout(1000)")
    height, width, pixels = browser.see(IMAGE)
    return np.float32([browser.see(CODE)]), np.uint8(pixels).reshape(height, width)


def difference(preset: str, code: np.ndarray, image: np.ndarray) -> float:
    """The largest, of 255."""
    want = np.asarray(zoo.from_preset(preset).decode(code))[0, ..., 0] * 255
    return float(np.abs(want - image).max())


def test_dragging_in_the_plane_shows_what_keras_decodes(browser, site):
    browser.open(f"{site}latents.html#vae_mnist_2d")
    browser.wait(READY)
    begun = shown(browser)[0]
    browser.run(
        "const { x, y, width, height } = await page.locator('#plane').boundingBox();"
        "await page.mouse.move(x + width / 2, y + height / 2); await page.mouse.down();"
        "await page.mouse.move(x + 0.8 * width, y + 0.75 * height, { steps: 9 });"
        "await page.mouse.up()"
    )
    code, image = shown(browser)
    print(f"vae_mnist_2d at {code}: {difference('vae_mnist_2d', code, image):.3f}/255")
    assert not np.allclose(code, begun)
    np.testing.assert_allclose(code, [[0.6 * 3, -0.5 * 3]], atol=0.05)
    assert difference("vae_mnist_2d", code, image) <= LIMIT


@pytest.mark.parametrize("preset", ["vae_mnist_2d", "beta_vae_sprites"])
def test_sliders_samples_and_the_way_between_show_what_keras_decodes(browser, site, preset):
    browser.open(f"{site}latents.html#{preset}")
    browser.wait(READY)
    seen = []
    for action in (
        "await page.locator('#sliders input').first().fill('1.5')",
        "await page.locator('#samples button').nth(2).click()",
        "await page.locator('#examples button').nth(1).click()",
        "await page.locator('#to').click(); await page.locator('#walk input').fill('40')",
        "await page.locator('#center').click()",
    ):
        browser.run(action)
        code, image = shown(browser)
        assert difference(preset, code, image) <= LIMIT, action
        seen.append(code)
    assert len(np.unique(np.round(np.concatenate(seen), 3), axis=0)) == len(seen)
    assert np.allclose(seen[-1], 0)


def test_what_is_drawn_is_encoded_as_keras_encodes_it(browser, site):
    browser.open(f"{site}latents.html#vae_mnist_2d")
    browser.wait(READY)
    browser.run(
        "const pad = page.locator('#pad'); await pad.scrollIntoViewIfNeeded();"
        "const { x, y, width, height } = await pad.boundingBox();"
        "await page.mouse.move(x + 0.5 * width, y + 0.2 * height); await page.mouse.down();"
        "await page.mouse.move(x + 0.5 * width, y + 0.8 * height, { steps: 9 });"
        "await page.mouse.up()"
    )
    _, image = shown(browser)
    drawn = browser.see(
        "async () => { const pad = document.getElementById('pad');"
        " const { drawn } = await import('./js/pixels.js');"
        " const black = new OffscreenCanvas(pad.width, pad.height);"
        " const context = black.getContext('2d'); context.fillRect(0, 0, pad.width, pad.height);"
        " context.drawImage(pad, 0, 0); const { data } ="
        " drawn(black, 28, 28).getContext('2d').getImageData(0, 0, 28, 28);"
        " return [...data].filter((_, i) => i % 4 === 0) }"
    )
    picture = np.float32(drawn).reshape(1, 28, 28, 1) / 255
    assert 0.02 < picture.mean() < 0.2
    want = np.asarray(zoo.from_preset("vae_mnist_2d").codes(picture))
    said = browser.see("() => document.getElementById('plane').getAttribute('aria-valuetext')")
    assert said == "z1 {:.2f}, z2 {:.2f}".format(*want[0])
    assert difference("vae_mnist_2d", want, image) <= LIMIT
