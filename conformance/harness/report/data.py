"""The results of several runs side by side: implementations across, requirements down, and what became of each
in a cell. Reads the files of --json strictly; only results of the same suite go together.
"""

import json
import pathlib
import re
from dataclasses import dataclass, field

from harness import UsageError
from harness.report import schema

LEVELS = ("MUST", "SHOULD", "MAY")
# What becomes of a cell or a case: state -> (word, sign). The order is that of importance in a cell. `new`: a
# deviation that is not on record, where the run was compared with a record. `other`: the case fails, but by
# another of its requirements.
STATES = {
    "error": ("error of the suite", "\u26a0"),
    "new": ("new deviation", "!"),
    "fail": ("deviates", "\u2717"),
    "recorded": ("known deviation", "\u2260"),
    "waived": ("waived deviation", "\u2298"),
    "note": ("holds, with a note", "~"),
    "pass": ("holds", "\u2713"),
    "unsupported": ("cannot be asked", "\u2013"),
    "other": ("not judged by this case", "\u2013"),
}
HELD, NOT_JUDGED = ("pass", "note"), ("unsupported", "other")


@dataclass
class Implementation:
    """One result with the name it goes by."""

    label: str
    result: dict
    cases: dict = field(init=False)  # id -> case

    def __post_init__(self):
        self.cases = {case["id"]: case for case in self.result["cases"]}

    @property
    def slug(self):
        """The label as a part of file names and addresses."""
        return re.sub(r"[^A-Za-z0-9.-]|^\.", "_", self.label)[:80]

    def state(self, case, requirement):
        """A case's state as to a requirement it names."""
        status = case["status"]
        if status not in ("fail", "recorded", "waived"):
            return status
        own = requirement == case["requirements"][0]
        if not own and not any(f["requirement"] == requirement and not f["note"] for f in case["findings"]):
            return "other"
        return "new" if status == "fail" and "compared_with" in self.result else status


@dataclass
class Cell:
    """One requirement of one implementation."""

    state: str  # of STATES, or "" when no case was run
    held: int
    judged: int


@dataclass
class Requirement:
    """A row: a requirement with the cases that name it, its own first."""

    id: str
    level: str  # as in the draft, with NOT
    sentence: str
    section: str  # "8 Dialogue"
    own: list = field(default_factory=list)
    further: list = field(default_factory=list)

    @property
    def area(self):
        return self.id.split("-")[1].lower()

    @property
    def cases(self):
        return [*self.own, *self.further]


class Matrix:
    """Implementations and requirements. `known`: {id: cbv.Requirement} of the draft."""

    def __init__(self, implementations, known):
        self.implementations = implementations
        self.suite = implementations[0].result["suite"]
        self.cases = {}  # id -> case of whichever result has it
        for implementation in implementations:
            for name, case in implementation.cases.items():
                if not self.cases.get(name, {}).get("why"):
                    self.cases[name] = case
        rows = {name: Requirement(name, r.level, r.sentence, f"{r.section_number} {r.section_title}")
                for name, r in known.items()}
        for name in sorted(self.cases):
            for place, requirement in enumerate(self.cases[name]["requirements"]):
                row = rows.setdefault(requirement, Requirement(requirement, self.cases[name]["level"], "", ""))
                (row.further if place else row.own).append(name)
        self.requirements = {name: row for name, row in rows.items() if row.cases}
        self.unseen = [row for row in rows.values() if not row.cases]

    def areas(self):
        """{area: [Requirement]} in the order of the draft."""
        found = {}
        for row in self.requirements.values():
            found.setdefault(row.area, []).append(row)
        return found

    def cell(self, implementation, row):
        """What became of a requirement."""
        states = [implementation.state(implementation.cases[name], row.id)
                  for name in row.cases if name in implementation.cases]
        state = next((s for s in STATES if s in states), "")
        return Cell("unsupported" if state == "other" else state, sum(s in HELD for s in states),
                    sum(s not in NOT_JUDGED for s in states))

    def counts(self, implementation, area):
        """(held, judged) of an area's cases, each counted once, by its own requirement."""
        statuses = [c["status"] for c in implementation.cases.values() if c["area"] == area]
        return sum(s in HELD for s in statuses), sum(s not in NOT_JUDGED for s in statuses)


def read(path):
    """The result in a file; UsageError when there is none."""
    try:
        result = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # UnicodeDecodeError is one, too
        empty = pathlib.Path(path).stat().st_size == 0
        raise UsageError(f"{path}: " + ("is empty: that run did not come to its end" if empty else
                                        f"expected the JSON of a run (--json): {error}")) from None
    if found := schema.problem(result):
        raise UsageError(f"{path}: expected the JSON of a run (--json): {found}")
    return result


def load(arguments):
    """[Implementation] of FILE or NAME=FILE arguments; UsageError when they do not go together."""
    implementations = []
    for argument in arguments:
        label, equals, path = argument.partition("=")
        if not equals or pathlib.Path(argument).exists():
            label, path = "", argument
        result = read(path)
        implementations.append(Implementation(label or result["target"]["name"], result))
        first, last = implementations[0].result["suite"], result["suite"]
        if first != last:
            raise UsageError(f"{path}: of suite {last['version']} and {last['draft']}, but {arguments[0]} is of "
                             f"{first['version']} and {first['draft']}: only results of the same suite go together")
        same = [i.slug for i in implementations].count(implementations[-1].slug)
        if same > 1:
            raise UsageError(f"{path}: a second result of {implementations[-1].label}: give it a name, NAME={path}")
    return implementations
