"""A folder's pictures at a glance: some of each class, in rows under the class's name."""

from collections import defaultdict
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from zoo.data.survey import Seen
from zoo.files import image_files, levels

SIDE = 96  # of a picture
ACROSS = 10
ROWS = {1: 8, 2: 4}  # of each group, by how many there are; else one
GROUPS = 40
MARGIN = 4
TITLE = 20
FONT = ImageFont.load_default(size=13)


def draw(seen: Sequence[Seen]) -> Image.Image:
    """RGB; of every split and class the first pictures that can be read, up to a number."""
    groups = defaultdict(list)
    for each in seen:
        if each.sides:
            groups[" / ".join(filter(None, (each.split, each.class_name)))].append(each)
    shown = {name: groups[name] for name in sorted(groups)[:GROUPS]}
    most = ACROSS * ROWS.get(len(shown), 1)
    step = SIDE + MARGIN
    rows = {name: -(-min(len(found), most) // ACROSS) for name, found in shown.items()}
    height = sum(TITLE + step * count for count in rows.values()) + MARGIN
    page = Image.new("RGB", (ACROSS * step + MARGIN, height), "white")
    pen, top = ImageDraw.Draw(page), 0
    for name, found in shown.items():
        pen.text((MARGIN, top + MARGIN), f"{name}: {len(found):,}", "black", FONT)
        top += TITLE
        for place, each in enumerate(found[:most]):
            small = _small(each)
            left = MARGIN + place % ACROSS * step + (SIDE - small.width) // 2
            page.paste(small, (left, top + place // ACROSS * step + (SIDE - small.height) // 2))
        top += rows[name] * step
    return page


def _small(each: Seen) -> Image.Image:
    pixels = image_files.on_white(image_files.read(each.file))
    image = Image.fromarray(image_files.to_channels(levels.to_eight_bits(pixels), 3))
    ratio = SIDE / max(image.size)
    way = Image.Resampling.NEAREST if ratio > 1 else Image.Resampling.LANCZOS
    return image.resize([max(1, round(side * ratio)) for side in image.size], way)
