"""Which classes a classifier takes for which: a table, and the table as a picture."""

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from zoo.cli import UserError
from zoo.data import pipeline
from zoo.data.source import Source
from zoo.metrics import classification
from zoo.pictures.panels import FONT

if TYPE_CHECKING:
    from zoo.models.base import Model

CELL = 36
WHITE, BLUE = np.array([255, 255, 255]), np.array([8, 48, 107])


def evaluate_confusion(model: "Model", source: Source, limit: int | None = None) -> np.ndarray:
    """How many images of each class (row) were taken for each class (column), [classes, classes].

    Args:
      model: one that serves `classify`, of images with labels as targets.
      source: with labels.
      limit: at most so many images.

    Raises:
      UserError: where the model does not classify.
    """
    if "classify" not in model.signatures():
        raise UserError(f"a {model.registered_name} model does not classify (no such signature)")
    counts = 0
    for images, truth in pipeline.eval_batches(source, model, limit=limit):
        likely = model.serve["classify"]({"image": images})["probabilities"].numpy()
        guesses = likely.argmax(-1)
        counts = counts + classification.confusion(truth.numpy(), guesses, likely.shape[-1])
    return counts


def picture(counts: np.ndarray, names: list[str]) -> np.ndarray:
    """The table with its classes' names, uint8 [height, width, 3].

    Shades are shares of the row, so that rare classes are seen too.
    """
    margin = int(max(FONT.getlength(name) for name in names)) + 12
    side = margin + CELL * len(names)
    page = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(page)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    for i, name in enumerate(names):
        top, label = margin + CELL * i, _label(name, margin)
        page.paste(label, (0, top))
        page.paste(label.transpose(Image.Transpose.ROTATE_270), (top, 0))
        for j, share in enumerate(shares[i]):
            left = margin + CELL * j
            shade = tuple(np.round(WHITE + share * (BLUE - WHITE)).astype(int).tolist())
            draw.rectangle([left, top, left + CELL - 2, top + CELL - 2], shade)
            if counts[i, j]:
                middle = left + CELL / 2 - 1, top + CELL / 2 - 1
                ink = "white" if share > 0.5 else "black"
                draw.text(middle, str(counts[i, j]), ink, FONT, anchor="mm")
    return np.asarray(page)


def _label(name: str, width: int) -> Image.Image:
    label = Image.new("RGB", (width, CELL), "white")
    ImageDraw.Draw(label).text((width - 6, CELL / 2), name, "black", FONT, anchor="rm")
    return label
