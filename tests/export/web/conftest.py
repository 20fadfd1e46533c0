"""Pages of real presets on a server of their own, and a browser to look at them."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from export import web_server
from tests.export.web import browsers
from tests.export.web.browsers import Browser

RUNS = "denoise_grey", "sr_x3", "complete", "colorize", "detect_tiles", "vae_mnist_2d"
RUNS += ("beta_vae_sprites",)
TILE = 256


@pytest.fixture(scope="session", params=["chromium", "firefox"])
def browser(request) -> Iterator[Browser]:
    """A browser as a person has it; WebAssembly is its backend."""
    started = Browser(request.param, *(["--disable-gpu"] if request.param == "chromium" else []))
    yield started
    started.close()


@pytest.fixture(scope="session")
def web(command, mnist_dir, tmp_path_factory) -> Path:
    """The folder of a page with RUNS, as float16 with tiles of TILE."""
    browsers.require_packages()
    output = tmp_path_factory.mktemp("web")
    done = command(
        "-m", "export", "--web", f"--run={','.join(RUNS)}", f"--output_dir={output}",
        "--formats=float16", f"--tile={TILE}", "--report_images=2", "--calibration=1",
        f"--data_dir={mnist_dir}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return output / "web"


@pytest.fixture(scope="session")
def site(web) -> Iterator[str]:
    """Its address."""
    with served(web) as address:
        yield address


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder on a free port of this machine: its address."""
    with web_server.serve(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
