"""The images whose latents are nearest to those of a query: as a list and as a contact sheet."""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageOps
from sklearn.neighbors import NearestNeighbors
from tabulate import tabulate

from zoo.cli import UserError
from zoo.latents.encoding import Latents
from zoo.pictures import panels
from zoo.pictures.panels import FONT

SIDE = 128  # pictures are enlarged or reduced to about this, and the query to twice as much
MARGIN, GAP, LINE, FRAME = 8, 3, 16, 5
BLUE = "#3f90da"


class Neighbor(NamedTuple):
    index: int  # in the source
    name: str  # its file, or that index
    label: str | None
    distance: float


def nearest(latents: Latents, query: np.ndarray, count: int) -> list[Neighbor]:
    """The images nearest to a query, nearest first.

    Distances are Euclidean. (Latents scaled to one standard deviation find fewer of the same
    digit, since those of a VAE that carry nothing then count as much as the others.)

    Args:
      latents: of the source.
      query: [d].
      count: how many to find.

    Raises:
      UserError: where there are fewer images.
    """
    codes, about = latents
    if count > len(codes):
        raise UserError(
            f"--neighbors={count}, but there are only {len(codes)} images; ask for fewer"
        )
    # Not brute force, whose distances come from dot products and are not 0 for equal points.
    search = NearestNeighbors(n_neighbors=count, algorithm="kd_tree").fit(codes)
    distances, rows = search.kneighbors([query])
    names = about.get("file", about["index"])
    labels = about.get("label", [None] * len(codes))
    return [
        Neighbor(about["index"][row], str(names[row]), labels[row], float(distance))
        for row, distance in zip(rows[0], distances[0], strict=True)
    ]


def listed(found: list[Neighbor]) -> str:
    """The neighbors as lines for a terminal."""
    rows = [
        [place, name, label or "-", f"{distance:.3f}"]
        for place, (_, name, label, distance) in enumerate(found, 1)
    ]
    head = ["", "image", "label", "distance"]
    return tabulate(rows, head, "plain", disable_numparse=True, colalign=["right"] * len(head))


def sheet(
    query: np.ndarray, name: str, images: list[np.ndarray], found: list[Neighbor]
) -> np.ndarray:
    """The query framed and large on the left, its neighbors row by row beside it.

    Args:
      query: [h, w, c] in [0, 1], and
      name: of its file.
      images: of the neighbors, alike.
      found: the neighbors.

    Returns:
      uint8 [height, width, 3].
    """
    large = ImageOps.expand(_scaled(query, 2 * SIDE), FRAME, BLUE)
    tiles = [_scaled(image, SIDE) for image in images]
    columns = min(len(tiles), max(5, math.isqrt(len(tiles))))
    rows = math.ceil(len(tiles) / columns)
    across, down = SIDE + MARGIN, tiles[0].height + 2 * LINE + MARGIN
    left = large.width + 4 * MARGIN
    height = max(large.height + LINE + MARGIN, rows * down)
    page = Image.new("RGB", (left + columns * across, height + MARGIN), "white")
    draw = ImageDraw.Draw(page)

    def write(text: str, middle: float, top: float, room: int, color: str = "black") -> None:
        draw.text((middle, top), _cut(text, room), color, FONT, anchor="ma")

    page.paste(large, (MARGIN, MARGIN))
    middle, below = MARGIN + large.width / 2, MARGIN + large.height + GAP
    write(f"query: {name}", middle, below, large.width, BLUE)
    for place, (tile, neighbor) in enumerate(zip(tiles, found, strict=True)):
        x, y = left + place % columns * across, MARGIN + place // columns * down
        page.paste(tile, (x + (SIDE - tile.width) // 2, y))
        middle, below = x + SIDE / 2, y + tile.height + GAP
        write(neighbor.name, middle, below, SIDE)
        text = f"{neighbor.label or ''} at {neighbor.distance:.2f}".strip()
        write(text, middle, below + LINE, SIDE)
    return np.asarray(page)


def _scaled(image: np.ndarray, side: int) -> Image.Image:
    tile = Image.fromarray(panels.grid(image[np.newaxis], 1, side, margin=0))
    tile.thumbnail([side, side])  # larger ones are reduced
    return tile


def _cut(text: str, width: int) -> str:
    """As much of the text's end as fits."""
    if FONT.getlength(text) <= width:
        return text
    while text and FONT.getlength(f"...{text}") > width:
        text = text[1:]
    return f"...{text}"
