"""Checkpoints: all that a run needs to go on, in one checksummed file.

Weights, optimizer (with its step and moving averages) and the run's state. The newest
three are kept; a damaged one is passed over for the one before.
"""

import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import keras
import numpy as np

from zoo import weights

KEPT = 3


@dataclass
class State:
    """What the run has come to, beside weights and optimizer.

    Attributes:
      step: training steps done.
      best: best validation of the headline metric; NaN before the first.
      rounds_without_gain: validations since then.
      seconds: of training, without the pauses between two starts.
    """

    step: int = 0
    best: float = float("nan")
    rounds_without_gain: int = 0
    seconds: float = 0.0


def save(run: Path, model: keras.Model, state: State) -> None:
    """Writes `checkpoints/step-N.npz` and drops the oldest beyond KEPT."""
    arrays = {f"model/{name}": array for name, array in weights.of_model(model).items()}
    for i, variable in enumerate(model.optimizer.variables):
        arrays[f"optimizer/{i}"] = keras.ops.convert_to_numpy(variable)
    arrays |= {f"state/{name}": np.array(value) for name, value in asdict(state).items()}
    weights.save(run / "checkpoints" / f"step-{state.step:08d}.npz", arrays)
    for old in _newest_first(run)[KEPT:]:
        old.unlink()


def resume(run: Path, model: keras.Model) -> State:
    """Loads the newest whole checkpoint into a built model and optimizer; says what it does."""
    for path in _newest_first(run):
        try:
            arrays = weights.load(path)
            _assign(model, arrays)
        except (weights.DamagedFile, ValueError, KeyError) as error:
            print(f"{error}; going back to the checkpoint before", file=sys.stderr)
            continue
        state = State(**{f.name: arrays[f"state/{f.name}"].item() for f in fields(State)})
        print(f"going on from step {state.step} ({path})", file=sys.stderr)
        return state
    return State()


def _assign(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    optimizer = model.optimizer.variables
    values = [arrays[f"optimizer/{i}"] for i in range(len(optimizer))]
    for variable, value in zip(optimizer, values, strict=True):
        if tuple(variable.shape) != value.shape:
            raise ValueError("the checkpoint's optimizer is another one")
    prefix = "model/"
    weights.assign(
        model, {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
    )
    for variable, value in zip(optimizer, values, strict=True):
        variable.assign(value)


def _newest_first(run: Path) -> list[Path]:
    return sorted((run / "checkpoints").glob("step-*.npz"), reverse=True)
