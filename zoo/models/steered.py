"""Colors that a person tells, or that are drawn: what steers a colorization."""

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.images import hints as dots
from zoo.models import tiles
from zoo.models.restorer import Restorer

DRAWN = 6  # places whose colors another coloring draws


class Steered(Restorer):
    """A restorer with a signature `steer`: `restore_part`, and small maps of colors that are told.

    Attributes:
      bins: Lab's a and b of the colors that it knows, [bins, 2].
      temperature: of the distribution over them.
      draws: whether it predicts one, so that other colorings can be drawn.
    """

    bins: np.ndarray
    temperature: float
    draws: bool

    def answer(self, whole, told):
        """Logits of the bins, [b, side, side, bins].

        Args:
          whole: the picture, reduced, [b, height, width, 1].
          told: [b, side, side, 3], as in `zoo.images.hints`.
        """
        raise NotImplementedError

    def restore(self, images, strength=1.0, hints=None, coloring=None):
        """As every `Restorer`; a single picture may be steered.

        Args:
          images: gray.
          strength: only 1, for it gives another picture.
          hints: colors of some places, [height, width, 4], transparent elsewhere.
          coloring: seed of other colors that are likely too; None for the likeliest.

        Raises:
          UserError: where these do not fit each other or the model.
        """
        if hints is None and coloring is None:
            return super().restore(images, strength)
        image = image_files.suited(images, 1)
        if hints is not None:
            hints = np.asarray(hints)
            tiles.check_sides({"image": image, "hints": hints})
        steering = self.steering(image, hints, coloring)
        return tiles.restore(self, image, strength=strength, steering=steering)

    def steering(self, image, hints=None, coloring=None) -> dict[str, np.ndarray]:
        """What `steer` takes beside a part of the picture [h, w] or [h, w, 1] and the whole.

        Raises:
          UserError: for another coloring of a model that predicts but one.
        """
        side = self.signatures()["steer"].inputs["hints"].shape[0]
        told = np.zeros([side, side, 3], np.float32)
        if hints is not None:
            told = dots.of_picture(levels.to_float(hints), side)
        if coloring is not None:
            self.check_coloring()
            told = self._drawn(image, told, np.random.default_rng(coloring))
        return {"hints": told}

    def check_coloring(self) -> None:
        """Raises UserError where the model knows of one coloring alone."""
        if not self.draws:
            raise UserError("--coloring is of --head=distribution; this is a regression")

    def _drawn(self, image, told, random):
        """With colors drawn for some places, one after the other, each in view of those before."""
        whole = tiles.seen_whole(self, np.reshape(image, [1, *image.shape[:2], 1]))["whole"]
        places = np.argwhere(told[..., 2] == 0)
        for row, column in random.permutation(places)[:DRAWN]:
            logits = self.answer(tf.constant(whole), tf.constant(told[np.newaxis]))[0, row, column]
            likely = np.asarray(ops.softmax(logits / self.temperature), np.float64)
            chosen = random.choice(len(self.bins), p=likely / likely.sum())
            told[row, column] = [*self.bins[chosen] / 100.0, 1.0]
        return told
