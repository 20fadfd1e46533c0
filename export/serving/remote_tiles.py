"""Pictures too large for one request, in tiles, by the loop that restores them here too."""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from export.savedmodel import warmup
from export.serving import tensor_files
from export.serving.protocol import Arrays
from export.serving.questions import Question
from export.serving.remote import RemoteModel
from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.files.image_files import BrokenImage
from zoo.models import tiles
from zoo.models.signature import Signature, Tensor


def tiling(model: RemoteModel, fine: Question | None) -> Callable[[int, int], int]:
    """From a picture's height and width to the side of tiles, or 0 where it is sent whole."""
    is_restored = fine is not None and fine.name in ("restore", "restore_blend")
    if not (is_restored and "tiling" in model.signatures()):
        return lambda height, width: 0
    return functools.cache(lambda *sides: int(_told(model, *sides)["tile"][0]))


class Served:
    """What the loop over tiles asks of a model, answered by a server.

    Args:
      model: that is asked, with a signature `tiling`.
      question: by which signature.
      fine: the same in floats.
    """

    keeps_pixels = False

    def __init__(self, model: RemoteModel, question: Question, fine: Question):
        self._model, self._question, self._fine = model, question, fine
        self.name = self.registered_name = model.target.name
        told = {key: int(value[0]) for key, value in _told(model, 1, 1).items()}
        self.stride, self.overlap, self.scale = (told[k] for k in ("stride", "overlap", "scale"))
        # Images are cut as the picture is; numbers stand beside each tile.
        self._images = {k: v[0] for k, v in fine.beside.items() if v.ndim == 4}
        self._numbers = {k: v for k, v in fine.beside.items() if v.ndim != 4}
        names = {"restore": question.name, "restore_part": "restore_part"}
        self.serve = {key: functools.partial(self._ask, name) for key, name in names.items()}

    def restore(self, pixels: np.ndarray, tile: int) -> np.ndarray:
        """Restored [h, w, c] of the same type; raises BrokenImage where sides do not fit."""
        image = image_files.to_channels(pixels, self._fine.channels)
        try:
            tiles.check(self, {"image": image} | self._images)
        except UserError as error:
            raise BrokenImage(str(error)) from None
        return tiles.restore(self, image, tile=tile, **self._images)

    def signatures(self) -> dict[str, Signature]:
        """Those that restore, without the numbers that are the same for all tiles."""
        known = {"restore": self._fine.definition}
        if "restore_part" in self._model.signatures():
            known["restore_part"] = self._model.signature("restore_part")
        return {
            name: Signature(
                self.serve[name],
                {k: _tensor(v) for k, v in found.inputs.items() if k not in self._numbers},
                {k: _tensor(v) for k, v in found.outputs.items()},
            )
            for name, found in known.items()
        }

    def check_inputs(self, **inputs: np.ndarray) -> None:
        """A server tells of what it takes by its signatures alone."""

    def _ask(self, name: str, inputs: Arrays) -> dict[str, tf.Tensor]:
        takes, sent = self._model.signature(name).inputs, {}
        for key, value in (inputs | self._numbers).items():
            key = key if key in takes else f"{key}_bytes"
            sent[key] = warmup.as_sent(tf.as_dtype(takes[key].dtype), value)
        (row,) = tensor_files.rows(self._model.predict(name, sent))
        (pixels,) = map(tensor_files.pixels, row.values())
        return {"image": tf.constant(levels.to_float(pixels)[np.newaxis])}


def _told(model: RemoteModel, height: int, width: int) -> Arrays:
    return model.predict("tiling", {"sides": np.int32([[height, width]])})


def _tensor(info) -> Tensor:
    dims = [dim.size for dim in info.tensor_shape.dim][1:]
    return Tensor(tuple(None if size < 0 else size for size in dims), "")
