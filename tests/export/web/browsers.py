"""A real headless browser that pytest drives, by Playwright for Node."""

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from export.web import page_folder
from tests.conftest import missing
from zoo.cli import UserError

# What each may be called, Debian's package first.
COMMANDS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}
# Both with a camera that asks nobody and shows a test picture.
LAUNCH = {
    "chromium": {
        "args": [
            "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-quic",
            "--disable-component-update", "--disable-sync",
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        ],
    },
    "firefox": {
        "args": [],
        "channel": "moz-firefox",  # as Mozilla builds it, by WebDriver BiDi
        "firefoxUserPrefs": {
            # No threads: where WebDriver watches a worker, what it starts at times never comes up
            # (in 4 of some 100 pages, on a busy machine; in none of 86 without WebDriver).
            "dom.postMessage.sharedArrayBuffer.withCOOP_COEP": False,
            "media.navigator.permission.disabled": True,
            "media.navigator.streams.fake": True,
        },
    },
}  # fmt: skip

# What a page can be waited for.
OPENED = "document.getElementById('figure-size').textContent.includes('MB')"
RESTORED = "document.querySelector('#view.compared') && document.getElementById('progress').hidden"
FAILED = "!document.getElementById('message').hidden"

# A test of what Playwright cannot do in Firefox: run code in a worker, ask for dark pages.
in_chromium = pytest.mark.parametrize("browser", ["chromium"], indirect=True)


class Browser:
    """One process of "chromium" or "firefox", with one page at a time."""

    def __init__(self, name: str, *arguments: str):
        require(name)
        self.name = name
        self._saved = tempfile.TemporaryDirectory()
        launch = {"executablePath": _executable(name), "downloadsPath": self._saved.name}
        launch |= LAUNCH[name] | {"args": [*LAUNCH[name]["args"], *arguments]}
        drive = Path(__file__).with_name("drive.mjs")
        command = ["node", str(drive), str(page_folder.ROOT), name, json.dumps(launch)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, **pipes)

    def open(self, url: str, width: int = 1280, height: int = 900, **options: Any) -> None:
        """A new page in a context of its own, at an address."""
        options |= {"viewport": {"width": width, "height": height}}
        self._ask({"code": "await page.goto(values)", "values": url, "options": options})

    def run(self, code: str, values: Any = None) -> Any:
        """Runs JavaScript, the body of an async function of (page, values), beside the page."""
        return self._ask({"code": code, "values": values})

    def see(self, expression: str, values: Any = None) -> Any:
        """What a function of `values` gives, in the page."""
        return self.run(f"return page.evaluate({expression}, values)", values)

    def wait(self, expression: str, seconds: float = 60) -> None:
        """Until an expression holds in the page."""
        code = f"await page.waitForFunction(() => {expression}, null, {{ timeout: values }})"
        self.run(code, 1000 * seconds)

    def save(self, selector: str) -> bytes:
        """Clicks what saves a file, and takes the file: Playwright hears nothing of Firefox's."""
        self.run("await page.click(values)", selector)
        late = time.monotonic() + 30
        while time.monotonic() < late:
            for path in Path(self._saved.name).iterdir():
                if path.suffix not in (".part", ".crdownload") and (content := path.read_bytes()):
                    path.unlink()
                    return content
            time.sleep(0.05)
        raise AssertionError(f"{selector} saves nothing")

    def close(self) -> None:
        self._process.communicate()
        self._saved.cleanup()

    def _ask(self, message: dict) -> Any:
        print(json.dumps(message), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]


def require(name: str) -> None:
    """Skips a test where the browser is missing, or what drives it."""
    if not _executable(name):
        missing(name, f"no {name}: apt-get install {COMMANDS[name][0]}")
    require_node()
    require_packages()
    if not (page_folder.ROOT / "node_modules" / "playwright-core").is_dir():
        missing("node", "no playwright-core: npm ci --prefix export/web")


def require_packages() -> None:
    """Skips a test where packages of npm are missing that a page is made of."""
    try:
        page_folder.check(["float32"])
    except UserError as error:
        missing("node", str(error))


def require_node() -> None:
    """Skips a test where Node.js is missing."""
    if not shutil.which("node"):
        missing("node", "no Node.js: apt-get install nodejs npm")


def _executable(name: str) -> str | None:
    return next(filter(None, map(shutil.which, COMMANDS[name])), None)
