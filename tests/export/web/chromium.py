"""A real headless Chromium that pytest drives, by Playwright for Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from export.web import page_folder
from zoo.cli import UserError

NAMES = "chromium", "chromium-browser", "google-chrome"

# What a page can be waited for.
OPENED = "document.getElementById('figure-size').textContent.includes('MB')"
RESTORED = "document.querySelector('#view.compared') && document.getElementById('progress').hidden"
FAILED = "!document.getElementById('message').hidden"


class Chromium:
    """One process of the browser, with one page at a time."""

    def __init__(self, *arguments: str):
        require()
        command = ["node", str(Path(__file__).with_name("drive.mjs")), str(page_folder.ROOT)]
        command += [_executable(), *arguments]
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

    def close(self) -> None:
        self._process.communicate()

    def _ask(self, message: dict) -> Any:
        print(json.dumps(message), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]


def require() -> None:
    """Skips a test where the browser or a package of npm is missing."""
    if not _executable():
        pytest.skip("no Chromium: apt-get install chromium")
    require_node()
    try:
        page_folder.check(["float32"])
    except UserError as error:
        pytest.skip(str(error))
    if not (page_folder.ROOT / "node_modules" / "playwright-core").is_dir():
        pytest.skip("no playwright-core: npm ci --prefix export/web")


def require_node() -> None:
    """Skips a test where Node.js is missing."""
    if not shutil.which("node"):
        pytest.skip("no Node.js")


def _executable() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)
