"""Checkpoints: all that a run needs to go on, in one checksummed file.

Weights, optimizer (with its step and moving averages), seed generators, running means and the
run's state. The newest three are kept; a damaged one is passed over for the one before.
"""

import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import keras
import numpy as np

from zoo.cli import UserError
from zoo.distributed import workers
from zoo.files import weights

KEPT = 3


@dataclass
class State:
    """What the run has come to, beside what Keras keeps in variables.

    Attributes:
      step: training steps done.
      position: images shown, which is the place in the data.
      best: best validation of the headline metric; NaN before the first.
      rounds_without_gain: validations since then.
      seconds: of training, without the pauses between two starts.
    """

    step: int = 0
    position: int = 0
    best: float = float("nan")
    rounds_without_gain: int = 0
    seconds: float = 0.0


def save(run: Path, model: keras.Model, state: State) -> None:
    """Writes `checkpoints/step-N.npz` and drops the oldest beyond KEPT.

    All workers call this, since they hold the running means together; the chief writes.
    """
    arrays = {f"model/{name}": array for name, array in weights.of_model(model).items()}
    arrays |= {k: keras.ops.convert_to_numpy(v) for k, v in _beside_weights(model).items()}
    arrays |= {f"state/{name}": np.array(value) for name, value in asdict(state).items()}
    if not workers.is_chief():
        return
    weights.save(run / "checkpoints" / f"step-{state.step:08d}.npz", arrays)
    for old in _newest_first(run)[KEPT:]:
        old.unlink()


def resume(run: Path, model: keras.Model) -> State:
    """Loads the newest whole checkpoint into a compiled model; says what it does.

    The chief reads, and the other workers take what it has read.

    Raises:
      UserError: where the checkpoint is whole but of other settings.
    """
    arrays = workers.from_chief(_newest_whole(run) if workers.is_chief() else None)
    if arrays is None:
        return State()
    state = State(**{f.name: arrays[f"state/{f.name}"].item() for f in fields(State)})
    try:
        _assign(model, arrays)
    except (ValueError, KeyError) as error:
        raise UserError(
            f"{run} stopped at step {state.step} with other settings ({error}): give the flags of "
            f"{run / 'train.flags'}, or another --output_dir"
        ) from None
    return state


def _newest_whole(run: Path) -> dict[str, np.ndarray] | None:
    for left_by_a_killed_run in (run / "checkpoints").glob(".*.tmp"):
        left_by_a_killed_run.unlink()
    for path in _newest_first(run):
        try:
            arrays = weights.load(path)
        except weights.DamagedFile as error:
            print(f"{error}; going back to the checkpoint before", file=sys.stderr)
            path.rename(path.with_suffix(".damaged"))  # or it would count as one of the newest
            continue
        print(f"going on from step {arrays['state/step']} ({path})", file=sys.stderr)
        return arrays
    return None


def _beside_weights(model: keras.Model) -> dict[str, keras.Variable]:
    """All other variables of a compiled model."""
    known = {id(v) for v in model.weights}
    groups = {
        "optimizer": model.optimizer.variables,
        "seed": [v for v in model.variables if id(v) not in known],
        "mean": model.metrics_variables,
    }
    return {f"{kind}/{i}": v for kind, group in groups.items() for i, v in enumerate(group)}


def _assign(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    beside = _beside_weights(model)
    for name, variable in beside.items():
        if tuple(variable.shape) != arrays[name].shape:
            raise ValueError(f"{name} differs in shape")
    prefix = "model/"
    weights.assign(
        model, {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
    )
    for name, variable in beside.items():
        variable.assign(arrays[name])


def _newest_first(run: Path) -> list[Path]:
    return sorted((run / "checkpoints").glob("step-*.npz"), reverse=True)
