"""Whether a run will do, by its files alone: told before TensorFlow is imported."""

from pathlib import Path

from zoo.cli import UserError
from zoo.models import declarations, registry
from zoo.models.declarations import Declaration
from zoo.runs import folder


def check(run: str | Path) -> Declaration:
    """What the model of a run or preset declares.

    Raises:
      UserError: where there is no run, its weights are missing or damaged, or its model is unknown.
    """
    folder.best_weights(run)
    name, known = folder.read_config(run)["model"], declarations.read()
    if name not in known:
        raise UserError(registry.unknown(name, list(known)))
    return known[name]


def require(run: str | Path, contract: str, lack: str) -> Declaration:
    """The same of a run whose model keeps a contract.

    Args:
      run: a folder, or a preset's name.
      contract: the class that stands for it, such as "Latent".
      lack: what the run cannot do, if it does not.

    Raises:
      UserError: as above, and where its model keeps another; names the models that do.
    """
    declared = check(run)
    if contract not in declared.lineage:
        able = [name for name, each in declarations.read().items() if contract in each.lineage]
        name = folder.read_config(run)["model"]
        raise UserError(f"{run} {lack} ({name}); give a run of {', '.join(able)}")
    return declared
