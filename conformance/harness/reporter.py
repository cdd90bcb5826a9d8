"""The terminal reporter: a line for each case that is not plainly good, a line that says what is
waited for (progress.py), and the suite's last line.
"""

import os
import sys
import time
from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

from harness import progress, report_text, suite as suite_data, versions

WORDS = {"pass": "pass", "note": "note", "fail": "FAIL", "unsupported": "unsupported", "error": "ERROR",
         "waived": "waived", "recorded": "recorded"}
COLOURS = {"pass": "green", "note": "green", "fail": "red", "error": "red", "waived": "yellow",
           "recorded": "yellow", "unsupported": "yellow"}
BUSY = 4.0  # processes ready to run for each processor, from which on timers strike that should not


def busy(tally, load, processors):
    """What to say of failures on a machine that had more to do than it can: '' where there is nothing to say."""
    failed = tally.count("fail")
    if not failed or load <= BUSY * processors:
        return ""
    return (f"the machine was busy (load {load:.0f} on {processors} processor{'s' * (processors != 1)}): before you hold "
            f"{'it' if failed == 1 else 'one of these'} against anybody, run it again when it is quiet")


class CaseReporter(TerminalReporter):
    """pytest's reporter with our own lines for each case."""

    def __init__(self, config, suite, file):
        super().__init__(config, file)
        self._suite = suite
        self._progress = progress.Progress(file)
        self._gave_up = False  # by plugin.give_up, whose message says all
        self._other_roles = Counter()  # role -> number of cases that are for it, and not for this target

    def seconds(self):
        return self._progress.seconds()

    def say(self, text):
        """A line between those of the cases."""
        self._progress.say(text)

    def show_waiting(self, state):
        """Called often; says what the run waits for (a progress.State)."""
        self._progress.show(lambda width: progress.describe(self.seconds(), state, width))

    def phase(self, words):
        """A context in which something takes time before a case is run."""
        return self._progress.phase(words)

    def clear_waiting(self):
        """Before anything else is written."""
        self._progress.clear()

    # pytest's hooks

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        """No banner: the first line is that of the collected cases."""
        self._session = session
        self._sessionstarttime = time.time()

    def pytest_keyboard_interrupt(self, excinfo):
        self.clear_waiting()
        if not isinstance(excinfo.value, pytest.exit.Exception):
            super().pytest_keyboard_interrupt(excinfo)
            return
        self._gave_up = True
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
        if self.verbosity <= 0 and not seen.problem:
            if seen.status == "pass":
                return
            if seen.role and seen.status == "unsupported":  # hundreds of lines would say the same
                self._other_roles[seen.role] += 1
                return
        self.clear_waiting()
        case = seen.case
        words = ", ".join(f.word for f in seen.findings)
        text = " ".join(part for part in (words or seen.reason.split("\n")[0], seen.problem) if part)
        self._tw.write(f"{WORDS[seen.status]:<11}", **{COLOURS[seen.status]: True})
        self._tw.line(f" {case.id:<34} {case.requirements[0]:<13} {case.level:<6} {text}", flush=True)

    def pytest_collection_finish(self, session):
        self.clear_waiting()
        if self.config.getoption("collectonly"):
            for item in session.items:
                self._tw.line(f"{item.case.id:<36} {item.case.requirements[0]:<13} {item.case.level:<6} "
                              f"{item.case.title}")
            return
        count = len(session.items)
        if count:
            self._tw.line(f"{count} case{'s' * (count != 1)} of suite {suite_data.version()} against "
                          f"{self._suite.spec.name}: {self._suite.spec.description}")
            if self._suite.spec.version:
                self._tw.line(f"version: {versions.of(self._suite.spec)[0]}")
            if words := self._suite.other_versions():
                self._tw.line(words)

    def summary_passes(self):
        """What was seen of cases that hold, too: with --time-line, or when one case is named."""
        if self.config.getoption("--time-line") or len(self.config.getoption("--case")) == 1:
            for seen in self._suite.tally.outcomes:
                if seen.status not in ("fail", "error", "unsupported") and not seen.problem:
                    self._tw.line(report_text.describe(seen, self._suite.spec.option, self._suite.explanations))

    def short_test_summary(self):
        """The lines above say it already."""

    def summary_stats(self):
        self.clear_waiting()
        if self._gave_up and not self._suite.tally.outcomes:
            return
        super().summary_stats()
        for role, count in self._other_roles.items():
            words = "1 case is" if count == 1 else f"{count} cases are"
            self._tw.line(f"{words} for a {role.replace('-', ' ')}, which this target is not (roles)")
        for line in self._suite.ending_waivers():
            self._tw.line(line, yellow=True)
        if self._suite.spec.live and (words := busy(self._suite.tally, os.getloadavg()[0], os.cpu_count() or 1)):
            self._tw.line(words, yellow=True)
        if self._suite.tally.outcomes:
            self._tw.line(self._suite.tally.last_line())
