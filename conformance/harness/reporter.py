"""The terminal reporter: a line for each case that is not plainly good, a line that says what is
waited for, and the suite's last line. On a dumb terminal the waiting line is printed now and then
instead of being overwritten.
"""

import sys
import time

import pytest
from _pytest.terminal import TerminalReporter

from harness import report_text, suite as suite_data

WORDS = {"pass": "pass", "note": "note", "fail": "FAIL", "unsupported": "unsupported", "error": "ERROR",
         "waived": "waived", "recorded": "recorded"}
COLOURS = {"pass": "green", "note": "green", "fail": "red", "error": "red", "waived": "yellow",
           "recorded": "yellow", "unsupported": "yellow"}


class CaseReporter(TerminalReporter):
    """pytest's reporter with our own lines for each case."""

    def __init__(self, config, suite, file):
        super().__init__(config, file)
        self._suite = suite
        self._began = time.monotonic()
        self._last_waiting = 0.0
        self._line = ""  # the waiting line on the screen
        self._gave_up = False  # by plugin.give_up, whose message says all
        self._terminal = self._tw.hasmarkup and getattr(file, "isatty", lambda: False)()

    def seconds(self):
        return time.monotonic() - self._began

    def say(self, text):
        """A line between those of the cases."""
        self._clear()
        self._tw.line(text, flush=True)

    def show_waiting(self, waiting):
        """Called often; says what the run waits for."""
        now = time.monotonic()
        if now - self._last_waiting < (0.25 if self._terminal else 10.0) or not waiting:
            return
        if self._last_waiting == 0.0 and not self._terminal:
            self._last_waiting = now  # a short run needs no such line
            return
        self._last_waiting = now
        longest = sorted(waiting, key=lambda entry: -entry[1])[:3]
        names = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in longest)
        more = f" and {len(waiting) - 3} more" if len(waiting) > 3 else ""
        text = f"{self.seconds():5.1f} s  waiting for {names}{more}"
        if self._terminal:
            width = self._tw.fullwidth - 1
            self._line = text[:width]
            self._tw.write("\r" + self._line.ljust(width), flush=True)
        else:
            self._tw.line(text, flush=True)

    def _clear(self):
        if self._line:
            self._tw.write("\r" + " " * len(self._line) + "\r")
            self._line = ""

    # pytest's hooks

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        """No banner: the first line is that of the collected cases."""
        self._session = session
        self._sessionstarttime = time.time()

    def pytest_keyboard_interrupt(self, excinfo):
        if not isinstance(excinfo.value, pytest.exit.Exception):
            super().pytest_keyboard_interrupt(excinfo)
            return
        self._gave_up = True
        self._clear()
        print(excinfo.value.msg, file=sys.stderr)

    def _report_keyboardinterrupt(self):
        if not self._gave_up:
            super()._report_keyboardinterrupt()

    def pytest_runtest_logstart(self, nodeid, location):
        """No line before a case."""

    def pytest_runtest_logfinish(self, nodeid):
        """No percentage after it."""

    def pytest_runtest_logreport(self, report):
        self._tests_ran = True
        category, _, _ = self.config.hook.pytest_report_teststatus(report=report, config=self.config)
        self._add_stats(category, [report])
        if report.when != "call":
            return
        seen = self._suite.tally.outcomes[-1]
        if seen.status == "pass" and not seen.problem and self.verbosity <= 0:
            return
        self._clear()
        case = seen.case
        words = ", ".join(f.word for f in seen.findings)
        text = " ".join(part for part in (words or seen.reason.split("\n")[0], seen.problem) if part)
        self._tw.write(f"{WORDS[seen.status]:<11}", **{COLOURS[seen.status]: True})
        self._tw.line(f" {case.id:<34} {case.requirements[0]:<13} {case.level:<6} {text}", flush=True)

    def pytest_collection_finish(self, session):
        self._clear()
        if self.config.getoption("collectonly"):
            for item in session.items:
                self._tw.line(f"{item.case.id:<36} {item.case.requirements[0]:<13} {item.case.level:<6} "
                              f"{item.case.title}")
            return
        count = len(session.items)
        if count:
            self._tw.line(f"{count} case{'s' * (count != 1)} of suite {suite_data.version()} against "
                          f"{self._suite.spec.name}: {self._suite.spec.description}")
            if words := self._suite.other_versions():
                self._tw.line(words)

    def summary_passes(self):
        """What was seen of cases that hold, too: with --time-line, or when one case is named."""
        if self.config.getoption("--time-line") or len(self.config.getoption("--case")) == 1:
            for seen in self._suite.tally.outcomes:
                if seen.status not in ("fail", "error", "unsupported") and not seen.problem:
                    self._tw.line(report_text.describe(seen, self._suite.spec.option))

    def short_test_summary(self):
        """The lines above say it already."""

    def summary_stats(self):
        self._clear()
        if self._gave_up and not self._suite.tally.outcomes:
            return
        super().summary_stats()
        for line in self._suite.ending_waivers():
            self._tw.line(line, yellow=True)
        if self._suite.tally.outcomes:
            self._tw.line(self._suite.tally.last_line())
