"""A real TensorFlow Serving, where there is one: .github/workflows/serving.yml starts it.

It serves what `tests.export.tiny_models` writes, and the preset sr_x3, behind the gate of its
bundle. The stand-in is left
out here: it computes by the same sessions as the tests of `test_serving.py` do.
"""

import os

import numpy as np
import pytest
import tensorflow as tf

import zoo
from export.savedmodel import warmup
from export.serving import remote
from tests.export import attacks, fuzz
from zoo.files import image_files

PRESET = "sr_x3"


pytestmark = pytest.mark.skipif(
    "ZOO_SERVER_GRPC" not in os.environ,
    reason="no real server: set ZOO_SERVER_GRPC and ZOO_SERVER_REST",
)


@pytest.fixture(params=["gRPC", "REST"])
def address(real_server, request):
    return real_server[request.param]


def requests(folder):
    """(signature, inputs) of what warms a version up, which is one for each signature."""
    for request in warmup.read(folder):
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        yield request.model_spec.signature_name, inputs


def refusal(model, signature, inputs) -> str:
    """The reason for which a request is refused; empty where it is answered."""
    try:
        model.predict(signature, inputs)
    except remote.ServerError as error:
        return error.reason
    return ""


def test_every_model_is_available_with_every_signature(address, registry):
    for name, served in registry.items():
        model = remote.connect(address, name)
        assert [(v.number, v.state) for v in model.status()] == [(1, "AVAILABLE")]
        assert sorted(model.signatures()) == sorted(key for key, _ in requests(served.folder))


def test_every_signature_gives_what_keras_gives(address, registry):
    for name, (model, _, feeds) in registry.items():
        served = remote.connect(address, name)
        for signature, inputs in feeds.items():
            expected, got = model.serve[signature](inputs), served.predict(signature, inputs)
            assert set(got) == set(expected)
            for key, value in expected.items():
                np.testing.assert_allclose(
                    got[key], value, rtol=1e-5, atol=1e-5, err_msg=f"{name} {signature} {key}"
                )


def test_no_bad_request_ends_it(real_server, registry):
    """One of each kind for every input of every signature, by gRPC: JSON holds few of them."""
    random = np.random.default_rng(0)
    for name, served in registry.items():
        model = remote.connect(real_server["gRPC"], name)
        for signature, good in requests(served.folder):
            for key in good:
                kinds = fuzz.BAD_STRINGS if good[key].dtype == object else fuzz.BAD_NUMBERS
                for i in range(len(kinds)):
                    kind, value, must_fail = fuzz.bad_value(random, i, good[key])
                    reason = refusal(model, signature, good | {key: value})
                    assert bool(reason) or not must_fail, (name, signature, key, kind)
            assert model.predict(signature, good)


@pytest.mark.parametrize("kind", attacks.ATTACKS)
def test_no_attack_that_the_gate_knows_ends_it(real_server, kind):
    attack = attacks.ATTACKS[kind]
    status, reason = attacks.send(attack, real_server)
    assert status == attack.status, reason
    assert attack.by == "server" or attack.reason in reason  # its words are its own
    for address in real_server.values():
        assert remote.connect(address, "denoising").predict("restore", {"image": attacks.GOOD})


def test_a_preset_and_a_photograph_by_the_command(command, address, photograph, tmp_path):
    (tmp_path / "in.png").write_bytes(warmup.png(photograph[:100, :120]))
    done = command(
        *("-m", "export.client", f"--run={PRESET}", f"--address={address}"),
        *(f"--output_dir={tmp_path / 'out'}", tmp_path / "in.png"),
    )
    assert done.returncode == 0, done.stderr
    expected = zoo.from_preset(PRESET).restore(photograph[:100, :120])
    got = image_files.read(tmp_path / "out" / "in.png").pixels
    assert np.abs(got.astype(int) - expected).max() <= 1
