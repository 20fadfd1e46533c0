"""What a picture's file carries beside its pixels: profile, camera, place, text, resolution."""

import io
from typing import Any, BinaryIO, NamedTuple

from PIL import Image, PngImagePlugin

ORIENTATION = 0x0112
# In a TIFF what people wrote stands among what describes the file itself, and is picked out.
DESCRIPTIVE = {270, 271, 272, 305, 306, 315, 316, 33432, 33723, 34665, 34853}
XMP_TAG = 700
JPEG_APPLICATION = {*range(0xE0, 0xF0), 0xFE}  # markers of what is no pixels, and of comments
SEGMENT = 65_000  # bytes; JPEG holds no longer EXIF or XMP
XMP = "XML:com.adobe.xmp"  # as PNG names it


class Carried(NamedTuple):
    """Of one file.

    Attributes:
      icc_profile: what the pixels' numbers mean.
      exif: with the orientation that upright pixels have, and without thumbnail.
      xmp: the same of the packet.
      dpi: pixels an inch, across and down.
      text: what PNG carries by keywords.
      lossless: whether a WebP file is.
      loop: how often an animation is shown, 0 for without end.
    """

    icc_profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: tuple[tuple[str, str], ...] = ()
    lossless: bool = False
    loop: int = 1

    def stripped(self) -> "Carried":
        """What the pixels need, and nothing that tells of people, places and machines."""
        return Carried(self.icc_profile, lossless=self.lossless, loop=self.loop)


NOTHING = Carried()


def of(image: Image.Image, upright: Image.Image, lossless: bool = False) -> Carried:
    """What an opened file carries.

    Args:
      image: as the file has it.
      upright: what Pillow made of it by its orientation.
      lossless: whether it is a WebP file without loss.
    """
    text = getattr(image, "text", {}) if image.format == "PNG" else {}
    xmp, dpi = upright.info.get("xmp") or upright.info.get(XMP), image.info.get("dpi")
    return Carried(
        # A CMYK profile does not describe the RGB pixels that we make.
        icc_profile=None if image.mode == "CMYK" else image.info.get("icc_profile"),
        exif=_upright(image.getexif(), image.format == "TIFF"),
        xmp=xmp.encode() if isinstance(xmp, str) else xmp,
        dpi=tuple(map(float, dpi)) if dpi and min(dpi) > 0 else None,
        text=tuple((k, str(v)) for k, v in text.items() if k != XMP),
        lossless=lossless,
        loop=image.info.get("loop", 1),
    )


def of_deep(content: bytes) -> tuple[Carried, int]:
    """What a PNG or TIFF of more than 8 bits carries, and its orientation, 1 to 8."""
    if content[1:4] == b"PNG":
        try:
            with Image.open(io.BytesIO(content)) as image:
                orientation = image.getexif().get(ORIENTATION, 1)
                return of(image, image), orientation
        except Exception:  # of any type; damaged metadata takes no pixels along
            return NOTHING, 1
    tags = Image.Exif()  # a TIFF is what EXIF is made of
    tags.load(content)
    orientation, unit = tags.get(ORIENTATION, 1), {2: 1.0, 3: 2.54}.get(tags.get(296, 2))
    dpi = [float(tags[t]) * unit for t in (282, 283)] if unit and {282, 283} <= tags.keys() else []
    profile, xmp = (tags.get(t) for t in (34675, XMP_TAG))
    exif = _upright(tags, is_tiff=True)
    return Carried(profile, exif, xmp, tuple(dpi) or None), orientation


def options(kind: str, carried: Carried) -> dict[str, Any]:
    """The arguments with which Pillow writes it into a file of this kind."""
    given = {name: getattr(carried, name) for name in ("icc_profile", "exif", "xmp", "dpi")}
    if kind == "JPEG":
        given = {k: v for k, v in given.items() if k == "icc_profile" or _fits(v)}
    if kind == "PNG":
        given |= {"pnginfo": _pnginfo(carried)}
    if kind == "WEBP":
        given |= {"lossless": carried.lossless, "exact": carried.lossless}
    if kind == "TIFF" and (carried.exif or carried.xmp):
        exif = Image.Exif()
        exif.load(carried.exif or b"")
        exif.update({XMP_TAG: carried.xmp} if carried.xmp else {})
        # libtiff, which compresses, takes no EXIF from Pillow.
        given |= {"exif": exif.tobytes(), "compression": "raw"}
    return {k: v for k, v in given.items() if v}


def chunks(carried: Carried) -> bytes:
    """It as the chunks of a PNG that stand before its pixels."""
    content = io.BytesIO()
    Image.new("L", (1, 1)).save(content, "PNG", **options("PNG", carried))
    whole = content.getvalue()
    return whole[33 : whole.index(b"IDAT") - 4]  # behind signature and header


def header(file: BinaryIO, kind: str, carried: Carried) -> bytes:
    """What a file with nothing but pixels is to begin with instead; leaves the file behind that.

    Args:
      file: a JPEG or PNG.
      kind: which of them.
      carried: what it is to carry.
    """
    if kind == "PNG":
        begin = file.read(33)  # signature and header
        while (chunk := file.read(8))[4:] != b"IDAT":
            file.seek(int.from_bytes(chunk[:4]) + 4, 1)
        file.seek(-8, 1)
        return begin + chunks(carried)
    content = io.BytesIO()
    Image.new("L", (1, 1)).save(content, "JPEG", **options("JPEG", carried))
    for each in (content, file):
        each.seek(2)
        while (marker := each.read(4))[1] in JPEG_APPLICATION:
            each.seek(int.from_bytes(marker[2:]) - 2, 1)
        each.seek(-4, 1)
    return content.getvalue()[: content.tell()]


def _upright(exif: Image.Exif, is_tiff: bool) -> bytes | None:
    if is_tiff:
        for tag in exif.keys() - DESCRIPTIVE:
            del exif[tag]
    if ORIENTATION in exif:
        exif[ORIENTATION] = 1
    return exif.tobytes() if exif else None


def _fits(value: Any) -> bool:
    return not isinstance(value, bytes) or len(value) <= SEGMENT


def _pnginfo(carried: Carried) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, value in carried.text:
        info.add_itxt(key, value)
    if carried.xmp:
        info.add_itxt(XMP, carried.xmp.decode(errors="replace"))
    return info
