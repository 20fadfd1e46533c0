"""What is done to every picture, as the flags of a command say it."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zoo import presets, runs
from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.images import degradations
from zoo.models import tiles
from zoo.models.declarations import Declaration
from zoo.restoration import beside
from zoo.restoration.batch import Bulk, Output
from zoo.restoration.chain import Chain, check_order

if TYPE_CHECKING:
    from zoo.models.base import Model


class Order(NamedTuple):
    """Small, so that it can be sent to other processes; the flags tell what each means."""

    run: tuple[str, ...]
    degrade: str | None
    strength: float
    temperature: float | None
    precision: str
    mask: str | None
    hints: str | None
    coloring: int | None
    max_megapixels: float
    compare: bool
    output: Output

    def absolute(self) -> "Order":
        """The same for processes that stand in other folders."""
        run = [x if presets.folder(x) != Path(x) else str(Path(x).absolute()) for x in self.run]
        mask, hints = (x and str(buckets.path(x).absolute()) for x in (self.mask, self.hints))
        return self._replace(run=tuple(run), mask=mask, hints=hints)

    def check(self) -> beside.Given:
        """What is given beside the pictures, for models that take it.

        Raises:
          UserError: where a run, a mask or hints do not do, or a flag does not suit the models; as
            far as this is known without TensorFlow.
        """
        image_files.limit_pixels(self.max_megapixels, "--max_megapixels")  # of masks, too
        if self.degrade:
            degradations.parse(self.degrade)
        lack = "does not restore pictures"
        declared = [runs.require(run, "Restorer", lack) for run in self.run]
        if self.temperature is not None and not any(map(_has_temperature, declared)):
            raise UserError(f"--temperature does not apply to {', '.join(self.run)}")
        arguments = [runs.read_config(run)["config"] for run in self.run]
        for run, each, given in zip(self.run, declared, arguments, strict=True):
            if self.strength != 1 and (each.colors or given.get("scale", 1) != 1):
                raise UserError(tiles.no_strength(run))
        check_order(self.run, list(map(_channels, declared, arguments)))
        given = self._mask(any("mask" in each.beside for each in declared))
        colors = any(each.colors for each in declared)
        for flag in ("hints", "coloring"):
            if getattr(self, flag) is not None and not colors:
                raise UserError(f"--{flag} does not apply to {self._named()}")
        return given | ({"hints": beside.checked("hints", self.hints)} if self.hints else {})

    def settings(self) -> dict:
        """All that the result depends on beside the files: the weights, and the flags."""
        configs = [runs.read_config(run) for run in self.run]
        written = self.output
        weights = [(presets.folder(run) / "best.npz").read_bytes() for run in self.run]
        return {
            "models": [[config["model"], config["config"]] for config in configs],
            "weights": [hashlib.sha256(content).hexdigest() for content in weights],
            "degrade": self.degrade,
            "strength": self.strength,
            "temperature": self.temperature,
            "coloring": self.coloring,
            "precision": self.precision,
            "compare": self.compare,
            "written": [written.format or None, written.quality, written.strip_metadata],
        }

    def bulk(self) -> Bulk:
        """What carries it out; raises UserError where a flag does not suit the models."""
        given = self.check()
        degrade = degradations.parse(self.degrade) if self.degrade else ()
        chain = Chain([self._model(run) for run in self.run], self.run)
        if self.coloring is not None:
            chain.check_coloring()
        return Bulk(chain, given, self.coloring, degrade, self.strength, self.compare, self.output)

    def _model(self, run: str) -> "Model":
        """At --temperature where it has one."""
        told = self.temperature is not None and _has_temperature(runs.check(run))
        return runs.load(run, self.precision, temperature=self.temperature if told else None)

    def _mask(self, is_taken: bool) -> beside.Given:
        if not is_taken and self.mask:
            raise UserError(f"--mask does not apply to {self._named()}")
        if is_taken and not self.mask:
            lack = f"white where {self._named()} is to fill in"
            raise UserError(f"--mask is missing: a picture, {lack}")
        return {"mask": beside.checked("mask", self.mask)} if self.mask else {}

    def _named(self) -> str:
        return ", ".join(f"{run} ({runs.read_config(run)['model']})" for run in self.run)


def _channels(declared: Declaration, arguments: dict) -> tuple[int, int]:
    """How many a restorer takes, and gives."""
    given = arguments["channels"]
    return (1, 3) if declared.colors else (given, given)


def _has_temperature(declared: Declaration) -> bool:
    return "temperature" in declared.after_training
