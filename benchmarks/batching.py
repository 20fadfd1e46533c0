"""Requests of one row each: what batching of them gives, and what it costs.

    python -m benchmarks.batching --run=vae_mnist --signature=reconstruct
    python -m benchmarks.batching --run=denoise_grey --signature=restore --side=128

Clients are threads that ask a graph session, as the C++ server does, one request after the other;
transport is left out. No TensorFlow Serving is asked: what its --enable_batching does is imitated by the
same scheduler of TensorFlow, put around the whole signature with its guards, 2 ms and 8 rows.
"""

import statistics
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

import keras
import numpy as np
import tensorflow as tf
from absl import flags
from tensorflow.core.protobuf.config_pb2 import CallableOptions

from benchmarks import machine
from export.savedmodel import batching, guards
from zoo import cli, runs
from zoo.models.base import Model

FLAGS = flags.FLAGS


def main() -> None:
    model = runs.load(FLAGS.run)
    sides = {
        k: s._replace(
            inputs={a: _fixed(t) for a, t in s.inputs.items()},
            outputs={a: _fixed(t) for a, t in s.outputs.items()},
        )
        for k, s in model.signatures().items()
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(model, "signatures", lambda: sides),
    ):
        sides_ = {
            kind: _session(model, make(model), Path(folder) / kind) for kind, make in KINDS.items()
        }
    found = {}
    for _ in range(FLAGS.rounds):
        for kind, ask in sides_.items():
            for clients in (1, 8):
                found.setdefault((kind, clients), []).append(_measure(ask, clients))
    print(machine.described())
    for (kind, clients), rows in found.items():
        rate, middle, last = (statistics.median(column) for column in zip(*rows, strict=True))
        print(
            f"{kind:12} {clients} {rate:8.0f}/s p50 {middle:7.2f} p99 {last:7.2f} ms  "
            + " ".join(f"{r[0]:.0f}" for r in rows)
        )


def _fixed(t):
    return t._replace(shape=tuple(FLAGS.side if n is None else n for n in t.shape))


def _plain(model):
    with mock.patch.object(batching, "joined", lambda call, *_: call):
        return _traced(model, guards.guarded(model, FLAGS.signature))


def _around(model):
    with mock.patch.multiple(batching, MOST_ROWS=8, TIMEOUT=2000, THREADS=2):
        call = batching.joined(_plain(model), model.signatures()[FLAGS.signature], "around")
        return _traced(model, call)


def _traced(model, call):
    f = tf.function(call, input_signature=[model.signatures()[FLAGS.signature].specs()])
    f.get_concrete_function()
    return f


KINDS = {
    "none": _plain,
    "session": _around,
    "graph": lambda m: _traced(m, guards.guarded(m, FLAGS.signature)),
}


def _session(model, call, folder):
    archive = keras.export.ExportArchive()
    archive.track(model)
    specs = model.signatures()[FLAGS.signature].specs()
    archive.add_endpoint("it", call)
    archive.write_out(str(folder), verbose=False)
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default():
        d = tf.compat.v1.saved_model.load(session, ["serve"], str(folder)).signature_def["it"]
    f = session._make_callable_from_options(
        CallableOptions(
            feed=[d.inputs[k].name for k in sorted(d.inputs)],
            fetch=[d.outputs[k].name for k in sorted(d.outputs)],
        )
    )
    r = np.random.default_rng(0)
    given = [r.random([1, *specs[k].shape[1:]], np.float32) for k in sorted(d.inputs)]
    for _ in range(20):
        f(*given)
    return lambda: f(*given)


def _measure(ask, clients):
    lat = []
    end = time.perf_counter() + FLAGS.seconds

    def go():
        while (begun := time.perf_counter()) < end:
            ask()
            lat.append(time.perf_counter() - begun)

    ts = [threading.Thread(target=go) for _ in range(clients)]
    t0 = time.perf_counter()
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    dt = time.perf_counter() - t0
    return len(lat) / dt, 1e3 * np.median(lat), 1e3 * np.percentile(lat, 99)


if __name__ == "__main__":
    import os

    for k in ("MOST_ROWS", "TIMEOUT", "THREADS"):
        if k in os.environ:
            setattr(batching, k, int(os.environ[k]))
    flags.DEFINE_string("run", "vae_mnist", "A run's folder, or a preset's name.")
    flags.DEFINE_string("signature", "reconstruct", "Of the model's.")
    flags.DEFINE_integer("side", 128, "Of pictures, where the model takes any.")
    flags.DEFINE_integer("rounds", 3, "Turns of all.")
    flags.DEFINE_float("seconds", 3.0, "Of each measurement.")
    cli.run(main)
