"""Reading, computing and writing at the same time, one item each."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


def overlapped(
    items: Iterable[Any],
    read: Callable[[Any], Any],
    compute: Callable[[Any, Any], Any],
    write: Callable[[Any, Any], Any],
    errors: tuple[type[Exception], ...],
) -> Iterator[tuple[Any, Any]]:
    """Passes every item through three steps, and keeps few of them in memory.

    Args:
      items: what is to be done, in order.
      read: item -> content, in a thread, up to two items ahead.
      compute: (item, content) -> result, in the caller's thread.
      write: (item, result) -> outcome, in a thread, up to two items behind.
      errors: what ends one item and not the others.

    Yields:
      (item, outcome) in order; an item that failed has its error for an outcome.
    """
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        writing: deque[tuple[Any, Future]] = deque()
        for item, content in _ahead(reader, read, items):
            try:
                result = compute(item, content.result())
                writing.append((item, writer.submit(write, item, result)))
            except errors as error:
                writing.append((item, _failed(error)))
            if len(writing) > 2:
                yield _outcome(*writing.popleft(), errors)
        while writing:
            yield _outcome(*writing.popleft(), errors)


def _ahead(
    pool: ThreadPoolExecutor, read: Callable[[Any], Any], items: Iterable[Any]
) -> Iterator[tuple[Any, Future]]:
    begun: deque[tuple[Any, Future]] = deque()
    for item in items:
        begun.append((item, pool.submit(read, item)))
        if len(begun) > 2:
            yield begun.popleft()
    yield from begun


def _failed(error: Exception) -> Future:
    future: Future = Future()
    future.set_exception(error)
    return future


def _outcome(item: Any, future: Future, errors: tuple[type[Exception], ...]) -> tuple[Any, Any]:
    try:
        return item, future.result()
    except errors as error:
        return item, error
