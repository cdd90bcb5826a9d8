"""What became of one case, after waivers and recorded deviations; counts, last line, exit status."""

import datetime
from dataclasses import dataclass, field
from typing import Any

LEVELS = ("MUST", "SHOULD", "MAY")

# Exit statuses of a run.
CONFORMANT, FAILED, USAGE, UNEXPECTED, FAULT = 0, 1, 2, 3, 4


@dataclass
class Outcome:
    """One case's outcome. `status`: pass, note (acceptable, another result is preferred), fail,
    unsupported, error, and from a failure: waived, recorded (a known deviation of the target)."""

    case: Any  # cbv.Case
    status: str
    findings: list = field(default_factory=list)  # cbv.Finding
    replies: list = field(default_factory=list)
    timeline: list = field(default_factory=list)  # cbv.Event
    verdict: str = ""  # that of a command
    elapsed: float = 0.0
    reason: str = ""  # unsupported, error, waived, recorded: why
    rerun: str = ""  # what a rerun at twice the scale showed
    problem: str = ""  # an unexpected pass, an expired waiver: status 3
    ended: Any = None  # command_target.Ended: how the command ended and what it printed
    role: str = ""  # unsupported: what the case is for, where the target has not this role at all

    @property
    def words(self):
        """The findings' words, sorted, without notes; ['error'] for an error."""
        if self.status == "error":
            return ["error"]
        return sorted({f.word for f in self.findings if not f.note})

    @property
    def failed(self):
        return self.status == "fail"


def from_result(case, result):
    """The outcome of an engine's Result."""
    return Outcome(case, result.status, result.findings, result.replies, result.timeline,
                   result.stated_verdict, result.elapsed, result.reason)


def timing_only(outcome):
    """Whether nothing but time bounds was missed, so that a rerun may clear it."""
    counted = [f for f in outcome.findings if not f.note]
    return outcome.failed and bool(counted) and all(f.timing for f in counted)


def apply_waivers(outcome, waivers, today=None):
    """Turns a failure whose every finding is waived into `waived`; marks what is out of date."""
    today = today or datetime.date.today()
    mine = [w for w in waivers if w.case == outcome.case.id]
    if not mine:
        return
    expired = [w for w in mine if w.expires < today]
    if expired and outcome.status != "unsupported":
        outcome.problem = f"the waiver for {expired[0].finding} expired on {expired[0].expires}"
        return
    if outcome.status in ("pass", "note"):
        outcome.problem = f"unexpected pass: {mine[0].finding} is waived ({mine[0].reference})"
    elif outcome.failed:
        if stale := {w.finding for w in mine} - set(outcome.words):
            outcome.problem = f"not found although waived: {', '.join(sorted(stale))}"
        if set(outcome.words) <= {w.finding for w in mine}:
            outcome.status = "waived"
            outcome.reason = "; ".join(f"{w.finding}: {w.reason} ({w.reference})" for w in mine)


@dataclass
class Tally:
    """Counts of a run."""

    outcomes: list = field(default_factory=list)
    seconds: float = 0.0

    def add(self, outcome):
        self.outcomes.append(outcome)

    def count(self, *statuses):
        return sum(o.status in statuses for o in self.outcomes)

    def level(self, level):
        """(held, judged) of one level; unsupported cases are not judged."""
        judged = [o for o in self.outcomes if o.case.level == level and o.status != "unsupported"]
        return sum(o.status in ("pass", "note") for o in judged), len(judged)

    def last_line(self):
        """MUST 61/62 · SHOULD 14/15 · unsupported 3 · waived 1 · 31.2 s (longest case 28.9 s)"""
        parts = []
        for level in LEVELS:
            held, judged = self.level(level)
            if judged:
                parts.append(f"{level} {held}/{judged}")
        for status in ("unsupported", "waived", "error"):
            if count := self.count(status):
                parts.append(f"{status} {count}")
        longest = max((o.elapsed for o in self.outcomes), default=0.0)
        parts.append(f"{self.seconds:.1f} s (longest case {longest:.1f} s)")
        return " \u00b7 ".join(parts)

    def exit_status(self):
        if self.count("error"):
            return FAULT
        if self.count("fail"):
            return FAILED
        if any(o.problem for o in self.outcomes):
            return UNEXPECTED
        if self.outcomes and self.count("unsupported") == len(self.outcomes):
            return USAGE  # nothing was judged: that is no conformance
        return CONFORMANT
