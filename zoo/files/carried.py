"""What a picture's file carries beside its pixels: profile, camera, place, text, resolution."""

import io
from typing import Any, NamedTuple

from PIL import Image, PngImagePlugin

ORIENTATION = 0x0112
# In a TIFF what people wrote stands among what describes the file itself, and is picked out.
DESCRIPTIVE = {270, 271, 272, 305, 306, 315, 316, 33432, 33723, 34665, 34853}
XMP_TAG = 700
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
