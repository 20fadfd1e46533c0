"""The Kotlin and the Swift of a phone, compiled and run: they give the twin's bytes.

LiteRT itself is not there for them: each tile is asked of this process, whose interpreter
answers both them and the twin.
"""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from export import mobile
from export.mobile import artifact, tiles, twin
from tests.conftest import missing
from tests.export import phone
from tests.models.tiny import moved_model

CODE = Path(mobile.__file__).parent
HARNESS = Path(__file__).parent
# npm's compiler, which is newer than Debian's; a person may have another on the path.
KOTLINC = HARNESS / "node_modules/kotlin-compiler/bin/kotlinc"
# Debian's libandroid-json-org-java; on a phone these classes are part of Android.
JSON = os.environ.get("ORG_JSON_JAR", "/usr/share/java/json-latest.jar")
SIDE = 64
CASES = [
    ("denoising", "float32", 100, 75),
    ("denoising", "int8", 100, 75),
    ("denoising", "int8", 33, 90),
    ("super_resolution", "float32", 65, 130),
    ("completion", "float32", 21, 70),
    ("colorization", "float32", 150, 91),
    ("colorization", "int8", 31, 64),
]


def kotlin(folder: Path) -> list[str]:
    """Compiles the part of the Android code that needs no phone, and returns how to run it."""
    kotlinc = KOTLINC if KOTLINC.exists() else shutil.which("kotlinc")
    if not kotlinc or not shutil.which("java"):
        missing("kotlin", "no kotlinc or no Java: npm ci --prefix tests/export/mobile")
    if not Path(JSON).exists():
        missing("kotlin", "no org.json: apt-get install libandroid-json-org-java")
    sources = [CODE / "android/Spec.kt", CODE / "android/Tiles.kt", HARNESS / "Harness.kt"]
    jar = folder / "phone.jar"
    command = [kotlinc, "-Werror", "-cp", JSON, *sources, "-include-runtime", "-d", jar]
    subprocess.run(command, check=True)
    return ["java", "-cp", f"{jar}:{JSON}", "HarnessKt"]


def swift(folder: Path) -> list[str]:
    """The same of the iOS code."""
    if not shutil.which("swiftc"):
        missing("swift", "no swiftc")
    sources = [CODE / "ios/Spec.swift", CODE / "ios/Tiles.swift", HARNESS / "main.swift"]
    command = ["swiftc", "-O", "-warnings-as-errors", *sources, "-o", folder / "phone"]
    subprocess.run(command, check=True)
    return [str(folder / "phone")]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifacts")
    for name in {case[0] for case in CASES}:
        kinds = sorted({case[1] for case in CASES if case[0] == name})
        phone.export(moved_model(name), folder, name, SIDE, kinds)
    return folder


def answer_tiles(program: subprocess.Popen, spec: artifact.Spec, run: tiles.Run) -> int:
    """Runs what the program asks until it ends; how many tiles that were."""
    count = 0
    while header := program.stdout.read(8):
        height, width = struct.unpack(">ii", header)
        tile = {}
        for name, stored in sorted(spec.inputs.items()):
            shape, dtype = [1, height, width, stored.shape[-1]], np.dtype(stored.dtype)
            shape = shape if name in spec.pictures else stored.shape
            content = program.stdout.read(int(np.prod(shape)) * dtype.itemsize)
            tile[name] = np.frombuffer(content, dtype).reshape(shape)
        answer = run(tile).tobytes()
        program.stdin.write(struct.pack(">i", len(answer)) + answer)
        program.stdin.flush()
        count += 1
    return count


@pytest.mark.slow
@pytest.mark.parametrize("language", [kotlin, swift])
def test_a_phone_gives_the_bytes_of_its_twin(exported, photograph, tmp_path, language):
    command = language(tmp_path)
    for name, kind, height, width in CASES:
        spec = artifact.find(exported, name, kind, "restore")
        run = twin.interpreter(spec)
        pictures = phone.pictures(moved_model(name), photograph, height, width)
        expected = tiles.restore(spec, pictures, run)
        for key, picture in pictures.items():
            (tmp_path / key).write_bytes(picture.tobytes())
        arguments = [exported / name / "signatures.json", kind, height, width, tmp_path / "out"]
        arguments += [f"{key}={tmp_path / key}" for key in pictures]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen([*command, *map(str, arguments)], **pipes) as program:
            count = answer_tiles(program, spec, run)
        assert program.returncode == 0
        assert count > (width > SIDE)
        got = np.frombuffer((tmp_path / "out").read_bytes(), np.uint8).reshape(expected.shape)
        np.testing.assert_array_equal(got, expected, err_msg=f"{name} {kind} {height}x{width}")
