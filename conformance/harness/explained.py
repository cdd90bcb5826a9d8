"""Explanations of recorded deviations: why an implementation does otherwise than the draft, and which setting
would mend it (targets/<name>/explained.toml, beside recorded.toml). Read strictly. A finding of a case is
explained by the most particular entry: one that names the case, then one for its first requirement, then one
for the finding anywhere; of two alike, the target's own goes before an inherited one.
"""

import tomllib
from dataclasses import dataclass

from harness import TARGETS, UsageError, case_files, recorded, vocabulary

FILE = "explained.toml"
_KEYS = {"finding": str, "requirement": str, "cases": list, "explanation": str, "setting": str, "reference": str}
_REQUIRED = ("finding", "explanation", "setting", "reference")


@dataclass(frozen=True)
class Entry:
    """One [[deviation]]. An empty `setting`: there is none that would mend it."""

    finding: str
    explanation: str
    setting: str
    reference: str
    requirement: str = ""  # of the cases it is for; "": any
    cases: tuple = ()  # ids it is for; (): any
    target: str = ""  # whose file it is in

    @property
    def rank(self):
        """How particular it is."""
        return 2 if self.cases else 1 if self.requirement else 0

    def fits(self, case, requirement, finding):
        """Whether it is for this finding of a case whose first requirement is this."""
        return (finding == self.finding and self.requirement in ("", requirement)
                and (not self.cases or case in self.cases))


class Explanations:
    """The entries of one target, its own first, then the inherited ones."""

    def __init__(self, own, inherited=(), inherits=""):
        self.own, self.entries, self.inherits = list(own), [*own, *inherited], inherits

    def find(self, case, requirement, finding):
        """The Entry for a finding of a case; None when nothing explains it."""
        fitting = [entry for entry in self.entries if entry.fits(case, requirement, finding)]
        return max(fitting, key=lambda entry: entry.rank, default=None)  # the first of the highest


def of(explanations, case, finding):
    """The Entry for a finding of a run; None for a note, and where nothing explains it or there are no explanations."""
    return explanations.find(case.id, case.requirements[0], finding.word) if explanations and not finding.note else None


def read(directory, _below=()):
    """The Explanations of the target in a directory; None when it has no file of them."""
    path = directory / FILE
    if not path.is_file():
        return None
    own, parent = parse(path.read_text(encoding="utf-8"), directory.name, path)
    if not parent:
        return Explanations(own)
    where = next((d for d in (directory.parent / parent, TARGETS / parent) if (d / FILE).is_file()), None)
    if where is None:
        raise UsageError(f"{path}: inherits: target {parent!r} has no {FILE}")
    if where.resolve() in (*_below, directory.resolve()):
        raise UsageError(f"{path}: inherits: {parent!r} inherits from this one")
    return Explanations(own, read(where, (*_below, directory.resolve())).entries, parent)


def parse(text, target, path):
    """(entries, name of the target it inherits from or "") in a file's text; `path` stands for the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from None
    for key in data:
        if key not in ("inherits", "deviation"):
            raise UsageError(f"{path}: unknown key {key!r}")
    parent, tables = data.get("inherits", ""), data.get("deviation", [])
    if not isinstance(parent, str) or ("inherits" in data and not parent):
        raise UsageError(f"{path}: inherits: expected the name of a target, found {parent!r}")
    if not isinstance(tables, list):
        raise UsageError(f"{path}: deviation: expected [[deviation]] tables")
    entries = [_entry(table, target, f"{path}: deviation {number}")
               for number, table in enumerate(tables, start=1)]
    _check_distinct(entries, path)
    return entries, parent


def _entry(table, target, where):
    if not isinstance(table, dict):
        raise UsageError(f"{where}: expected a table")
    for key, value in table.items():
        if key not in _KEYS:
            raise UsageError(f"{where}: unknown key {key!r}; there are {', '.join(_KEYS)}")
        if type(value) is not _KEYS[key]:
            raise UsageError(f"{where}: {key}: expected {_KEYS[key].__name__}, found {value!r}")
    for key in _REQUIRED:
        if key not in table:
            raise UsageError(f"{where}: {key} is missing" + ' ("": there is none)' * (key in ("setting", "reference")))
    for key, value in table.items():
        if isinstance(value, str) and value != " ".join(value.split()):
            raise UsageError(f"{where}: {key}: expected one line without needless blanks")
        if not value and key not in ("setting", "reference"):
            raise UsageError(f"{where}: {key} is empty")
    if table["finding"] not in vocabulary.words():
        raise UsageError(f"{where}: finding: {table['finding']!r} is not a word of vocabulary.toml")
    cases = table.get("cases", [])
    if not all(isinstance(case, str) for case in cases) or len(set(cases)) != len(cases):
        raise UsageError(f"{where}: cases: expected ids of cases, each once")
    return Entry(**{**table, "cases": tuple(cases), "target": target})


def _check_distinct(entries, path):
    """Two entries of the same rank for the same thing: which one holds would be a matter of order."""
    seen = set()
    for entry in entries:
        for case in entry.cases or ("",):
            key = (entry.finding, case, entry.requirement if not entry.cases else "")
            if key in seen:
                raise UsageError(f"{path}: two entries for {entry.finding} of "
                                 f"{case or entry.requirement or 'any case'}")
            seen.add(key)


def deviations(record):
    """[(case, finding)] of a record, in order; what varies is in it too."""
    found = set()
    for case, words in record.items():
        found |= {(case, word) for word in words if word != "unsupported"}
    for case, others in record.varies.items():
        found |= {(case, word) for words in others for word in words if word != "unsupported"}
    return sorted(found)


def problems(directory, requirements, cases=None):
    """What is wrong with the explanations of the target in a directory that has a record, as sentences.
    `requirements`: the draft's ids."""
    path, cases = directory / FILE, case_files.load() if cases is None else cases
    explanations = read(directory)
    if explanations is None:
        return [f"{path} does not exist: each deviation in {recorded.FILE} needs an entry"]
    found, used = [], set()
    for case, word in deviations(recorded.read(directory / recorded.FILE)):
        requirement = cases[case].requirements[0] if case in cases else ""
        entry = explanations.find(case, requirement, word)
        if entry is None:
            found.append(f"{path}: no entry for {word} of {case} ({requirement})")
        else:
            used |= {(entry, case), (entry, "")}
    for entry in explanations.own:
        name = f"{path}: {entry.finding} ({', '.join(entry.cases) or entry.requirement or 'any case'})"
        if entry.requirement and entry.requirement not in requirements:
            found.append(f"{name}: the draft has no {entry.requirement}")
        found += [f"{name}: there is no case {case}" for case in entry.cases if case not in cases]
        if (entry, "") not in used:
            found.append(f"{name}: nothing on record needs this entry")
        else:
            found += [f"{name}: {case} has no such finding on record" for case in entry.cases
                      if (entry, case) not in used]
    return found
