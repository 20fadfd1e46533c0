"""What is wrong or broken is said in a line; nothing leaves the machine."""

import http.server
import shutil
import threading

import numpy as np
import pytest

from tests.export.web.browsers import FAILED, OPENED, in_chromium
from tests.export.web.conftest import served
from zoo.files import image_files
from zoo.files.image_files import Picture

pytestmark = pytest.mark.slow
MESSAGE = "() => document.getElementById('message').textContent"


def damaged(web, tmp_path, path, change):
    """A copy of the folder in which one file has been changed."""
    copy = tmp_path / "web"
    shutil.copytree(web, copy)
    (copy / path).write_bytes(change((copy / path).read_bytes()))
    return copy


@pytest.mark.parametrize("page", ["index.html#sr_x3", "latents.html#vae_mnist_2d"])
@pytest.mark.parametrize("how", ["one bit", "cut short", "longer"])
def test_a_broken_model_is_told_by_its_hash(browser, web, tmp_path, page, how):
    name = page.split("#")[1]
    change = {
        "one bit": lambda b: b[:5000] + bytes([b[5000] ^ 1]) + b[5001:],
        "cut short": lambda b: b[:5000],
        "longer": lambda b: b + b"0",
    }[how]
    copy = damaged(web, tmp_path, f"{name}/tflite/{name}_float16.tflite", change)
    with served(copy) as address:
        browser.open(address + page)
        browser.wait(FAILED)
        assert f"{name}_float16.tflite is broken" in browser.see(MESSAGE)
        assert browser.see("() => document.getElementById('progress').hidden")


def test_a_missing_model_and_a_broken_index_are_told(browser, web, tmp_path):
    copy = damaged(web, tmp_path, "models.json", lambda b: b)
    (copy / "sr_x3/tflite/sr_x3_float16.tflite").unlink()
    with served(copy) as address:
        browser.open(f"{address}#sr_x3")
        browser.wait(FAILED)
        assert "sr_x3_float16.tflite cannot be read: 404" in browser.see(MESSAGE)
        (copy / "models.json").write_text("{")
        browser.open(address)
        browser.wait(FAILED)
        assert "models.json is broken" in browser.see(MESSAGE)


def test_after_a_broken_model_another_one_still_works(browser, web, tmp_path):
    copy = damaged(web, tmp_path, "sr_x3/tflite/sr_x3_float16.tflite", lambda b: b[::-1])
    with served(copy) as address:
        browser.open(f"{address}#sr_x3")
        browser.wait(FAILED)
        browser.run("await page.selectOption('#model', 'denoise_grey')")
        browser.wait(OPENED)
        assert browser.see("() => document.getElementById('message').hidden")


def test_a_file_that_is_no_picture_is_named(browser, site, tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    image_files.write(tmp_path / "photo.HEIC", Picture(np.zeros([64, 64, 3], np.uint8)))
    for page, name, reason in [
        ("index.html", "notes.png", "cannot be read as a picture"),
        ("latents.html", "notes.png", "cannot be read as a picture"),
        ("index.html", "photo.HEIC", "is HEIC, which this browser cannot read: save it as JPEG"),
    ]:
        browser.open(site + page)
        browser.wait(OPENED)
        browser.run("await page.setInputFiles('#file', values)", str(tmp_path / name))
        browser.wait(FAILED)
        assert f"“{name}” {reason}" in browser.see(MESSAGE)


def test_a_browser_without_webassembly_is_told_so(browser, site):
    browser.open("about:blank")
    browser.run(
        "await page.addInitScript(() => { delete globalThis.WebAssembly });await page.goto(values)",
        site,
    )
    browser.wait(FAILED)
    assert "no WebAssembly" in browser.see(MESSAGE)


@pytest.fixture
def elsewhere():
    """Another server's address, and what it has been asked."""
    asked = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Cross-Origin-Resource-Policy", "cross-origin")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}/", asked
        other.shutdown()


ASK = "(url) => fetch(url).then(() => 'answered', () => 'refused')"


def test_the_page_asks_no_other_server(browser, site, elsewhere):
    address, asked = elsewhere
    browser.open(site)
    browser.wait(OPENED)
    assert browser.see(ASK, address) == "refused"
    assert asked == []


@in_chromium
def test_the_worker_in_which_the_model_runs_asks_no_other_server(browser, site, elsewhere):
    address, asked = elsewhere
    browser.open(site)
    browser.wait(OPENED)
    # Its threads, where it has any, are busy waiting and answer nobody.
    model = "page.workers().find((worker) => worker.url().startsWith('blob:'))"
    assert browser.run(f"return {model}.evaluate({ASK}, values)", address) == "refused"
    assert asked == []
