"""Pictures for people: rows of panels with a title over each column."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

MARGIN = 6
TITLE_HEIGHT = 22
PANEL_SIDE = 128  # panels are enlarged or reduced to about this
FONT = ImageFont.load_default(size=13)


def preview(
    model, source, count: int = 8, seed: int = 0, crop_size: int = 0
) -> dict[str, list[np.ndarray]]:
    """The model's own preview of the first images, or of their middle squares.

    Returns title -> [h, w, c] pictures in [0, 1].
    """
    from zoo.data import pipeline

    columns: dict[str, list[np.ndarray]] = {}
    batches = pipeline.eval_batches(source, model, count, seed, count, crop_size)
    for inputs, target in batches:
        shown = model.preview(inputs, target, model.infer(inputs))
        for title, images in shown.items():
            columns.setdefault(title, []).extend(np.asarray(images))
    return columns


def sheet(columns: dict[str, list[np.ndarray]], rows: int = 8) -> np.ndarray:
    """Lays columns out as one picture, uint8 [height, width, 3].

    Args:
      columns: title -> pictures in [0, 1], [h, w, 1 or 3]; row i is one image's story.
      rows: at most so many.
    """
    table = [[_panel(image) for image in images[:rows]] for images in columns.values()]
    titles = list(columns)
    widths = [
        max([panel.width for panel in column] + [int(FONT.getlength(title))])
        for title, column in zip(titles, table, strict=True)
    ]
    heights = [max(panel.height for panel in row) for row in zip(*table, strict=True)]
    size = (sum(widths) + MARGIN * (len(widths) + 1), sum(heights) + MARGIN * (len(heights) + 1))
    page = Image.new("RGB", (size[0], size[1] + TITLE_HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    left = MARGIN
    for title, column, width in zip(titles, table, widths, strict=True):
        draw.text((left + width / 2, MARGIN), title, "black", FONT, anchor="ma")
        top = TITLE_HEIGHT + MARGIN
        for panel, height in zip(column, heights, strict=True):
            page.paste(panel, (left + (width - panel.width) // 2, top))
            top += height + MARGIN
        left += width + MARGIN
    return np.asarray(page)


def save(path: Path, picture: np.ndarray) -> None:
    """Writes a PNG beside and renames."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    Image.fromarray(picture).save(beside, format="PNG")
    os.replace(beside, path)


def _panel(image: np.ndarray) -> Image.Image:
    pixels = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    panel = Image.fromarray(np.repeat(pixels, 3, -1) if pixels.shape[-1] == 1 else pixels)
    ratio = PANEL_SIDE / max(panel.size)
    if ratio >= 2:  # small images are shown pixel for pixel, not blurred
        return panel.resize([side * int(ratio) for side in panel.size], Image.Resampling.NEAREST)
    if ratio < 0.5:
        return panel.crop([0, 0, 2 * PANEL_SIDE, 2 * PANEL_SIDE])
    return panel
