"""What is done to every picture, as the flags of a command say it."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from zoo import presets, runs
from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.files.buckets import BucketPath
from zoo.files.image_files import BrokenImage
from zoo.images import degradations
from zoo.models import registry
from zoo.restoration import masks
from zoo.restoration.batch import Bulk, Output
from zoo.restoration.chain import Chain


class Order(NamedTuple):
    """Small, so that it can be sent to other processes; the flags tell what each means."""

    run: tuple[str, ...]
    degrade: str | None
    strength: float
    temperature: float | None
    mask: str | None
    max_megapixels: float
    compare: bool
    output: Output

    def absolute(self) -> "Order":
        """The same for processes that stand in other folders."""
        run = [x if presets.folder(x) != Path(x) else str(Path(x).absolute()) for x in self.run]
        mask = self.mask and str(buckets.path(self.mask).absolute())
        return self._replace(run=tuple(run), mask=mask)

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
            "compare": self.compare,
            "written": [written.format or None, written.quality, written.strip_metadata],
        }

    def bulk(self) -> Bulk:
        """What carries it out; raises UserError where a flag does not suit the models."""
        degrade = degradations.parse(self.degrade) if self.degrade else ()
        image_files.limit_pixels(self.max_megapixels, "--max_megapixels")
        chain = Chain(self._models(), self.run)
        mask = self._mask(chain)
        chain.check_strength(self.strength)
        return Bulk(chain, mask, degrade, self.strength, self.compare, self.output)

    def _models(self) -> list:
        """At --temperature those that have one."""
        if self.temperature is None:
            return [runs.load(run) for run in self.run]
        kinds = {run: registry.find(runs.read_config(run)["model"]) for run in self.run}
        changed = {
            run: {"temperature": self.temperature} if "temperature" in kind.after_training else {}
            for run, kind in kinds.items()
        }
        if not any(changed.values()):
            raise UserError(f"--temperature does not apply to {', '.join(self.run)}")
        return [runs.load(run, **changed[run]) for run in self.run]

    def _mask(self, chain: Chain) -> Path | BucketPath | None:
        """Where the masks are, for models that take one."""
        pairs = zip(self.run, chain.models, strict=True)
        named = ", ".join(f"{run} ({model.registered_name})" for run, model in pairs)
        if "mask" not in chain.inputs:
            if self.mask:
                raise UserError(f"--mask does not apply to {named}")
            return None
        if not self.mask:
            raise UserError(f"--mask is missing: a picture, white where {named} is to fill in")
        given = buckets.path(self.mask)
        if not given.is_dir():
            try:
                masks.read(given)
            except BrokenImage as error:
                raise UserError(f"--mask={self.mask}: {error}") from None
        return given
