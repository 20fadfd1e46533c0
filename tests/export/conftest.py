"""What the tests of exports share: tiny models, as a server gets them, and a server."""

import functools
import os
from collections.abc import Callable
from types import SimpleNamespace

import pytest

import zoo
from export import client
from tests.export.tiny_models import Served, serve

MODELS = ["classifier", "colorization", "completion", "denoising", "super_resolution", "vae"]
DEFAULTS = {
    "signature": "serving_default",
    "output_dir": None,
    "input": [],
    "model_version": None,
    "label": None,
    "batch": 16,
    "deadline": 20.0,
    "status": False,
    "metadata": False,
    "max_megapixels": 300,
    "overwrite": False,
    "strip_metadata": False,
}


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Callable[[str], Served]:
    """What is served of a tiny model, in a folder NAME/1: served("denoising")."""
    root = tmp_path_factory.mktemp("served")
    return functools.cache(lambda name: serve(name, root / name / "1"))


@pytest.fixture(scope="session")
def registry(served) -> dict[str, Served]:
    """The same for every registered model, by name."""
    return {name: served(name) for name in zoo.list_models()}


@pytest.fixture(scope="session")
def real_server() -> dict[str, str] | None:
    """Addresses of a server that someone has started on what `tiny_models` writes, by protocol.

    ZOO_SERVER_GRPC (HOST:PORT) and ZOO_SERVER_REST (http://HOST:PORT) say where; without them
    there is none, and tests make do with the stand-in.
    """
    found = {kind: os.environ.get(f"ZOO_SERVER_{kind.upper()}") for kind in ("gRPC", "REST")}
    return found if all(found.values()) else None


@pytest.fixture(scope="session")
def stand_in(real_server, served):
    """None where there is a real server."""
    if real_server:
        yield None
        return
    from tests.export.stand_in import StandIn

    started = StandIn([served(name).folder.parent for name in MODELS])
    yield started
    started.close()


@pytest.fixture
def faults(stand_in):
    """The stand-in, for what only it can be told to do."""
    if not stand_in:
        pytest.skip("a real server cannot be told to fail")
    return stand_in


@pytest.fixture(scope="session")
def addresses(real_server, stand_in, tmp_path_factory):
    """Of the gate before the server, as in a bundle."""
    if real_server:
        yield real_server
        return
    from tests.export.gate import Gate

    gate = Gate(tmp_path_factory.mktemp("gate"), stand_in.grpc_port, stand_in.rest_port)
    yield gate.addresses
    gate.close()


@pytest.fixture(params=["gRPC", "REST"])
def address(addresses, request):
    return addresses[request.param]


@pytest.fixture
def ask_at(monkeypatch, tmp_path):
    """The client in this process: ask_at(ADDRESS)("vae", PICTURES..., batch=3) -> output folder."""

    def at(address):
        def ask(name, *pictures, **given):
            known = DEFAULTS | {"run": name, "address": address, "output_dir": tmp_path / "out"}
            monkeypatch.setattr(client, "FLAGS", SimpleNamespace(**known | given))
            client.main([str(picture) for picture in pictures])
            return tmp_path / "out"

        return ask

    return at


@pytest.fixture
def ask(ask_at, address):
    """The same by gRPC, and by REST."""
    return ask_at(address)
