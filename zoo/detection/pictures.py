"""What a person looks at: heat on a picture, and a contact sheet with the worst first."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from zoo.files import image_files, levels
from zoo.pictures.panels import FONT, MARGIN

GLOW = np.array([255.0, 32.0, 0.0])
TILE = 160  # a contact sheet's pictures are reduced to this, along the longer side
COLUMNS = 6


def glowing(pixels: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """A picture that glows where it is hot, uint8 [h, w, 3].

    Args:
      pixels: uint8, uint16 or floats in [0, 1], [h, w, 1 or 3].
      heat: [h, w] in [0, 1].
    """
    plain = image_files.to_channels(levels.to_eight_bits(pixels), 3)
    share = 0.75 * np.clip(2 * heat - 1, 0, 1)[..., np.newaxis]  # 0.5 is usual for good ones
    return np.round((1 - share) * plain + share * GLOW).astype(np.uint8)


def sheet(shown: list[tuple[str, bool, np.ndarray]]) -> np.ndarray:
    """Pictures with a line below each, red where it is an alarm; uint8 [height, width, 3].

    Args:
      shown: line, whether it is an alarm, and a picture, uint8 [h, w, 3].
    """
    rows = -(-len(shown) // COLUMNS)
    cell, line = TILE + MARGIN, FONT.size + MARGIN
    page = Image.new("RGB", (COLUMNS * cell + MARGIN, rows * (cell + line) + MARGIN), "white")
    draw = ImageDraw.Draw(page)
    for i, (text, alarm, pixels) in enumerate(shown):
        left, top = MARGIN + i % COLUMNS * cell, MARGIN + i // COLUMNS * (cell + line)
        tile = Image.fromarray(reduced(pixels))
        page.paste(tile, (left + (TILE - tile.width) // 2, top + (TILE - tile.height) // 2))
        draw.text((left + TILE / 2, top + TILE), text, "#c00000" if alarm else "black", FONT, "ma")
    return np.asarray(page)


def reduced(pixels: np.ndarray) -> np.ndarray:
    """A picture whose longer side is TILE."""
    height, width = pixels.shape[:2]
    ratio = TILE / max(height, width)
    sides = max(1, round(width * ratio)), max(1, round(height * ratio))
    return cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA)
