"""Pictures for people: rows of panels with a title over each column, and plain grids."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zoo.files import atomic, levels

MARGIN = 6
TITLE_HEIGHT = 22
PANEL_SIDE = 128  # panels are enlarged or reduced to about this
LONGEST = 4  # times as long as it is wide; of longer pictures this much is shown
TILE_SIDE = 64  # a grid's images are enlarged to at most this
FONT = ImageFont.load_default(size=13)


def preview(
    model, source, count: int = 8, seed: int = 0, crop_size: int = 0
) -> dict[str, list[np.ndarray]]:
    """The model's own preview of the first images, or of their middle squares.

    Returns title -> [h, w, c] pictures in [0, 1].
    """
    from zoo.data import pipeline

    return shown(model, pipeline.eval_batches(source, model, count, seed, count, crop_size), count)


def shown(model, batches, count: int = 8) -> dict[str, list[np.ndarray]]:
    """The model's own preview of the first images in batches of (inputs, target)."""
    import tensorflow as tf

    columns: dict[str, list[np.ndarray]] = {}
    for inputs, target in batches:
        left = count - len(next(iter(columns.values()), []))
        if left == 0:
            break
        whole = inputs, target, model.infer(inputs)
        first = tf.nest.map_structure(lambda rows, left=left: rows[:left], whole)
        for title, images in model.preview(*first).items():
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


def grid(images: np.ndarray, columns: int, side: int = TILE_SIDE, margin: int = 2) -> np.ndarray:
    """Lays images out row by row, uint8 [height, width, 3].

    Args:
      images: [n, h, w, 1 or 3] in [0, 1].
      columns: images in a row; what the last row lacks stays white.
      side: smaller images are enlarged to at most this, pixel for pixel, not blurred.
      margin: white pixels around each.
    """
    zoom = max(1, side // max(images.shape[1:3]))
    tiles = levels.from_float(images).repeat(zoom, axis=1).repeat(zoom, axis=2)
    tiles = tiles.repeat(3, axis=-1) if tiles.shape[-1] == 1 else tiles
    missing = -len(tiles) % columns
    widths = [[0, missing], [0, margin], [0, margin], [0, 0]]
    tiles = np.pad(tiles, widths, constant_values=255)
    n, height, width, _ = tiles.shape
    # [rows, columns, h, w, 3] -> [rows, h, columns, w, 3]
    page = tiles.reshape(-1, columns, height, width, 3).swapaxes(1, 2)
    page = page.reshape(n // columns * height, columns * width, 3)
    return np.pad(page, [[margin, 0], [margin, 0], [0, 0]], constant_values=255)


def save(path: Path, picture: np.ndarray) -> None:
    """Writes a PNG beside and renames."""
    with atomic.beside(path) as temporary:
        Image.fromarray(picture).save(temporary, format="PNG")


def save_gif(path: Path, frames: list[np.ndarray], milliseconds: int = 80) -> None:
    """Writes an endless animation of uint8 [h, w, 3] frames beside and renames."""
    first, *rest = [Image.fromarray(frame) for frame in frames]
    with atomic.beside(path) as temporary:
        first.save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=rest,
            duration=milliseconds,
            loop=0,
        )


def _panel(image: np.ndarray) -> Image.Image:
    most = LONGEST * min(image.shape[:2])
    pixels = levels.from_float(image[:most, :most])
    panel = Image.fromarray(np.repeat(pixels, 3, -1) if pixels.shape[-1] == 1 else pixels)
    ratio = PANEL_SIDE / max(panel.size)
    if ratio >= 2:  # small images are shown pixel for pixel, not blurred
        return panel.resize([side * int(ratio) for side in panel.size], Image.Resampling.NEAREST)
    if ratio < 0.5:
        return panel.crop([0, 0, *(min(side, 2 * PANEL_SIDE) for side in panel.size)])
    return panel
