"""The REST transport's connections: kept, opened anew, and what goes wrong with them."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from export.serving.protocol import ServerError, Target
from export.serving.rest import Rest

TARGET = Target("m")


class Server(ThreadingHTTPServer):
    """Answers every question by `answer`; `ports` are those that it was asked from."""

    daemon_threads = True
    answer, headers, pause = b'{"model_version_status": []}', (), 0.0

    def __init__(self):
        super().__init__(("localhost", 0), Handler)
        self.ports = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.ports.append(self.client_address[1])
        time.sleep(self.server.pause)
        self.send_response(200)
        for name, value in self.server.headers or [("Content-Length", len(self.server.answer))]:
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as started:
        yield started
        started.shutdown()


@pytest.fixture
def rest(server):
    return Rest(f"http://localhost:{server.server_address[1]}")


def test_one_connection_serves_many_questions(server, rest):
    for _ in range(5):
        assert rest.status(TARGET, 5) == []
    assert len(server.ports) == 5
    assert len(set(server.ports)) == 1


def test_a_connection_that_the_server_has_closed_is_opened_anew(server, rest):
    server.headers = [("Content-Length", len(server.answer)), ("Connection", "close")]
    for _ in range(3):
        assert rest.status(TARGET, 5) == []
    assert len(set(server.ports)) == 3


def test_a_late_answer_is_told_from_a_missing_server(server, rest):
    server.pause = 0.5
    with pytest.raises(ServerError, match="DEADLINE_EXCEEDED: timed out"):
        rest.status(TARGET, 0.1)
    with pytest.raises(ServerError, match=r"UNAVAILABLE: \[Errno 111\] Connection refused"):
        Rest("http://localhost:1").status(TARGET, 5)


def test_an_answer_that_stops_half_way_or_is_no_json_is_named(server, rest):
    server.headers = [("Content-Length", 999), ("Connection", "close")]
    with pytest.raises(ServerError, match="UNAVAILABLE: IncompleteRead"):
        rest.status(TARGET, 5)
    server.answer, server.headers = b"<html>", ()
    with pytest.raises(ServerError, match="INTERNAL: the answer is not JSON"):
        rest.status(TARGET, 5)


def test_proxies_of_the_environment_are_not_asked(monkeypatch, rest):
    monkeypatch.setenv("http_proxy", "http://localhost:1")
    assert rest.status(TARGET, 5) == []
