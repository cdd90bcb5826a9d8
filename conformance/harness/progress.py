"""The line that says what is waited for. On a terminal it is one line that is rewritten in place; where that
cannot be (a pipe, TERM=dumb, CI, NO_COLOR) it is printed now and then, without control codes.
"""

import contextlib
import math
import os
import threading
import time
from dataclasses import dataclass, field

TICK = 0.25  # seconds between two looks
NAMED = 3  # cases named in the line
CLEAR = "\r\x1b[K"


@dataclass
class State:
    """What a run waits for."""

    waiting: list = field(default_factory=list)  # (case id, seconds so far)
    done: int = 0
    total: int = 0
    expected: dict = field(default_factory=dict)  # case id -> seconds it should take
    grace: float = 0.0  # seconds it may take longer before it is overdue
    later: float = 0.0  # seconds until the cases that were not begun are over
    again: bool = False  # this is the rerun at twice the scale


def _left(state, name, seconds):
    """Seconds a case has left (0: it is due), -1 when it is overdue, None when nobody knows."""
    if (expected := state.expected.get(name)) is None:
        return None
    if seconds <= expected:
        return expected - seconds
    return 0.0 if seconds <= expected + state.grace else -1


def _about(seconds):
    return f"about {max(1, math.ceil(seconds))} s left"


def describe(seconds, state, width=None):
    """The line, of at most `width` characters: ` 33.6 s  412 of 656 done, waiting for ...`."""
    order, most = [], state.later
    for name, so_far in state.waiting:
        left = _left(state, name, so_far)
        words = (f"{so_far:.0f} s" if left is None else "overdue" if left < 0 else "due" if left == 0 else _about(left))
        order.append((-2 if left is None else left, so_far, f"{name} ({words})"))
        most = max(most, left or 0.0)
    order.sort(key=lambda entry: (-entry[0], -entry[1], entry[2]))
    head = f"{seconds:5.1f} s  {'again at twice the scale: ' * state.again}{state.done} of {state.total} done"
    tail = f"; {_about(most)}" if most > 0 and len(order) > 1 else ""
    for named in range(min(NAMED, len(order)), 0, -1):
        names = ", ".join(text for _, _, text in order[:named])
        more = f" and {len(order) - named} more" if len(order) > named else ""
        line = f"{head}, waiting for {names}{more}{tail}"
        if width is None or len(line) <= width:
            return line
    return (f"{head}, waiting for {len(order)}{tail}" if order else head)[:width]


def can_rewrite(file, environment):
    """Whether a line of this stream can be written over."""
    return (file.isatty() and environment.get("TERM", "dumb") not in ("", "dumb")
            and not environment.get("CI") and not environment.get("NO_COLOR"))


def width_of(file):
    """Columns of the terminal as it is now."""
    try:
        return os.get_terminal_size(file.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def pause_after(seconds):
    """Seconds from one plain line to the next, growing: a log of an hour is not to be full of them."""
    return 5 if seconds < 10 else 10 if seconds < 60 else 30 if seconds < 300 else 60


class Progress:
    """The line on a stream. Every other line of the stream goes through say(), or after clear()."""

    def __init__(self, file, environment=None, clock=time.monotonic):
        self._file, self._clock, self._began = file, clock, clock()
        self._rewrites = can_rewrite(file, os.environ if environment is None else environment)
        self._next = 0.0 if self._rewrites else 5.0  # a short run needs no plain line
        self._line = ""  # what is on the terminal
        self._lock = threading.RLock()

    def seconds(self):
        return self._clock() - self._began

    def show(self, make):
        """Called often; writes `make(width)` when it is time (width: None where no line is too long)."""
        with self._lock:
            if (now := self.seconds()) < self._next:
                return
            if self._rewrites:
                self._next = now + TICK
                width = width_of(self._file) - 1  # the last column would make some terminals wrap
                text = make(width)[:width]
                if len(self._line) > width:
                    self._write("\n")  # the terminal became narrower and may have wrapped it: leave it
                self._write(f"{CLEAR}{text}")
                self._line = text
            else:
                self._next = now + pause_after(now)
                self._write(make(None) + "\n")

    def clear(self):
        """Before another line is written."""
        with self._lock:
            if self._line:
                self._write("\n" if len(self._line) >= width_of(self._file) else CLEAR)
                self._line = ""

    def say(self, text):
        """A line that stays."""
        with self._lock:
            self.clear()
            self._write(text + "\n")

    @contextlib.contextmanager
    def phase(self, words):
        """While something is done that says nothing itself."""
        over = threading.Event()

        def tick():
            while not over.wait(TICK):
                self.show(lambda width: f"{self.seconds():5.1f} s  {words}")

        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            over.set()
            ticker.join()
            self.clear()

    def _write(self, text):
        self._file.write(text)
        self._file.flush()
