"""Damaged picture files, by the thousand, through the folder reader and zoo.restore.

    python -m tests.fuzz_images 10000 RUN     # one line of JSON: what was named, and the memory

Every file is a function of its number. What is bad is decided by Pillow and TensorFlow alone.
"""

import contextlib
import gc
import io
import json
import resource
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

LIMIT_BYTES = 16 << 30  # of address space, most of which TensorFlow never touches


def file(number: int) -> tuple[str, bytes]:
    """A name and its content: noise, a damaged picture, a whole one, or one of extreme size."""
    random = np.random.default_rng(number)
    extension = str(random.choice(["png", "jpg", "bmp", "gif", "webp"]))
    kind = random.choice(["noise", "extreme", "whole", "damaged"], p=[0.1, 0.05, 0.05, 0.8])
    if kind == "noise":
        content = random.bytes(random.integers(0, 3000))
        if random.random() < 0.5:
            content = _picture(random, extension)[: random.integers(2, 60)] + content
    elif kind == "extreme":
        content = _extreme(random, extension)
    else:
        content = _picture(random, extension)
        for _ in range(random.integers(1, 4) if kind == "damaged" else 0):
            content = _DAMAGE[random.integers(len(_DAMAGE))](random, content)
    if random.random() < 0.05:
        extension = "png"  # the name says nothing of the content
    return f"{number:05}.{extension}", content


def is_bad(content: bytes, frames: bool) -> bool:
    """Whether decoders fail on their own, at the first picture or at some frame."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[24:25] == b"\x10":
        width, height = struct.unpack(">II", content[16:24])
        if width * height > 1 << 28:
            return True
        try:
            tf.io.decode_png(content, dtype=tf.uint16)
        except tf.errors.InvalidArgumentError:
            return True
        return False
    try:
        with Image.open(io.BytesIO(content)) as image:
            for number in range(image.n_frames if frames and hasattr(image, "n_frames") else 1):
                image.seek(number)
                image.load()
            image.getexif()
    except Exception:
        return True
    return False


def run(count: int, folder: Path, model) -> dict:
    """Every file twice through the folder reader and three times through zoo.restore.

    Returns:
      How many files were bad, the names of those that either judged otherwise, and the memory
      held before and after each pass: the first fills caches, the others should add nothing.
    """
    from zoo.data import pipeline, sources

    (folder / "in").mkdir(parents=True)
    bad, bad_in_full = set(), set()  # at its first picture; at some frame
    for number in range(count):
        name, content = file(number)
        (folder / "in" / name).write_bytes(content)
        bad |= {name} if is_bad(content, frames=False) else set()
        bad_in_full |= {name} if is_bad(content, frames=True) else set()
    source = sources.load(f"folder:{folder / 'in'}", "train", channels=3)
    memory, shown = [_resident_mb()], []
    for _ in range(2):
        shown.append(sum(1 for _ in pipeline.whole_records(source)))
        memory.append(_resident_mb())
    named = {Path(name).name for name in source.broken}
    failed: set[str] = set()
    for number in range(3):
        failed |= _restored(folder / "in", folder / f"out{number}", model)
        memory.append(_resident_mb())
    return {
        "files": count,
        "bad": len(bad),
        "shown": shown,
        "read_otherwise": sorted(named ^ bad),
        "restored_otherwise": sorted(failed ^ bad_in_full),
        "resident_mb": [round(mb) for mb in memory],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    import zoo

    model, started = zoo.load(sys.argv[2]), time.time()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        report = run(int(sys.argv[1]), Path(folder), model)
    print(json.dumps(report | {"seconds": round(time.time() - started, 1)}))


def _restored(folder: Path, output: Path, model) -> set[str]:
    """The names of what was left out."""
    from zoo.restoration.batch import Bulk
    from zoo.restoration.done import Manifest
    from zoo.restoration.jobs import jobs_of

    bulk = Bulk(model)
    bulk.restore(jobs_of([str(folder)], output), Manifest(output, "0-of-1", ""))
    return {path.name for path in bulk.failed}


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _picture(random: np.random.Generator, extension: str) -> bytes:
    """A small whole one, of one of the format's kinds."""
    height, width = random.integers(9, 70, 2)
    slope = np.add.outer(np.arange(height), np.arange(width))[..., None] * random.integers(1, 9, 4)
    pixels = ((slope + random.integers(0, 30, slope.shape)) % 256).astype(np.uint8)
    modes = {
        "png": ["1", "L", "P", "LA", "RGB", "RGBA", "I;16", "16 bits"],
        "jpg": ["L", "RGB", "CMYK"],
        "bmp": ["1", "L", "P", "RGB", "RGBA"],
        "gif": ["L", "P"],
        "webp": ["RGB", "RGBA"],
    }[extension]
    mode = str(random.choice(modes))
    if mode == "16 bits":
        return tf.io.encode_png(pixels.astype(np.uint16) * 257).numpy()
    if mode == "I;16":
        image = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(pixels).convert(mode if mode in ("RGBA", "LA") else "RGB")
        image = image.convert(mode)
    options: dict = {
        "png": {},
        "jpg": {"progressive": bool(random.integers(2)), "quality": int(random.integers(5, 99))},
        "bmp": {},
        "gif": {"save_all": True, "append_images": [image] * int(random.integers(3))},
        "webp": {"lossless": bool(random.integers(2))},
    }[extension]
    if random.random() < 0.3:
        exif = Image.Exif()
        exif[0x0112] = int(random.integers(0, 12))
        options["exif"] = exif
    if extension in ("bmp", "gif"):
        options.pop("exif", None)
    content = io.BytesIO()
    image.save(content, {"jpg": "jpeg"}.get(extension, extension), **options)
    return content.getvalue()


