"""Sends bad requests to every signature of SavedModels, in a process that may die of it.

    python -m tests.export.fuzz COUNT VERSION_FOLDER...

What ends a server before any graph is reached cannot be tried here: see `attacks.py`.
Prints a line of JSON for each folder: how many requests were refused and answered, and the
reasons. The last line on stderr is the request under way.
"""

import collections
import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from export.savedmodel import guards, warmup
from tests.export import bad_files
from tests.export.graph_session import GraphSession


def main(count: int, folders: list[Path]) -> None:
    for folder in folders:
        session, random = GraphSession(folder), np.random.default_rng(0)
        reasons = collections.Counter()
        answered = 0
        for request in warmup.read(folder):
            name = request.model_spec.signature_name
            good = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            expected = session(name, good)
            for i in range(count):
                key = str(random.choice(sorted(good)))
                kind, value, must_fail = bad_value(random, i, good[key])
                print(folder, name, key, kind, np.shape(value), file=sys.stderr, flush=True)
                try:
                    session(name, good | {key: value})
                    answered += 1
                    if must_fail:
                        raise SystemExit(f"{name} answered {kind} in {key}")
                except tf.errors.InvalidArgumentError as error:
                    reasons[f"{kind}: {reason(error)}"] += 1
            for key, value in session(name, good).items():
                np.testing.assert_array_equal(value, expected[key])
        told = {"refused": reasons.total(), "answered": answered, "reasons": sorted(reasons)}
        print(json.dumps({"folder": str(folder)} | told), flush=True)


def bad_value(random: np.random.Generator, i: int, good: np.ndarray):
    """The i-th bad value for an input: (kind, value, whether it must be refused)."""
    kinds = BAD_STRINGS if good.dtype == object else BAD_NUMBERS
    if good.dtype.kind in "ui":
        kinds = {k: v for k, v in kinds.items() if k not in ("NaN", "infinity")}
    names = [*kinds, "random"]
    kind = names[i] if i < len(names) else str(random.choice(names))
    if kind != "random":
        return kind, kinds[kind](random, good), True
    if good.dtype == object:
        return kind, np.array([bad_files.flipped(random)], object), False
    shape = random.integers(0, 9, random.integers(0, 6))
    return kind, random.normal(size=shape).astype(good.dtype), False


def _with(value: float):
    def change(random: np.random.Generator, good: np.ndarray) -> np.ndarray:
        bad = good.copy()
        bad.reshape(-1)[random.integers(bad.size)] = value
        return bad

    return change


def _huge(good: np.ndarray) -> np.ndarray:
    """16 megapixels, or somewhat more than the most numbers."""
    if good.ndim == 4:
        return np.zeros([1, 4000, 4000, good.shape[-1]], good.dtype)
    row = good.shape[1:]
    return np.zeros([guards.MAX_NUMBERS // int(np.prod(row)) + 1, *row], good.dtype)


BAD_NUMBERS = {
    "rank too low": lambda _, x: x[0],
    "rank too high": lambda _, x: x[np.newaxis],
    "a scalar": lambda _, x: x.reshape(-1)[0],
    "a flat list": lambda _, x: x.reshape(-1)[:3] if x.ndim > 1 else x[np.newaxis],
    "one too many at the end": lambda _, x: np.concatenate([x, x[..., :1]], -1),
    "nothing at the end": lambda _, x: x[..., :0],
    "an empty batch": lambda _, x: x[:0],
    "no sides": lambda _, x: x[:, :0, :0] if x.ndim == 4 else x[:0],
    "huge": lambda _, x: _huge(x),
    "NaN": _with(np.nan),
    "infinity": _with(np.inf),
    "doubles": lambda _, x: x.astype(np.float64),
    "int64": lambda _, x: x.astype(np.int64),
    "strings": lambda _, x: np.array([b"x"] * len(x), object),
}
BAD_STRINGS = {
    "rank too low": lambda _, x: x[0],
    "rank too high": lambda _, x: x[np.newaxis],
    "an empty batch": lambda _, x: x[:0],
    "numbers": lambda _, x: np.zeros([len(x)], np.float32),
    "too many files": lambda _, x: np.repeat(x, guards.MAX_FILES + 1),
    **{
        kind: lambda random, x, make=make: np.array([*x, make(random)], object)
        for kind, make in bad_files.KINDS.items()
    },
}


def reason(error: tf.errors.OpError) -> str:
    """The first line of an error, which must say something."""
    text = error.message.strip().splitlines()[0]
    assert len(text) > 10, text
    return text[:160]


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
