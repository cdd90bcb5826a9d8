"""Recorded deviations of an implementation that is not ours: which cases it fails, with which words,
and which it cannot run. A later run is compared with the record, so that a change of the suite or of
the implementation shows, without calling the deviations themselves a failure.
"""

import tomllib

from harness import UsageError


def read(path):
    """{case id: sorted words, or ['unsupported']}; UsageError when the file is at fault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: make it with --record") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from None
    for key in data:
        if key not in ("target", "versions", "deviations", "unsupported"):
            raise UsageError(f"{path}: unknown key {key!r}")
    record = {}
    for case, words in data.get("deviations", {}).items():
        if not isinstance(words, list) or not words:
            raise UsageError(f"{path}: deviations: {case}: expected a list of words")
        record[case] = sorted(words)
    for case in data.get("unsupported", []):
        record[case] = ["unsupported"]
    return record


def seen_words(outcome):
    """What a record would hold of this outcome; [] for a case that holds."""
    return ["unsupported"] if outcome.status == "unsupported" else outcome.words


def text(target, versions, outcomes):
    """The record of a run as a file's text."""
    lines = ["# What this implementation does otherwise than the draft; written by --record.",
             f'target = "{target}"']
    if versions:
        lines.append("versions = [" + ", ".join(f'"{v}"' for v in versions) + "]")
    by_id = sorted(outcomes, key=lambda o: o.case.id)
    lines.append("unsupported = [")
    lines += [f'    "{o.case.id}",' for o in by_id if o.status == "unsupported"]
    lines += ["]", "", "[deviations]"]
    for outcome in by_id:
        if outcome.status != "unsupported" and outcome.words:
            lines.append(f"{outcome.case.id} = [" + ", ".join(f'"{w}"' for w in outcome.words) + "]")
    return "\n".join(lines) + "\n"


def matches(outcome, record):
    """Whether this is what the record says of the case."""
    return seen_words(outcome) == record.get(outcome.case.id, [])


def apply(outcome, record):
    """A deviation that is recorded becomes `recorded`; a difference becomes a failure."""
    expected = record.get(outcome.case.id, [])
    seen = seen_words(outcome)
    if outcome.status == "error":
        return  # a fault of the suite is never on record
    if not matches(outcome, record):
        outcome.status = "fail"
        outcome.reason = (f"recorded: {', '.join(expected) or 'the case holds'}; "
                          f"now: {', '.join(seen) or 'the case holds'}")
    elif outcome.failed:
        outcome.status = "recorded"
        outcome.reason = "recorded deviation: " + ", ".join(seen)
