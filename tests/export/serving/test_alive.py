"""The scripts that end a server which no longer answers, around servers that play one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from export.serving import bundle

SERVERS = {
    "hangs": "connections = socket.create_server(('127.0.0.1', PORT)); time.sleep(60)",
    "answers": "http.server.HTTPServer(('127.0.0.1', PORT), http.server.BaseHTTPRequestHandler)"
    ".serve_forever()",
    "is loading": "time.sleep(60)",
    "has failed": "sys.exit(3)",
}


@pytest.fixture
def serve(tmp_path):
    """serve("hangs") -> the process of serve.sh, which looks every 0.2 s and waits for 1 s."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    changes = {"8511": str(port), "timeout 30": "timeout 1", "sleep 10": "sleep 0.2"}
    for name in ("alive.sh", "serve.sh"):
        text = (bundle.TEMPLATES / name).read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        (tmp_path / name).write_text(text)
    started = []

    def start(kind: str) -> subprocess.Popen:
        program = tmp_path / "tensorflow_model_server"
        code = SERVERS[kind].replace("PORT", str(port))
        program.write_text(
            f"#!{sys.executable} -S\nimport http.server, socket, sys, time\n{code}\n"
        )
        program.chmod(0o755)
        process = subprocess.Popen(
            ["bash", tmp_path / "serve.sh", "--port=8510"],
            env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_server_that_hangs_is_ended(serve):
    assert serve("hangs").wait(30) == 128 + signal.SIGKILL


@pytest.mark.parametrize("kind", ["answers", "is loading"])
def test_one_that_answers_or_is_loading_goes_on_until_it_is_stopped(serve, kind):
    process = serve(kind)
    time.sleep(3)
    assert process.poll() is None
    process.terminate()
    assert process.wait(10) == 128 + signal.SIGTERM


def test_one_that_fails_by_itself_ends_with_its_own_status(serve):
    assert serve("has failed").wait(30) == 3
