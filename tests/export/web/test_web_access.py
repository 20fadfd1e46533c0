"""The pages work by keyboard alone, on a phone's width, and in the dark."""

import pytest

from tests.export.web.browsers import OPENED, RESTORED, in_chromium

pytestmark = pytest.mark.slow
PAGES = "index.html#sr_x3", "latents.html#vae_mnist_2d", "latents.html#beta_vae_sprites"
# Tab until the focus is on what a selector finds; it must be visible on the way.
TAB = """
for (let i = 0; i < 60; i++) {
  await page.keyboard.press("Tab");
  const [there, visible, name] = await page.evaluate((selector) => {
    const focus = document.activeElement;
    const ring = focus.matches("#view input") ? focus.nextElementSibling : focus;
    const style = getComputedStyle(ring, focus === ring ? null : "::after");
    return [focus.matches(selector), style.outlineStyle !== "none", focus.outerHTML.slice(0, 80)];
  }, values);
  if (!visible) throw new Error(`the focus cannot be seen on ${name}`);
  if (there) return;
}
throw new Error(`the tabulator does not reach ${values}`);
"""


def press(browser, *keys: str) -> None:
    browser.run("for (const key of values) await page.keyboard.press(key)", keys)


def test_a_picture_is_restored_and_compared_by_keyboard(browser, site):
    browser.open(f"{site}#sr_x3")
    browser.wait(OPENED)
    browser.run(TAB, "#example")
    press(browser, "Enter")
    browser.wait(RESTORED)
    browser.run(TAB, "#view input")
    press(browser, "ArrowLeft", "ArrowLeft")
    text = "() => document.querySelector('#view input').getAttribute('aria-valuetext')"
    assert browser.see(text) == "48 % before, 52 % after"
    clip = "() => getComputedStyle(document.querySelector('#view .after')).clipPath"
    assert browser.see(clip).endswith("48%)")
    browser.run(TAB, "#download")
    assert "Done" in browser.see("() => document.getElementById('spoken').textContent")


def test_a_hole_is_painted_by_keyboard(browser, site):
    browser.open(f"{site}#complete")
    browser.wait(OPENED)
    browser.run(TAB, "#example")
    press(browser, "Enter")
    browser.wait(RESTORED)
    browser.run(TAB, "#again")
    press(browser, "Enter")
    browser.run("await page.focus('#clear')")
    press(browser, "Enter")
    painted = (
        "() => { const c = document.getElementById('mask'); const { data } ="
        " c.getContext('2d').getImageData(0, 0, c.width, c.height);"
        " return [...data].filter((v, i) => i % 4 === 3 && v > 127).length }"
    )
    assert browser.see(painted) == 0
    browser.run(TAB, "#mask")
    browser.run(
        "await page.keyboard.down(' '); for (let i = 0; i < 5; i++)"
        " await page.keyboard.press('ArrowRight'); await page.keyboard.up(' ')"
    )
    assert browser.see(painted) > 500
    browser.run("await page.focus('#restore')")
    press(browser, "Enter")
    browser.wait(RESTORED)


def test_the_plane_and_the_sliders_move_by_arrow_keys(browser, site):
    browser.open(f"{site}latents.html#vae_mnist_2d")
    browser.wait(OPENED)
    browser.run("await page.waitForTimeout(2000)")
    browser.run(TAB, "#center")
    press(browser, "Enter")
    browser.run(TAB, "#plane")
    press(browser, "ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown")
    text = "() => document.getElementById('plane').getAttribute('aria-valuetext')"
    assert browser.see(text) == "z1 0.20, z2 -0.40"
    browser.run(TAB, "#sliders input")
    press(browser, "ArrowLeft")
    assert browser.see(text) == "z1 0.10, z2 -0.40"


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_shows_all_without_scrolling_sideways(browser, site, page):
    browser.open(site + page, width=390, height=844)
    browser.wait(OPENED)
    browser.run("await page.waitForTimeout(1000)")
    assert browser.see("() => document.documentElement.scrollWidth <= innerWidth")
    small = (
        "() => [...document.querySelectorAll('button, select')].filter((e) => {"
        " const { width, height } = e.getBoundingClientRect();"
        " return width && Math.min(width, height) < 36 }).map((e) => e.outerHTML)"
    )
    assert browser.see(small) == []


@pytest.mark.parametrize("page", PAGES)
def test_text_is_readable_by_day(browser, site, page):
    readable(browser, site + page, "light")


@in_chromium
@pytest.mark.parametrize("page", PAGES)
def test_text_is_readable_in_the_dark(browser, site, page):
    readable(browser, site + page, "dark")


def readable(browser, address, scheme) -> None:
    """A contrast of 4.5 to 1 at least (WCAG 2.1, 1.4.3), of all text that is shown."""
    browser.open(address, colorScheme=scheme)
    browser.wait(OPENED)
    ground = browser.see("() => getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, ground[4:-1].split(","))) > 3 * 128
    assert light == (scheme == "light")
    weak = """() => {
      const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
      const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = (element) => {
        const color = numbers(getComputedStyle(element).backgroundColor);
        return color[3] === 0 ? ground(element.parentElement) : color;
      };
      const text = "p, h2, a, dt, dd, label, button:enabled, select, output";
      return [...document.querySelectorAll(text)]
        .filter((e) => e.checkVisibility({ checkVisibilityCSS: true }) && e.textContent.trim())
        .map((e) => {
          const pair = [luminance(numbers(getComputedStyle(e).color)), luminance(ground(e))];
          const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
          return [contrast, e.outerHTML.slice(0, 90)];
        })
        .filter(([contrast]) => contrast < 4.5);
    }"""
    assert browser.see(weak) == []


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_takes_the_focus_has_a_name(browser, site, page):
    browser.open(site + page)
    browser.wait(OPENED)
    browser.run("await page.waitForTimeout(1000)")
    nameless = """() => {
      const named = (e) => e.textContent.trim() || e.ariaLabel || e.labels?.length;
      return [...document.querySelectorAll("button, a, input, select, [tabindex='0']")]
        .filter((e) => e.checkVisibility() && !named(e))
        .map((e) => e.outerHTML);
    }"""
    assert browser.see(nameless) == []
