"""A run's folder, the unit of everything.

config.json   the model's name and arguments, the data it was trained on, and the recipe
train.flags   the recipe, as an absl flagfile
checkpoints/  for resuming
best.npz      weights with the best validation so far; what `load` takes
last.npz      weights at the end
metrics.json  validations, step by step
preview.png   a few results
logs/         TensorBoard
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo import presets
from zoo.cli import UserError, nearest
from zoo.files import atomic, weights
from zoo.models import registry
from zoo.runs import precision as precisions

if TYPE_CHECKING:
    from zoo.models.base import Model

# Of a run that goes on: where its data lie, how long it lasts, and how it is watched.
MAY_CHANGE = {
    "data_dir",
    "epochs",
    "steps",
    "minutes",
    "patience",
    "steps_per_execution",
    "micro_batches",
}
MAY_CHANGE |= {"validate_every", "validation_limit", "checkpoint_every", "checkpoint_minutes"}


def load(run: str | Path, precision: str | None = None, **overrides: Any) -> "Model":
    """The trained model of a run or a preset; `overrides` replace constructor arguments."""
    config = read_config(run)
    changed = {k: v for k, v in overrides.items() if v is not None}
    arguments = registry.find(config["model"]).once_trained(config["config"], changed)
    policy = precision and precisions.of_trained(run, precision)
    with precisions.computing_in(policy):
        model = registry.create(config["model"], **arguments)
    try:
        weights.assign(model, best_weights(run))
    except ValueError as error:
        raise UserError(f"{error}; train again, or copy the run again") from None
    model.class_names = tuple(config["data"].get("classes", ()))
    return model


def create(name: str, **arguments: Any) -> "Model":
    """A new, built model; arguments that it takes `from_runs` may name a run or a preset."""
    for key in registry.find(name).from_runs:
        if isinstance(arguments.get(key), str):
            arguments[key] = load(arguments[key])
    return registry.create(name, **arguments)


def best_weights(run: str | Path) -> dict[str, np.ndarray]:
    """The weights of a run or preset by name; raises UserError where they are damaged."""
    read_config(run)  # refuses what is no run at all
    path = presets.folder(run) / "best.npz"
    if not path.exists():
        raise UserError(f"{run} has no best.npz yet; let its training reach a validation")
    presets.check(path)
    try:
        return weights.load(path)
    except weights.DamagedFile as error:
        raise UserError(f"{error}; train again, or copy the run again") from None


def read_config(run: str | Path) -> dict[str, Any]:
    """The run's `config.json`; raises UserError where there is none."""
    path = presets.folder(run) / "config.json"
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        known = presets.names()
        raise UserError(
            f"{run} is not a run's folder (no config.json) and no preset; give the --output_dir "
            f"of a training, or one of {', '.join(known)}{nearest(str(run), known)}"
        ) from None
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}") from None


def start(
    run: str | Path,
    model: "Model",
    data: dict[str, Any],
    flagfile: str = "",
    recipe: dict[str, Any] | None = None,
    precision: str = "float32",
) -> None:
    """Makes the run's folder, or checks that the one there is of the same training.

    What may be otherwise when a run goes on is kept beside what it was: `earlier`, in order.

    Args:
      run: the folder.
      model: what is trained in it.
      data: the data set's name, splits and where it lies.
      flagfile: the recipe in train.py's flags, for people.
      recipe: the same as `zoo.training.recipe.Recipe.kept` has it, for commands.
      precision: of the arithmetic, as Keras names it.

    Raises:
      UserError: where the folder holds another model's run, or one of another recipe.
    """
    from zoo.distributed import workers

    run = Path(run)
    about = {"data": data, "recipe": recipe or {}, "precision": precision}
    ours = {"model": model.registered_name, "config": model.get_config()} | about
    ours = json.loads(json.dumps(ours))  # so that what is compared is what would be read back
    theirs = read_config(run) if (run / "config.json").exists() else None
    if theirs:
        refuse_another(run, ours)
        ours = _with_earlier(theirs, ours, _steps_done(run))
    if ours == theirs or not workers.is_chief():
        return
    run.mkdir(parents=True, exist_ok=True)
    atomic.write_text(run / "train.flags", flagfile)
    atomic.write_json(run / "config.json", ours)


def refuse_another(run: Path, ours: dict[str, Any]) -> None:
    """Raises UserError where a folder holds a run, and to go on would make its recipe untrue.

    Args:
      run: the folder.
      ours: as much as is known of this training's `config.json`: the model at least.
    """
    if not (run / "config.json").exists():
        return
    theirs = read_config(run)
    if theirs["model"] != ours["model"]:
        raise UserError(
            f"{run} holds a run of {theirs['model']}, not of {ours['model']}; "
            "choose another --output_dir"
        )
    for part in ("config", "data", "recipe"):
        told = ours.get(part, {})
        kept = theirs.get(part) or told  # an older run may not say
        for key, value in told.items():
            # One number may stand for two, as in --image_size=28.
            if kept.get(key, value) not in (value, [value, value]) and key not in MAY_CHANGE:
                raise UserError(
                    f"{run} was trained with {key}={kept[key]}, not {value}; "
                    "choose another --output_dir"
                )


def _steps_done(run: Path) -> int:
    """Of the newest checkpoint, from which training goes on."""
    names = [path.stem for path in (run / "checkpoints").glob("step-*.npz")]
    return max((int(name.removeprefix("step-")) for name in names), default=0)


def _with_earlier(theirs: dict[str, Any], ours: dict[str, Any], step: int) -> dict[str, Any]:
    """`ours`, beside what of the recipe and the precision was otherwise until this step."""
    kept, new = (
        {"precision": x.get("precision")} | (x.get("recipe") or {}) for x in (theirs, ours)
    )
    changed = {k: v for k, v in kept.items() if k in new and new[k] != v}
    earlier = theirs.get("earlier", []) + ([{"until_step": step} | changed] if changed else [])
    return theirs | ours | ({"earlier": earlier} if earlier else {})
