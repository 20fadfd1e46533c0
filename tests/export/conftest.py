"""What the tests of exports share: tiny models, as a server gets them, and a server."""

import functools
import os
from collections.abc import Callable

import pytest

import zoo
from tests.export.tiny_models import Served, serve


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
