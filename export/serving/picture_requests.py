"""Pictures in batches to a served model, and an answer or a reason for each."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from tensorflow.core.protobuf.meta_graph_pb2 import TensorInfo

from export.serving import tensor_files
from export.serving.protocol import Arrays, ServerError
from zoo.files.image_files import BrokenImage

Answer = dict[str, Any] | Exception


def answers(
    jobs: Sequence, info: TensorInfo, ask: Callable[[np.ndarray], Arrays], most: int
) -> Iterator[tuple[Any, Answer]]:
    """Yields each job with its row of the outputs, or with what was wrong with it.

    Args:
      jobs: each with a `source`, a picture's file.
      info: the input that takes the pictures.
      ask: from a batch of them to the outputs.
      most: pictures in a batch. They are neighbors of one shape; files as bytes have none.
    """
    batch: list[tuple[Any, Any]] = []
    for job in jobs:
        try:
            row = tensor_files.of_picture(job.source, info)
        except (BrokenImage, OSError) as error:
            yield job, error
            continue
        if batch and (len(batch) == most or np.shape(batch[0][1]) != np.shape(row)):
            yield from _asked(batch, ask)
            batch = []
        batch.append((job, row))
    if batch:
        yield from _asked(batch, ask)


def _asked(batch: list[tuple[Any, Any]], ask) -> Iterator[tuple[Any, Answer]]:
    try:
        outputs = ask(tensor_files.stack([row for _, row in batch]))
    except ServerError as error:
        if len(batch) == 1:
            yield batch[0][0], error
            return
        # One bad picture fails its whole batch.
        for one in batch:
            yield from _asked([one], ask)
        return
    for (job, _), row in zip(batch, tensor_files.rows(outputs), strict=True):
        yield job, row
