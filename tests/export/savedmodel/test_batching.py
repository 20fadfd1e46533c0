"""Requests are joined in the graph, and none suffers from its neighbors."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from export.savedmodel import batching
from tests.export.graph_session import GraphSession
from zoo.models.base import Signature, Tensor

CLIENTS = 8


@pytest.fixture(scope="module")
def session(served):
    return GraphSession(served("vae").folder)


def at_once(*calls):
    """What each call gives, or the error that it raises, when all are made by `CLIENTS` at once."""

    def told(call):
        try:
            return call()
        except tf.errors.OpError as error:
            return error

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(told, calls))


def test_requests_that_come_while_others_run_share_a_run():
    number = Tensor((), "a number")

    def slow(inputs):
        """How many rows a run has, after some work."""
        work = tf.reduce_sum(tf.linalg.expm(tf.random.normal([300, 300])))
        rows = tf.cast(tf.shape(inputs["x"])[:1], tf.float32)
        return {"rows": tf.zeros_like(inputs["x"]) + rows + 0.0 * work, "x": inputs["x"]}

    signature = Signature(slow, {"x": number}, {"rows": number, "x": number})
    specs = signature.specs()
    call = tf.function(batching.joined(slow, signature, "slow"), input_signature=[specs])
    given = [np.full([1 + i % 3], i, np.float32) for i in range(40)]
    got = at_once(*(lambda x=x: call({"x": tf.constant(x)}) for x in given))
    for x, answer in zip(given, got, strict=True):
        np.testing.assert_array_equal(answer["x"], x)
    rows = {int(answer["rows"][0]) for answer in got}
    assert 3 < max(rows) <= batching.MOST_ROWS
    large = np.arange(batching.MOST_ROWS + 1, dtype=np.float32)
    assert call({"x": tf.constant(large)})["rows"][0] == len(large)


def test_each_is_answered_as_if_it_were_alone(session, served):
    """Of a signature with several inputs."""
    model, _, feeds = served("vae")
    inputs = feeds["anomaly_score"]
    expected = model.serve["anomaly_score"](inputs)["score"]
    parts = [slice(i, i + rows) for rows in (1, 2) for i in range(3)] * 4

    def ask(part):
        return session("anomaly_score", {key: value[part] for key, value in inputs.items()})

    for part, got in zip(parts, at_once(*(lambda x=x: ask(x) for x in parts)), strict=True):
        np.testing.assert_allclose(got["score"], expected[part], rtol=1e-6, atol=1e-5)


def test_a_bad_request_fails_alone(session, served):
    image = served("vae").feeds["reconstruct"]["image"]
    bad = [image[:0], image[0], image[:, :-1], np.full_like(image, np.nan), np.zeros([1, 0, 0, 1])]
    expected = session("reconstruct", {"image": image})["image"]
    asked = [*itertools.chain.from_iterable((image, one) for one in bad)] * 5
    got = at_once(*(lambda x=x: session("reconstruct", {"image": x}) for x in asked))
    for answer in got[::2]:
        np.testing.assert_allclose(answer["image"], expected, atol=1e-5)
    assert {type(answer) for answer in got[1::2]} == {tf.errors.InvalidArgumentError}


def test_what_is_large_already_runs_by_itself(session, served):
    image = np.repeat(served("vae").feeds["reconstruct"]["image"], batching.MOST_ROWS, 0)
    got = session("reconstruct", {"image": image})["image"]
    expected = served("vae").model.serve["reconstruct"]({"image": image})["image"]
    np.testing.assert_allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize(("name", "is_joined"), [("vae", True), ("denoising", False)])
def test_only_what_has_one_size_is_joined(served, name, is_joined):
    saved = SavedModel.FromString((served(name).folder / "saved_model.pb").read_bytes())
    functions = saved.meta_graphs[0].graph_def.library.function
    joining = {node.attr["batching_queue"].s for f in functions for node in f.node_def} - {b""}
    assert joining == ({key.encode() for key in served(name).feeds} if is_joined else set())
