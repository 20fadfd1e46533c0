"""Which pictures of an output folder are done, and from what: restored-0-of-4.jsonl, a line each.

Every process appends to a file of its own and reads those of all, so that another number of them
goes on where these were stopped. A line that was cut off by a kill counts for nothing.
"""

import hashlib
import json
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from zoo.files.buckets import BucketPath

# An append to a bucket sends the whole file again.
BUCKET_SECONDS = 30.0
# Of a line: what a picture is made of.
SAME = "name", "size_and_mtime_ns", "settings"


class Manifest:
    """The record of one output folder.

    Args:
      folder: of the output.
      part: which of the pictures this process does, such as "0-of-4"; names its own file.
      settings: whatever else the result depends on; JSON-able.
      lines: what is known of these pictures; None: all that is recorded.
    """

    def __init__(
        self,
        folder: Path | BucketPath,
        part: str,
        settings: Any,
        lines: Iterable[dict] | None = None,
    ):
        self._folder = folder
        told = json.dumps(settings, sort_keys=True).encode()
        self._settings = hashlib.sha256(told).hexdigest()[:16]
        self._path = folder / f"restored-{part}.jsonl"
        # A line feed first: the last line there may have been cut off.
        self._lead = "\n" if self._path.exists() else ""
        self._waiting: list[str] = []
        self._lock = threading.RLock()  # what is begun and what is done come from two threads
        self._written = time.monotonic()
        self._done: dict[str, dict] = {}
        for line in _recorded(folder) if lines is None else lines:
            self._remember(line)

    def wanted(self, target: Path | BucketPath, files: list[Path | BucketPath]) -> dict:
        """What a line says of a picture that is made of `files`, but for its output."""
        given = []
        for file in files:
            try:
                stat = file.stat()
                given += [stat.st_size, stat.st_mtime_ns]
            except OSError:  # gone since it was listed, which whoever reads it will say
                given += [-1, -1]
        name = self.name(target)
        return {"name": name, "size_and_mtime_ns": given, "settings": self._settings}

    def has(self, wanted: dict) -> bool:
        """Whether the same picture was done with the same settings, and its output is there."""
        line = self._done.get(wanted["name"], {})
        if wanted != {key: line.get(key) for key in wanted}:
            return False
        try:
            return (self._folder / line["output"]).stat().st_size == line["bytes"]
        except OSError:
            return False

    def may_write(self, output: Path | BucketPath, target: Path | BucketPath | None = None) -> bool:
        """Whether an output is not there yet, or was made or begun of the same name and settings.

        Of a bucket nobody knows in time what was begun, and all may be written.

        Args:
          output: what would be written.
          target: of its picture, where the output has another suffix.
        """
        line = self.line(target or output) or {}
        ours = line.get("settings") == self._settings and line["output"] == self.name(output)
        return isinstance(output, BucketPath) or ours or not output.exists()

    def read(self, names: Collection[str] | None = None) -> None:
        """Learns what others have recorded since, of pictures of these names or of all."""
        for line in _recorded(self._folder):
            if names is None or line["name"] in names:
                self._remember(line)

    def line(self, target: Path | BucketPath) -> dict | None:
        """What is known of a picture, for the `lines` of another process."""
        return self._done.get(self.name(target))

    def outputs(self) -> set[Path | BucketPath]:
        """All that is recorded."""
        return {self._folder / line["output"] for line in self._done.values()}

    def begin(self, wanted: dict, output: Path | BucketPath) -> None:
        """Records that an output will be written, so that after a kill it is known as ours."""
        self._append(wanted | {"output": self.name(output), "bytes": -1})

    def add(self, wanted: dict, output: Path | BucketPath) -> None:
        """Records that a picture is done, before the next one where that is cheap."""
        self._append(wanted | {"output": self.name(output), "bytes": output.stat().st_size})

    def flush(self) -> None:
        """Writes what is not written yet."""
        with self._lock:
            if not self._waiting:
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a") as file:
                file.write(self._lead + "\n".join(self._waiting) + "\n")
            self._lead, self._waiting, self._written = "", [], time.monotonic()

    def name(self, path: Path | BucketPath) -> str:
        """Of a picture or an output, in the record."""
        return str(path.relative_to(self._folder))

    def _append(self, line: dict) -> None:
        with self._lock:
            self._waiting.append(json.dumps(line | {"time_ns": time.time_ns()}))
            remote = isinstance(self._folder, BucketPath)
            if not remote or time.monotonic() - self._written > BUCKET_SECONDS:
                self.flush()

    def _remember(self, line: dict) -> None:
        """The newest line counts, but to begin once more does not undo what is done."""
        before = self._done.get(line["name"], line)
        same = all(line[key] == before[key] for key in SAME)
        now, then = ((same and x["bytes"] >= 0, x.get("time_ns", 0)) for x in (line, before))
        if now >= then:
            self._done[line["name"]] = line


def _recorded(folder: Path | BucketPath) -> Iterator[dict]:
    """All whole lines of all records."""
    for path in folder.glob("restored-*-of-*.jsonl"):
        with path.open() as file:
            for text in file:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if isinstance(line, dict) and line.keys() >= {*SAME, "output", "bytes"}:
                    yield line
