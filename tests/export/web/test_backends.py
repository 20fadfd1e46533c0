"""WebGPU, threads or none, int8, and inputs that no model of the zoo has: all give the same."""

import contextlib
import functools
import http.server
import threading

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

import zoo
from export import signatures
from export.litert import tflite
from export.web import page_folder
from tests.export.web.browsers import OPENED, RESTORED, Browser
from tests.export.web.conftest import served
from tests.export.web.test_restore_page import LIMIT, downloaded, give
from zoo import runs
from zoo.files import weights
from zoo.models import registry
from zoo.models.base import Model, Signature, Tensor

pytestmark = pytest.mark.slow
BACKEND = "() => document.getElementById('figure-backend').textContent"
SOFTWARE_GPU = "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"


@pytest.fixture
def small(photograph, tmp_path):
    """A color photograph of one tile, as PNG; and its pixels."""
    Image.fromarray(photograph[:90, :100]).save(tmp_path / "small.png")
    return tmp_path / "small.png", photograph[:90, :100]


def restored(browser, address, path) -> np.ndarray:
    browser.open(address)
    browser.wait(OPENED)
    give(browser, path)
    browser.wait(RESTORED, seconds=200)
    return downloaded(browser)


def apart(got, want) -> int:
    return int(np.abs(np.int16(got) - np.int16(want)).max())


def test_webgpu_gives_what_keras_gives(site, small):
    path, pixels = small
    browser = Browser("chromium", *SOFTWARE_GPU, "--enable-features=Vulkan")
    try:
        # Mirrored out to a whole tile here and in Keras, so that both see the same.
        padded = np.pad(pixels, [[0, 166], [0, 156], [0, 0]], "symmetric")
        got = restored(browser, f"{site}?backend=webgpu#sr_x3", path)
        if browser.see(BACKEND) != "WebGPU":
            pytest.skip("this Chromium has no WebGPU in software")
    finally:
        browser.close()
    want = zoo.from_preset("sr_x3").restore(padded)[: got.shape[0], : got.shape[1]]
    print(f"WebGPU: {apart(got, want)}/255")
    assert apart(got, want) <= LIMIT


def test_any_server_of_static_files_will_do(browser, web, site, small):
    """Without the headers that isolate a page there are no threads; all else is the same."""
    path, _ = small
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(web))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as plain:
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        alone = restored(browser, f"http://127.0.0.1:{plain.server_port}/#sr_x3", path)
        assert browser.see(BACKEND) == "WebAssembly"
        plain.shutdown()
    threaded = restored(browser, f"{site}#sr_x3", path)
    assert apart(alone, threaded) <= 1


def test_int8_files_are_fed_by_their_scales(browser, command, denoising_run, photograph, tmp_path):
    done = command(
        "-m", "export", "--web", f"--run={denoising_run}", f"--output_dir={tmp_path}",
        "--formats=int8", "--tile=32", "--report_images=1", "--calibration=5",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pixels = photograph[:32, :32, :1]
    Image.fromarray(pixels[..., 0]).save(tmp_path / "tile.png")
    with served(tmp_path / "web") as address:
        got = restored(browser, address, tmp_path / "tile.png")
    (path,) = tmp_path.glob("tflite/*.tflite")
    runner = Interpreter(str(path)).get_signature_runner("restore")
    assert runner.get_input_details()["image"]["dtype"] == np.uint8
    want = runner(image=pixels[np.newaxis])["image"][0]
    assert apart(got, want) <= 1


@pytest.fixture
def brightening(monkeypatch, tmp_path):
    """The folder of a page with a model that takes a number beside the image."""
    with contextlib.ExitStack() as stack:
        monkeypatch.setattr(registry, "_MODELS", dict(registry._MODELS))
        registry.register("brightening")(Brightening)
        model = registry.create("brightening")
        run = tmp_path / "brighter"
        runs.start(run, model, {"dataset": "digits"}, "")
        weights.save(run / "best.npz", weights.of_model(model))
        (run / "tflite").mkdir()
        path = run / "tflite/brighter.tflite"
        source = stack.enter_context(tflite.fixed(model, 32))
        tflite.write(source, ["restore"], path, "float32")
        described = signatures.describe(model, "brighter", 32, run, {"float32": [path]})
        runs.write_json(run / "signatures.json", described)
        yield page_folder.write(tmp_path, {str(run): run})


class Brightening(Model):
    """Image to the power of a declared number."""

    def __init__(self, channels: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels

    def example(self, record, seed):
        return record["image"], record["image"]

    def call(self, inputs, training=False):
        return inputs

    def signatures(self):
        image = Tensor((None, None, self.channels), "dark image", (0.0, 1.0))
        power = Tensor((), "smaller is brighter", (0.25, 1.0))
        return {
            "restore": Signature(
                lambda image, power: {
                    "image": keras.ops.power(image, keras.ops.reshape(power, [-1, 1, 1, 1]))
                },
                {"image": image, "power": power},
                {"image": image._replace(meaning="bright image")},
            )
        }


def test_a_number_beside_the_image_brings_a_slider(browser, brightening, photograph, tmp_path):
    pixels = photograph[:50, :70, :1]
    Image.fromarray(pixels[..., 0]).save(tmp_path / "dark.png")
    with served(brightening) as address:
        got = restored(browser, address, tmp_path / "dark.png")
        slider = "document.querySelector('#sliders input')"
        assert browser.see(f"() => [{slider}.min, {slider}.max]") == ["0.25", "1"]
        assert "smaller is brighter" in browser.run("return page.innerText('#sliders')")
        assert apart(got, np.round((pixels / 255) ** 0.625 * 255)) <= 1
        browser.run("await page.focus('#sliders input'); await page.keyboard.press('End')")
        browser.run("await page.waitForTimeout(1500)")
        browser.wait(RESTORED)
        assert apart(downloaded(browser), pixels) <= 1