def _extreme(random: np.random.Generator, extension: str) -> bytes:
    """Very long and thin, or a header that claims far more than the file holds."""
    long = int(random.integers(5000, 16000))
    if random.random() < 0.5:
        image = Image.new("L", (1, long) if random.random() < 0.5 else (long, 1), 99)
        content = io.BytesIO()
        image.save(content, {"jpg": "jpeg"}.get(extension, extension))
        return content.getvalue()
    width, height = (int(x) for x in random.choice([0, 1, 20000, 65535, 2**31 - 1, 2**32 - 1], 2))
    depth = int(random.choice([1, 8, 16]))
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 2 if depth > 1 else 0, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header
    content += struct.pack(">I", zlib.crc32(header))
    data = b"IDAT" + zlib.compress(bytes(int(random.integers(0, 100000))))
    return content + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def _flip(random: np.random.Generator, content: bytes) -> bytes:
    damaged = bytearray(content)
    for at in random.integers(0, len(damaged), random.integers(1, 9)) if damaged else []:
        damaged[at] ^= 1 << int(random.integers(8))
    return bytes(damaged)


def _in_header(random: np.random.Generator, content: bytes) -> bytes:
    damaged = bytearray(content)
    for at in random.integers(0, min(64, len(damaged)), 3) if damaged else []:
        damaged[at] = int(random.choice([0, 1, 127, 128, 255]))
    return bytes(damaged)


def _cut(random: np.random.Generator, content: bytes) -> bytes:
    return content[: int(random.integers(0, len(content) + 1))]


def _take_out(random: np.random.Generator, content: bytes) -> bytes:
    at = int(random.integers(0, len(content) + 1))
    return content[:at] + content[at + int(random.integers(1, 50)) :]


def _repeat(random: np.random.Generator, content: bytes) -> bytes:
    first, last = sorted(int(x) for x in random.integers(0, len(content) + 1, 2))
    return content[:last] + content[first:last] + content[last:]


def _put_in(random: np.random.Generator, content: bytes) -> bytes:
    at = int(random.integers(0, len(content) + 1))
    return content[:at] + random.bytes(int(random.integers(1, 100))) + content[at:]


_DAMAGE: list[Callable[[np.random.Generator, bytes], bytes]] = [
    _flip,
    _in_header,
    _cut,
    _take_out,
    _repeat,
    _put_in,
]


if __name__ == "__main__":
    main()
