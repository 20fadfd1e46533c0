import threading

import pytest

from zoo.restoration.pipelined import overlapped


def test_results_come_in_order_and_one_failure_ends_one_item():
    def read(item):
        if item == 2:
            raise OSError("unreadable")
        return item * 10

    def write(item, result):
        if item == 4:
            raise OSError("disk full")
        return f"{item}: {result}"

    done = list(overlapped(range(6), read, lambda item, content: content + 1, write, (OSError,)))
    assert [item for item, _ in done] == list(range(6))
    assert [str(outcome) for _, outcome in done] == [
        "0: 1",
        "1: 11",
        "unreadable",
        "3: 31",
        "disk full",
        "5: 51",
    ]


def test_an_error_of_ours_is_not_swallowed():
    def compute(item, content):
        raise TypeError("a bug")

    with pytest.raises(TypeError):
        list(overlapped([1], str, compute, print, (OSError,)))


def test_reading_runs_ahead_but_not_away():
    asked, ahead = [], []
    second = threading.Event()

    def items():
        for item in range(20):
            asked.append(item)
            yield item

    def read(item):
        if item == 1:
            second.set()

    def compute(item, content):
        assert second.wait(60)  # the second is read before the first is computed
        ahead.append(len(asked) - item)

    list(overlapped(items(), read, compute, lambda *_: None, (OSError,)))
    assert max(ahead) == 3
