"""Waivers: known findings of single cases, accepted until a date. They stand in a target's target.toml or in
a file of the user's own (--waivers FILE), as the same [[waivers]] tables, read strictly. What a waiver does to
an outcome is in outcome.py.
"""

import datetime
import tomllib
from dataclasses import dataclass

from harness import UsageError, meant, vocabulary

SOON = 30  # days before a waiver's end from which on it is announced


@dataclass(frozen=True)
class Waiver:
    """A known deviation, accepted to the end of a day."""

    case: str
    finding: str  # the word that is waived; another finding of the case is a failure
    reason: str
    reference: str  # where it is discussed: a bug, a manual's section
    expires: datetime.date


_KEYS = {"case": str, "finding": str, "reason": str, "reference": str, "expires": datetime.date}
_TYPES = {str: "words in quotes", datetime.date: "a date without quotes, such as 2027-03-31"}


def of_tables(tables, path):
    """The Waivers in the [[waivers]] tables of a file."""
    found = [_waiver(entry, path) for entry in tables]
    seen = set()
    for waiver in found:
        if (waiver.case, waiver.finding) in seen:
            raise UsageError(f"{path}: waivers: {waiver.finding} of {waiver.case} is waived twice")
        seen.add((waiver.case, waiver.finding))
    return found


def _waiver(entry, path):
    if not isinstance(entry, dict):
        raise UsageError(f"{path}: waivers: expected [[waivers]] tables")
    for key in entry:
        if key not in _KEYS:
            raise UsageError(f"{path}: waivers: unknown key {key!r}; there are {', '.join(_KEYS)}")
    for key, wanted in _KEYS.items():
        if key not in entry:
            raise UsageError(f"{path}: waivers: {key} is missing{_of(entry)}")
        value = entry[key]
        if type(value) is not wanted:
            raise UsageError(f"{path}: waivers: {key}: expected {_TYPES[wanted]}, found {value!r}{_of(entry)}")
        if not value:
            raise UsageError(f"{path}: waivers: {key} is empty")
    if entry["finding"] not in vocabulary.words():
        raise UsageError(f"{path}: waivers: finding: {entry['finding']!r} is not a word of vocabulary.toml"
                         f"{meant(entry['finding'], vocabulary.words())}")
    return Waiver(**entry)


def _of(entry):
    return f" (of {entry['case']})" if isinstance(entry.get("case"), str) else ""


def read(path):
    """The Waivers in a file that has nothing else; UsageError when the file is at fault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--waivers {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    for key in data:
        if key != "waivers":
            raise UsageError(f"{path}: unknown key {key!r}: expected [[waivers]] tables only")
    if not isinstance(data.get("waivers"), list):
        raise UsageError(f"{path}: waivers: expected [[waivers]] tables")
    return of_tables(data["waivers"], path)


def joined(own, further):
    """A target's own waivers and a user's; the user's stands where both waive the same."""
    known = {(waiver.case, waiver.finding) for waiver in further}
    return [w for w in own if (w.case, w.finding) not in known] + list(further)


def endings(waivers, cases, today=None):
    """A line for each waiver of these cases that ends soon, the soonest first."""
    today = today or datetime.date.today()
    ending = sorted((w for w in waivers if w.case in cases and 0 <= (w.expires - today).days <= SOON),
                    key=lambda w: (w.expires, w.case, w.finding))
    return [f"waiver      {w.case:<34} {w.finding} expires {_when((w.expires - today).days)} ({w.expires})" for w in ending]


def _when(days):
    return "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
