"""Models in a row: each restores what the one before it gives."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.models import tiles

if TYPE_CHECKING:
    from zoo.models.base import Model


class Chain:
    """Restores by one model after the other, in memory and in 16 bits between them.

    Args:
      models: at least one, each with a `restore` signature.
      names: what messages call them; None for what sort of model each is.

    Attributes:
      colors: whether one of them gives color to gray pictures.
      inputs: what they take beside the picture.
      keeps_pixels: whether it is one model that gives some back bit for bit.

    Raises:
      UserError: where there are none, one does not restore, or is for gray and comes after color.
    """

    def __init__(self, models: Sequence["Model"], names: Sequence[str] | None = None):
        if not models:
            raise UserError("no models for a chain; name at least one")
        self.models = list(models)
        self.names = names or [model.registered_name for model in models]
        for model, name in zip(self.models, self.names, strict=True):
            if "restore" not in model.signatures():
                raise UserError(f"{name} does not restore pictures ({model.registered_name})")
        changes = [(_takes(model), _gives(model)) for model in self.models]
        check_order(self.names, changes)
        self.colors = any(gives > takes for takes, gives in changes)
        self.keeps_pixels = len(self.models) == 1 and self.models[0].keeps_pixels
        self.inputs = {key for model in self.models for key in _beside(model)}

    def restore(
        self,
        images: np.ndarray,
        progress: Callable[[float, int], None] = lambda done, total: None,
        strength: float = 1.0,
        **inputs: np.ndarray,
    ) -> np.ndarray:
        """Runs all over [h, w], [h, w, c] or [batch, h, w, c].

        Args:
          images: uint8 or uint16 over the full range, bool, or floats in [0, 1]; gray or color.
            Or the path of a picture, or one of Pillow's, as seen on white.
          progress: called after every tile with (how many models are done, how many there are).
          strength: of each, from the image, 0, to what the network makes of it, 1.
          **inputs: what else they take, of the image's size where they take it; `hints` and
            `coloring` are for those that give color, as in `Colorization.restore`.

        Returns:
          Images of the same type (bool and floats become float32).

        Raises:
          UserError: where the image does not fit a model, or a model takes no strength.
        """
        self._check_strength(strength)
        given = np.asarray(image_files.pixels_of(images, 1))
        steers = {key: inputs[key] for key in ("hints", "coloring") if key in inputs}
        if "hints" in steers:
            tiles.check_sides({"image": given, "hints": steers["hints"]})
        is_flat = given.ndim == 2
        given = given[..., np.newaxis] if is_flat else given
        fine = len(self.models) > 1 and given.dtype == np.uint8
        image = np.uint16(given) * 257 if fine else given
        for place, model in enumerate(self.models):

            def tile_done(done: int, total: int, place: int = place) -> None:
                progress(place + done / total if total else place, len(self.models))

            beside = {key: inputs[key] for key in _beside(model) if key in inputs}
            if _for_gray(model) and not image_files.is_gray(image):
                name = self.names[place]
                raise UserError(f"{name}: a color picture, but this model is for gray ones")
            kept = image.shape[-1] if _takes(model) == _gives(model) else _gives(model)
            shown = image_files.to_channels(image, _takes(model))
            steering = model.steering(shown, **steers) if steers and _can_steer(model) else {}
            image = tiles.restore(
                model, shown, tile_done, strength=strength, steering=steering, **beside
            )
            image = image_files.to_channels(image, kept)
        image = levels.to_eight_bits(image) if fine else image
        return image[..., 0] if is_flat and image.shape[-1] == 1 else image

    def check_coloring(self) -> None:
        """Raises UserError where one that gives color has but one coloring."""
        for model in self.models:
            if _can_steer(model):
                model.check_coloring()

    def _check_strength(self, strength: float) -> None:
        for model in self.models:
            tiles.check_strength(model, strength)


def check_order(names: Sequence[str], changes: Sequence[tuple[int, int]]) -> None:
    """Raises UserError where one is for gray and comes after color.

    Args:
      names: what messages call the models.
      changes: how many channels each of them takes, and gives.
    """
    colors = ""
    for name, (takes, gives) in zip(names, changes, strict=True):
        if colors and takes == gives == 1:
            raise UserError(
                f"{colors} gives color, but {name}, which comes after it, is for gray pictures; "
                "put it first"
            )
        colors = name if gives > takes else colors


def _takes(model: "Model") -> int:
    return model.signatures()["restore"].inputs["image"].shape[-1]


def _gives(model: "Model") -> int:
    return model.signatures()["restore"].outputs["image"].shape[-1]


def _for_gray(model: "Model") -> bool:
    return _takes(model) == _gives(model) == 1


def _can_steer(model: "Model") -> bool:
    return "steer" in model.signatures()


def _beside(model: "Model") -> list[str]:
    return [key for key in model.signatures()["restore"].inputs if key != "image"]
