"""The self-check of a target: whether the adapter is right, before any case says something of the
implementation. An error is what makes a run meaningless; where the implementation merely does otherwise
than the draft, that is for the cases, and here a warning at most.
"""

import time
from dataclasses import dataclass, field

from harness import UsageError, target_file
from harness.process import NOTHING


@dataclass
class Report:
    """What was looked at, in the order it was looked at."""

    spec: target_file.Spec
    lines: list = field(default_factory=list)  # (kind, sentence); kind: ok, warning, error
    outcomes: list = field(default_factory=list)  # of the probes, with their time lines
    seconds: float = 0.0
    last_words: str = ""  # the end of what the target printed

    def ok(self, sentence):
        self.lines.append(("ok", sentence))

    def warn(self, sentence):
        self.lines.append(("warning", sentence))

    def fail(self, sentence):
        self.lines.append(("error", sentence))

    def of_kind(self, kind):
        return [sentence for each, sentence in self.lines if each == kind]

    @property
    def slow(self):
        """Whether some probe took as long as a timer."""
        shortest = min(self.spec.timeouts[name] for name in target_file.TIMEOUTS)
        return any(outcome.elapsed >= shortest for outcome in self.outcomes)

    @property
    def wrong(self):
        return bool(self.of_kind("error"))


def examine(spec):
    """The Report on a live target; to be called in the lab. What is wrong and may have been a timer's doing is
    looked at again at twice the scale: a machine under load must not accuse an adapter either."""
    began = time.monotonic()
    report = _look(spec, 1.0)
    if report.wrong and report.slow and not (again := _look(spec, 2.0)).wrong:
        report = again
    report.seconds = time.monotonic() - began
    return report


def _look(spec, scale):
    from harness.self_check import called, declared, paths, probes, static
    report = Report(spec)
    static.look(report)
    if not report.wrong:
        try:
            seen = probes.run(report, scale)
        except UsageError as error:
            report.fail(str(error))
        else:
            paths.judge(report, seen)
            called.judge(report, seen)
            declared.judge(report, seen)
    return report


def brief(report):
    """What a run says of it before its cases: warnings and errors, and that it was made."""
    lines = [f"self-check: {kind}: {sentence}" for kind, sentence in report.lines if kind != "ok"]
    if not report.wrong:
        lines.append(f"self-check: the adapter is right as far as can be seen ({report.seconds:.1f} s)")
    return "\n".join(lines)


def full(report):
    """Every line, for the verb check."""
    lines = []
    for kind, sentence in report.lines:
        first, *rest = sentence.splitlines()
        lines += [f"  {kind:<8} {first}", *(f"           {line}" for line in rest)]
    if report.wrong and report.last_words not in ("", NOTHING):
        lines += ["the end of what it printed:", report.last_words]
    counts = ((len(report.of_kind(kind)), kind) for kind in ("error", "warning"))
    lines.append(", ".join(f"{n} {kind}{'s' * (n != 1)}" for n, kind in counts) + f", {report.seconds:.1f} s")
    return "\n".join(lines)
