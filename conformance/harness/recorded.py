"""Recorded deviations of an implementation that is not ours: which cases it fails, with which words,
and which of its role it cannot run. A later run is compared with the record, so that a change of the suite or of
the implementation shows, without calling the deviations themselves a failure.
"""

import datetime
import tomllib
from collections import Counter

from harness import UsageError

FILE = "recorded.toml"  # beside a target's target.toml


class Record(dict):
    """{case id: sorted words, or ['unsupported']}, of cases for the target's roles. `varies`: {case id: [further outcomes]} of cases
    that do not always end alike, because the implementation picks at random, say. `date`: of the run.
    `judged`: {level or area: number of cases that could be run then}: cases that came later are no
    merit."""

    def __init__(self):
        super().__init__()
        self.varies = {}
        self.versions = []
        self.date = None
        self.judged = {}


def _words(value, where):
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise UsageError(f"{where}: expected a list of words")
    return sorted(value)


def read(path):
    """The Record in a file; UsageError when the file is at fault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: make it with --record") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from None
    for key in data:
        if key not in ("target", "recorded", "versions", "deviations", "unsupported", "varies", "judged"):
            raise UsageError(f"{path}: unknown key {key!r}")
    record = Record()
    record.versions = data.get("versions", [])
    record.date = data.get("recorded")
    if type(record.date) is not datetime.date:
        raise UsageError(f"{path}: recorded: expected a date, found {record.date!r}")
    record.judged = data.get("judged", {})
    if not all(type(count) is int for count in record.judged.values()):
        raise UsageError(f"{path}: judged: expected numbers of cases")
    for case, words in data.get("deviations", {}).items():
        record[case] = _words(words, f"{path}: deviations: {case}")
        if not words:
            raise UsageError(f"{path}: deviations: {case}: expected at least one word")
    for case in data.get("unsupported", []):
        record[case] = ["unsupported"]
    for case, outcomes in data.get("varies", {}).items():
        where = f"{path}: varies: {case}"
        if not isinstance(outcomes, list) or not outcomes:
            raise UsageError(f"{where}: expected a list of lists of words")
        record.varies[case] = [_words(words, where) for words in outcomes]
    return record


def _beside_the_point(outcome, record):
    """Whether the case is for another role than the target's and nothing on record contradicts that. Such cases are
    not on record: what the suite has of them is not the target's affair."""
    return bool(outcome.role) and record.get(outcome.case.id, []) in ([], ["unsupported"])


def seen_words(outcome):
    """What a record would hold of this outcome; [] for a case that holds."""
    return ["unsupported"] if outcome.status == "unsupported" else outcome.words


def merged(record, outcomes):
    """`record` with what is new in these outcomes as further outcomes of their cases."""
    for outcome in outcomes:
        if not matches(outcome, record) and outcome.status != "error":
            record.varies.setdefault(outcome.case.id, []).append(seen_words(outcome))
    return record


def of_run(outcomes):
    """The record of one run."""
    record = Record()
    for outcome in outcomes:
        if outcome.status != "error" and not outcome.role and (words := seen_words(outcome)):
            record[outcome.case.id] = words
    return record


def keep_variants(record, old):
    """Takes over from an older record what else its varying cases were seen to do."""
    for case, others in old.varies.items():
        known = [words for words in (old.get(case, []), *others) if words != record.get(case, [])]
        if known:
            record.varies[case] = known


def updated(old, outcomes):
    """An older record with what a run of some of its cases saw. Its date and counts stay those of the whole run
    they come from; a count changes with a case of which the record says that it could not be run, and now it can,
    or the other way round."""
    seen = {outcome.case.id: outcome.case for outcome in outcomes if outcome.status != "error" and not outcome.role}
    record = of_run(outcomes)
    record.versions, record.date, record.judged = old.versions, old.date, Counter(old.judged)
    for case, level_and_area in ((id, (case.level, case.area)) for id, case in seen.items() if id in old):
        could, can = (words != ["unsupported"] for words in (old[case], record.get(case)))
        for name in level_and_area:
            record.judged[name] += can - could
    record.update({case: words for case, words in old.items() if case not in seen})
    keep_variants(record, old)
    return record


def judged_in(outcomes):
    """{level or area: number of cases that could be run}"""
    counts = Counter()
    for outcome in outcomes:
        if outcome.status not in ("unsupported", "error"):
            counts.update((outcome.case.level, outcome.case.area))
    return dict(counts)


def text(target, versions, record, date):
    """A record as a file's text; `date` is that of the run."""
    def quoted(words):
        return "[" + ", ".join(f'"{word}"' for word in words) + "]"

    lines = ["# What this implementation does otherwise than the draft; written by --record.",
             f'target = "{target}"', f"recorded = {date}", f"versions = {quoted(versions)}", "unsupported = ["]
    lines += [f'    "{case}",' for case in sorted(record) if record[case] == ["unsupported"]]
    lines += ["]", "", "# Cases that could be run, by level and by area.", "[judged]"]
    lines += [f"{name} = {record.judged[name]}" for name in sorted(record.judged)]
    lines += ["", "[deviations]"]
    lines += [f"{case} = {quoted(record[case])}" for case in sorted(record)
              if record[case] != ["unsupported"]]
    if record.varies:
        lines += ["", "# Cases that do not always end alike: what else was seen ([]: the case holds).",
                  "[varies]"]
        lines += [f"{case} = [" + ", ".join(quoted(words) for words in record.varies[case]) + "]"
                  for case in sorted(record.varies)]
    return "\n".join(lines) + "\n"


def matches(outcome, record):
    """Whether this is what the record says of the case."""
    case = outcome.case.id
    seen = seen_words(outcome)
    return _beside_the_point(outcome, record) or seen == record.get(case, []) or seen in record.varies.get(case, [])


def apply(outcome, record):
    """A deviation that is recorded becomes `recorded`; a difference becomes a failure."""
    expected = record.get(outcome.case.id, [])
    seen = seen_words(outcome)
    if outcome.status == "error":
        return  # a fault of the suite is never on record
    if not matches(outcome, record):
        outcome.status = "fail"
        known = [expected, *record.varies.get(outcome.case.id, [])]
        outcome.reason = (f"recorded: {' or '.join(', '.join(w) or 'the case holds' for w in known)}; "
                          f"now: {', '.join(seen) or 'the case holds'}")
    elif outcome.failed:
        outcome.status = "recorded"
        outcome.reason = "recorded deviation: " + ", ".join(seen)
