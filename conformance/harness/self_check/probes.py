"""The probes of the self-check: a few cases of its own (conformance/selfcheck), which belong to no suite and
no count, run by the engine as cases are. What they show is put into one object for each.
"""

import dataclasses
import re

import cbv

from harness import CONFORMANCE, SuiteError
from harness.runner import Runner, engine_target

DIRECTORY = CONFORMANCE / "selfcheck"
MARGIN = 10.0  # seconds beyond a budget and a half before a probe is given up


class Seen:
    """What one probe's time line shows."""

    def __init__(self, outcome, spec):
        self.outcome, self.spec, self.case = outcome, spec, outcome.case
        self.timeline = outcome.timeline
        self.queries = list(dict.fromkeys(e.text for e in self.timeline if (e.leg, e.kind) == ("dns", "query")))
        self.connected = any((e.leg, e.kind) == ("host", "connected") for e in self.timeline)
        self.said = [e.text for e in self.timeline if (e.leg, e.kind) == ("host", "received")]

    @property
    def without_answer(self):
        """Whether the engine had nothing to judge: no reply, no verdict, no program."""
        return self.outcome.status in ("error", "unsupported")

    @property
    def answered(self):
        """Whether a command stated a verdict, in time; a server always answers something, or there is an error."""
        return self.spec.server or bool(self.verdict)

    @property
    def asked(self):
        """Whether a called host was asked for the path: RCPT reached it."""
        return any(line.upper().startswith("RCPT TO:") for line in self.said)

    @property
    def greeting_name(self):
        """The name it gave a called host; '' if there was none."""
        names = [line.split(None, 1)[1] for line in self.said if re.match(r"(?i)(EHLO|HELO) \S", line)]
        return names[0] if names else ""

    @property
    def host(self):
        """The first called host's address."""
        return self.case.hosts[0][1][0] if self.case.hosts else ""

    @property
    def path(self):
        """The path that was asked about, as text."""
        return cbv.escape(self.case.path or b"")

    @property
    def _answer(self):
        """(step's kind, cbv.StepReply) of the reply that says the verdict: that to RCPT, but an earlier one where
        that was refused already; (rcpt, None) without one."""
        for answer in self.outcome.replies:
            kind = self.case.steps[answer.step][0]
            if kind == "rcpt" or answer.code >= 400:
                return kind, answer
        return "rcpt", None

    @property
    def reply(self):
        """(step's kind, code, text) of that reply; its code is 0 without one."""
        kind, answer = self._answer
        return (kind, answer.code, answer.text) if answer else (kind, 0, "")

    @property
    def asked_times(self):
        """How often the client asked before it took the reply for final."""
        return self._answer[1].asked if self._answer[1] else 0

    @property
    def verdict(self):
        """pass, fail, tempfail, unverifiable, none; '' when nothing was answered."""
        if not self.spec.server:
            return self.outcome.verdict
        _, code, text = self.reply
        if code // 100 == 4 and self.spec.definite and re.search(self.spec.definite, f"{code} {text}"):
            return "fail"
        return {2: "pass", 4: "tempfail", 5: "fail"}.get(code // 100, "")

    @property
    def words(self):
        """The answer in words, for a sentence."""
        if not self.spec.server:
            return f"the verdict {self.outcome.verdict}" if self.outcome.verdict else "no verdict in time"
        kind, code, text = self.reply
        return f"'{code} {_shortened(text)}' to {kind.upper()}" if code else "no reply"

    @property
    def when_accepted(self):
        """When the called host accepted RCPT, in seconds; None if it did not."""
        rcpt = False
        for e in self.timeline:
            if e.leg == "host" and e.kind == "received":
                rcpt = e.text.upper().startswith("RCPT TO:")
            elif e.leg == "host" and e.kind == "sent" and rcpt and e.text.startswith("250"):
                return e.at
        return None


def _shortened(text, limit=160):
    text = text.replace("\\n", " / ")
    return text if len(text) <= limit else text[:limit] + "..."


def run(report, scale):
    """{probe's id: Seen} of the probes this target can run, with its timers at a scale. UsageError when it does
    not get ready."""
    spec = report.spec
    patience = spec.timeouts["budget"] * 1.5 + MARGIN
    hurried = dataclasses.replace(spec, client_timeout=min(spec.client_timeout, patience),
                                  poll_limit=min(spec.poll_limit, patience), start_spread=0.0, waivers=[])
    try:
        target = engine_target(hurried, scale)
        probes = [probe for probe in cbv.load_cases(str(DIRECTORY), target) if not cbv.missing_capability(probe, target)]
    except (ValueError, RuntimeError) as error:
        raise SuiteError(str(error)) from None
    runner = Runner(hurried, target, probes, scale=scale)
    report.outcomes = list(runner.outcomes())
    report.last_words = runner.last_words
    if spec.server and probes:  # without any it was not started
        report.ok(f"ready after {runner.ready_after:.1f} s")
    return {outcome.case.id: Seen(outcome, spec) for outcome in report.outcomes}
