"""SIGTERM, by which a scheduler announces that it takes the machine away."""

import signal
import threading


class Termination:
    """While it is entered, SIGTERM is noted instead of obeyed.

    Attributes:
      asked: whether it has come.
    """

    def __init__(self):
        self.asked = False

    def __enter__(self) -> "Termination":
        # Python allows handlers in the main thread only.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._note)
        return self

    def __exit__(self, *_) -> None:
        if hasattr(self, "_before"):
            signal.signal(signal.SIGTERM, self._before)

    def _note(self, *_) -> None:
        self.asked = True
