"""Pictures in batches to a served model, and an answer or a reason for each."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from export.serving import remote_tiles, tensor_files
from export.serving.protocol import ServerError
from export.serving.questions import Question
from export.serving.remote import RemoteModel
from zoo.files import image_files
from zoo.files.image_files import BrokenImage, Picture
from zoo.restoration import one_picture
from zoo.restoration.jobs import Job

Row = dict[str, Any]  # outputs by name, images as Picture


class Asker:
    """Asks about pictures, each in the way that keeps what it holds.

    Args:
      model: served.
      question: what to ask.
      fine: the same in floats, for pictures of more than 8 bits and for tiles; or None.
      most: pictures in a request.

    Attributes:
      seconds: spent at the server.
    """

    def __init__(self, model: RemoteModel, question: Question, fine: Question | None, most: int):
        self._model, self._question, self._fine, self._most = model, question, fine, most
        self._tiling = remote_tiles.tiling(model, fine)
        self.seconds = 0.0

    def answers(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, list[Row] | Exception]]:
        """Yields each job with the rows of its pictures, or with what was wrong with one."""
        unfinished: dict[Job, list[Row | Exception]] = {}
        for batch in self._batches(jobs):
            for item, answer in self._asked(batch):
                found = unfinished.setdefault(item.job, [])
                found.append(answer)
                if len(found) == item.pages:
                    wrong = [each for each in found if isinstance(each, Exception)]
                    yield item.job, wrong[0] if wrong else found
                    del unfinished[item.job]

    def _batches(self, jobs: Sequence[Job]) -> Iterator[list["_Item"]]:
        """Neighbors that can go in one request."""
        batch: list[_Item] = []
        for job in jobs:
            for item in self._items(job):
                if batch and (len(batch) == self._most or not item.goes_with(batch[0])):
                    yield batch
                    batch = []
                batch.append(item)
        if batch:
            yield batch

    def _items(self, job: Job) -> Iterator["_Item"]:
        try:
            pictures = image_files.read_all(job.source)
        except BrokenImage as error:
            yield _Item(job, error=error)
            return
        for picture in pictures:
            is_deep = picture.pixels.dtype != np.uint8
            question = self._fine if self._fine and is_deep else self._question
            if question.gives_pictures:
                pixels, seen = one_picture.shown(picture)
            else:
                pixels = seen = image_files.on_white(picture)
            tile = self._tiling(*seen.shape[:2])
            row = seen if tile else tensor_files.of_pixels(seen, question.info)
            yield _Item(job, len(pictures), question, picture, pixels, row, tile)

    def _asked(self, batch: list["_Item"]) -> Iterator[tuple["_Item", Row | Exception]]:
        if error := batch[0].error:
            yield batch[0], error
            return
        started = time.perf_counter()
        try:
            outputs = self._outputs(batch)
        except (ServerError, BrokenImage) as failure:
            outputs, error = None, failure
        self.seconds += time.perf_counter() - started
        if outputs is not None:
            for item, row in zip(batch, tensor_files.rows(outputs), strict=True):
                yield item, {key: self._kept(item, value) for key, value in row.items()}
        elif len(batch) == 1:
            yield batch[0], error
        else:  # one bad picture fails its whole batch
            for one in batch:
                yield from self._asked([one])

    def _outputs(self, batch: list["_Item"]) -> dict[str, np.ndarray]:
        first = batch[0]
        if first.tile:
            served = remote_tiles.Served(self._model, first.question, self._fine)
            return {"image": served.restore(first.row, first.tile)[np.newaxis]}
        return first.question.ask(self._model, tensor_files.stack([item.row for item in batch]))

    def _kept(self, item: "_Item", value: Any) -> Any:
        """An output as it is, or as a picture with all that was beside its pixels."""
        after = tensor_files.pixels(value)
        if after is None:
            return value
        if self._fine and self._fine.keeps_channels:
            after = image_files.to_channels(after, item.pixels.shape[-1])
        return one_picture.returned(item.picture, item.pixels, after)


def names(jobs: Sequence[Job]) -> dict[Job, Path]:
    """The outputs' names without suffix; a.jpg and a.bmp become a.jpg.png and a.bmp.png."""
    whole: set[Job] = set()
    while True:
        found = {job: job.target if job in whole else job.target.with_suffix("") for job in jobs}
        count = Counter(found.values())
        alike = {job for job, name in found.items() if count[name] > 1} - whole
        if not alike:
            return found
        whole |= alike


class _Item(NamedTuple):
    """One picture of a file, as it is sent; or why the file has none."""

    job: Job
    pages: int = 1
    question: Question | None = None
    picture: Picture | None = None
    pixels: np.ndarray | None = None
    row: Any = None
    tile: int = 0  # side of its tiles, where it is too large for a request
    error: Exception | None = None

    def goes_with(self, other: "_Item") -> bool:
        """Files as bytes have no shape, and go with all."""
        if self.error or other.error or self.tile or other.tile:
            return False
        return self.question is other.question and np.shape(self.row) == np.shape(other.row)
