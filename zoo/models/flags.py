"""The flags of models: what `zoo.models.declarations` has read.

Each is None until a person gives it, so that the model's own default stands.
"""

from collections.abc import Iterable
from typing import Any

from absl import flags

from zoo.cli import UserError
from zoo.images import degradations
from zoo.models import declarations, parsers, registry
from zoo.models.arguments import Argument

# What the data decide where no flag does.
OF_THE_DATA = "channels", "image_size", "classes"
# Models that take images of any size do not declare it.
IMAGE_SIZE = Argument("int | list[int]", None, "side of the images, or height,width, to scale to.")


def chosen(argv: list[str]) -> str | None:
    """The value of --model on a command line or in its flagfile, before flags are declared."""
    found = flags.FlagValues()
    flags.DEFINE_string("model", None, "", flag_values=found)
    found.set_gnu_getopt()  # looks beyond the 5 of `--steps 5`
    try:
        found(argv, known_only=True)
    except flags.Error:  # will come again, and be told, when all flags are parsed
        return None
    return found.model


def of_model(declaration: declarations.Declaration) -> dict[str, Argument]:
    """The arguments of a model's training that can be flags."""
    found = {"image_size": IMAGE_SIZE} | declaration.arguments
    return {name: argument for name, argument in found.items() if parsers.of(argument.annotation)}


def after_training() -> dict[str, Argument]:
    """The arguments, of any model, that may change once the weights are trained."""
    found: dict[str, Argument] = {}
    for model in declarations.read().values():
        found = {name: model.arguments[name] for name in model.after_training} | found
    return found


def define_models(model: str | None) -> list[str]:
    """Declares the flags of all models, and --model; returns the names of those to show.

    Args:
      model: the chosen one; what it does not take is refused, with the models that do. None, or
        an unknown one: the help has every flag, and its models.
    """
    declared = {name: of_model(each) for name, each in declarations.read().items()}
    flags.DEFINE_string("model", None, "What to train; --model=help lists them.", required=True)
    flags.register_validator("model", lambda name: _known(name, list(declared)))
    ours, takers = declared.get(model, {}), {}
    for name, arguments in declared.items():
        for key in arguments:
            takers.setdefault(key, []).append(name)
    for key, names in takers.items():
        argument = ours.get(key, declared[names[0]][key])
        if key in ours:
            parsers.define(key, argument, None, _with_default(key, argument))
        else:
            parsers.define(key, argument, None, f"{argument.help} For {', '.join(names)}.")
        if ours and key not in ours:
            refusal = registry.does_not_apply(key, model, names)
            flags.register_validator(key, lambda value: value is None, refusal)
    return list(ours or takers)


def given_to(model: str) -> dict[str, Any]:
    """The arguments that a person has set for the training of a model.

    Raises:
      UserError: where strengths do not go with --degrade, or lie beyond their limits.
    """
    declared = declarations.read()[model]
    found = given(of_model(declared))
    usual = declared.arguments.get("degrade")
    _check_strengths(declared, {"degrade": usual and usual.default} | found)
    return found


def from_runs(model: str, arguments: dict[str, Any]) -> dict[str, str]:
    """Those of a model's arguments that name a run."""
    return {k: arguments[k] for k in declarations.read()[model].from_runs if k in arguments}


def given_after_training(model: str, kept: dict[str, Any]) -> dict[str, Any]:
    """What a person has set of a trained model, whose arguments are `kept`.

    Raises:
      UserError: where it does not take them, or as above.
    """
    declared, found = declarations.read()[model], given(after_training())
    for name in found:
        if name not in declared.arguments:
            takers = [k for k, each in declarations.read().items() if name in each.arguments]
            raise UserError(registry.does_not_apply(name, model, takers))
    _check_strengths(declared, {"degrade": kept.get("degrade")} | found)
    return found


def given(names: Iterable[str]) -> dict[str, Any]:
    """The flags of these names that a person has set, as constructor arguments."""
    values = {name: flags.FLAGS[name].value for name in names}
    return {name: value for name, value in values.items() if value is not None}


def list_models() -> str:
    """Every model's name, and what it does."""
    return "\n".join(f"{name:<17}{each.summary}" for name, each in declarations.read().items())


def _check_strengths(declared: declarations.Declaration, told: dict[str, Any]) -> None:
    if declared.strengths and told.get("degrade"):
        strengths = {name: told.get(name) for name in declared.strengths}
        degradations.chain(told["degrade"], strengths)


def _known(model: str | None, names: list[str]) -> bool:
    if model not in (None, "help", *names):
        raise flags.ValidationError(registry.unknown(model, names))
    return True


def _with_default(name: str, argument: Argument) -> str:
    """The help, with what is taken where the flag is not given."""
    if name in OF_THE_DATA:
        default = "as the data have it"
    elif argument.default is None:
        return argument.help
    else:
        default = parsers.SERIALIZER.serialize(argument.default)
    return f"{argument.help.removesuffix('.')}; default: {default}."
