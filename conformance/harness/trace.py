"""The trace between the draft and the suite, both ways: every requirement's cases and mutants, every
case's requirements, and whether the cases were read again since the sentence changed. It runs nothing.
The checks return sentences that say what to do; none means all is well.
"""

import functools
import json
import os
import pathlib
import re
import tomllib
from dataclasses import dataclass, field

from harness import CASES, CONFORMANCE, ROOT, SuiteError, UsageError, case_files, draft, generated

ID = re.compile(r"\bCBV-[A-Z]+-[0-9]{3}\b")
TESTABLE = ("wire", "capability", "target")  # values of "seen by" that ask for a case
SUFFIXES = {".hpp", ".cpp", ".py", ".pyi", ".xml", ".toml", ".md", ".rnc", ".rng", ".txt", ".json"}
CODE = {".hpp", ".cpp", ".py"}  # where naming a requirement means to implement or test it
SKIPPED = {"__pycache__", "build"}
MADE_UP = ("CBV-NONE-", "CBV-X-")  # not in the draft on purpose: inputs of tests, examples of documents
# Parts of the draft this version does not have, as the README says: nothing can name their requirements.
ABSENT = {f"CBV-EPV-{number:03}": "hooks for modules" for number in (*range(1, 8), 10)}
HEADER = ("# The digest each requirement's sentence had when its cases (or tests) were last read against it;\n"
          "# written by `./run trace --reviewed ID...`.\n\n[digests]\n")


@dataclass(frozen=True)
class Project:
    """Where everything is. Tests look at doctored copies of single parts."""

    draft: pathlib.Path = draft.FOLDER
    cases: pathlib.Path = CASES
    index: pathlib.Path = CONFORMANCE / "CASES.md"
    reviewed: pathlib.Path = CONFORMANCE / "reviewed.toml"
    mutants: pathlib.Path = ROOT / "build" / "mutants.json"
    citing: tuple = (*(ROOT / f for f in ("lib", "refserver", "fake-mx", "conformance", "bindings")),
                     *(ROOT / f for f in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "run")))


@dataclass
class Row:
    """One requirement with all that hangs on it."""

    id: str
    level: str  # MUST, SHOULD, MAY
    seen_by: str  # wire, capability, target, bindings
    reason: str  # bindings: why it cannot be seen from outside
    digest: str
    reviewed: str  # the digest on record, or ''
    cases: list = field(default_factory=list)  # ids of cases whose own requirement it is
    further: list = field(default_factory=list)  # ids of cases that name it as a further one
    mutants: dict = field(default_factory=dict)  # id -> killed; empty when not known
    code: list = field(default_factory=list)  # sources and tests that name it

    @property
    def review(self):
        return "reviewed" if self.reviewed == self.digest else "changed" if self.reviewed else "new"


class Trace:
    """The project's trace as of now."""

    def __init__(self, project=Project()):
        self.project = project
        document = draft.load(draft.source(project.draft))
        index = self._index(document)
        on_record = read_reviewed(project.reviewed)
        self.cases = case_files.load(project.cases)
        self.rows = {r.id: Row(r.id, draft.plain_level(r), *index.get(r.id, ("", "")), r.digest,
                               on_record.get(r.id, "")) for r in document.requirements}
        self.forgotten = sorted(set(on_record) - set(self.rows))
        self.citations = _citations(project.citing)
        self._fill()

    @staticmethod
    def _index(document):
        """{id: (seen by, reason)} of the draft's requirement-index."""
        try:
            table = document.table("requirement-index")
            seen_by = table.header.index("seen by")
        except (KeyError, ValueError):
            raise SuiteError("the draft has no table requirement-index with a column 'seen by'") from None
        return {row[0]: (row[seen_by], row[seen_by + 1] if len(row) > seen_by + 1 else "") for row in table.rows}

    def _fill(self):
        for case in sorted(self.cases.values(), key=lambda case: case.id):
            for place, requirement in enumerate(case.requirements):
                if row := self.rows.get(requirement):
                    (row.further if place else row.cases).append(case.id)
        for mutant in self._matrix():
            if row := self.rows.get(mutant["requirement"]):
                row.mutants[mutant["id"]] = mutant["killed"]
        for path, _, requirement in self.citations:
            row = self.rows.get(requirement)
            if row and path.suffix in CODE and "harness" not in path.parts and path not in row.code:
                row.code.append(path)

    def _matrix(self):
        """The mutants of the kill matrix, if it is of these very cases."""
        if not self.project.mutants.is_file():
            self.mutants_note = "mutants: not run yet (./run mutants)"
            return []
        data = json.loads(self.project.mutants.read_text(encoding="utf-8"))
        known = {*data["idle_cases"], *(case for m in data["mutants"] for case in m["killed_by"])}
        if known != set(self.cases):
            self.mutants_note = "mutants: the last run was of other cases (./run mutants)"
            return []
        self.mutants_note = ""
        return data["mutants"]


def _files(roots):
    for root in roots:
        if root.is_file():
            yield root
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED)
            yield from (pathlib.Path(folder, name) for name in sorted(names))


@functools.cache
def _citations(roots):
    """[(file, line, id)] of everything below `roots` that looks like a requirement's id."""
    found = []
    for path in _files(roots):
        if path.suffix not in SUFFIXES and path.suffix:  # without one: scripts
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if "CBV-" in text:
            for number, line in enumerate(text.splitlines(), 1):
                found += ((path, number, name) for name in ID.findall(line))
    return found


def read_reviewed(path):
    """{id: digest} of a reviewed.toml; {} when there is none yet."""
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{path}: {error}") from None
    digests = data.get("digests", {})
    if set(data) - {"digests"} or not all(isinstance(d, str) for d in digests.values()):
        raise SuiteError(f"{path}: expected one table [digests] of strings")
    return digests


# --- checks ---------------------------------------------------------------------------------------


def _shown(path):
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def without_case(trace):
    """Requirements that can be seen from outside and have no case."""
    found = []
    for row in trace.rows.values():
        group = row.id.split("-")[1].lower()
        if row.seen_by not in (*TESTABLE, "bindings"):
            found.append(f"{row.id}: requirement-index says it is seen by {row.seen_by!r}: expected "
                         f"{', '.join(TESTABLE)} or bindings")
        elif row.seen_by in TESTABLE and not row.cases + row.further:
            found.append(f"{row.id} ({row.level}, {row.seen_by}) has no case: write one in conformance/cases/{group}/, "
                         "or, if nobody can see it from outside, say so in the draft's requirement-index")
    return found


def without_reason(trace):
    """Requirements that cannot be seen from outside: they need a reason, and a test or a source."""
    found = []
    for row in trace.rows.values():
        if row.seen_by != "bindings":
            continue
        if not row.reason:
            found.append(f"{row.id} is seen by bindings and nobody knows why not from outside: give the reason in the "
                         "last column of the draft's requirement-index")
        if row.code and row.id in ABSENT:
            found.append(f"{row.id} is named by {_shown(row.code[0])}, so the {ABSENT[row.id]} are there: take it out of "
                         "ABSENT in harness/trace.py")
        if not row.code and row.id not in ABSENT:
            found.append(f"{row.id} is seen by bindings, and no source or test names it: name it where it is "
                         "implemented or tested")
    return found


def unknown_in_cases(trace):
    """Cases of requirements that are not in the draft."""
    return [f"{_shown(case.path)}: the draft has no {requirement}: correct the attribute requirement"
            for case in trace.cases.values() for requirement in sorted(case.cited) if requirement not in trace.rows]


def changed_since_review(trace):
    """Requirements whose sentence is another than when their cases were read."""
    found = [f"{trace.project.reviewed.name}: the draft has no {name}: remove the line, or ./run trace --reviewed --all"
             for name in trace.forgotten]
    for row in trace.rows.values():
        if row.review == "reviewed":
            continue
        where = row.cases + row.further or [str(_shown(path)) for path in row.code] or ["nothing yet"]
        what = "its sentence changed since its cases were read" if row.review == "changed" else (
            "nobody has yet read its cases against its sentence")
        found.append(f"{row.id}: {what}: look at {', '.join(where)}, then ./run trace --reviewed {row.id}")
    return found


def unknown_citations(trace):
    """Sources, tests and documents that name a requirement the draft does not have."""
    return [f"{_shown(path)}:{line}: {name} is not in the draft: correct it, or use the group NONE for a made-up id"
            for path, line, name in trace.citations if name not in trace.rows and not name.startswith(MADE_UP)]


def case_index(trace):
    """The page of cases by requirement, as Markdown."""
    lines = ["# Cases by requirement", "",
             "Written by `./run trace --write`; do not edit. A requirement without a row cannot be seen from outside; the draft's",
             "requirement list says why. `./run show ID` has the sentence, or the case.", "",
             "| requirement | level | cases |", "| --- | --- | --- |"]
    lines += [f"| {row.id} | {row.level} | {', '.join(row.cases + row.further)} |"
              for row in trace.rows.values() if row.cases + row.further]
    return "\n".join(lines) + "\n"


def index_out_of_date(trace):
    """The page of cases or the draft's renderings are not those of today."""
    page = trace.project.index
    if not page.is_file() or page.read_text(encoding="utf-8") != case_index(trace):
        return [f"{page.name} is not that of today: ./run trace --write", *generated.rendering_problems(trace.project.draft)]
    return generated.rendering_problems(trace.project.draft)


CHECKS = (without_case, without_reason, unknown_in_cases, changed_since_review, unknown_citations, index_out_of_date)


def problems(trace):
    """Everything that is wrong."""
    return [text for check in CHECKS for text in check(trace)]


# --- output ---------------------------------------------------------------------------------------


def text(trace):
    """The table for people."""
    lines = [f"{'requirement':<13} {'level':<6} {'seen by':<10} {'cases':>5} {'further':>7} {'mutants':>8}  review"]
    for row in trace.rows.values():
        killed = f"{sum(row.mutants.values())}/{len(row.mutants)}" if row.mutants else "-"
        lines.append(f"{row.id:<13} {row.level:<6} {row.seen_by:<10} {len(row.cases) or '-':>5} "
                     f"{len(row.further) or '-':>7} {killed:>8}  {row.review}")
    testable = [row for row in trace.rows.values() if row.seen_by in TESTABLE]
    covered = sum(bool(row.cases + row.further) for row in testable)
    lines.append(f"{len(trace.rows)} requirements, {len(testable)} can be seen from outside, {covered} of them have "
                 f"cases; {len(trace.cases)} cases")
    absent = {part: [name for name in ABSENT if ABSENT[name] == part] for part in ABSENT.values()}
    lines += [f"not in this version: {part} ({', '.join(names)})" for part, names in absent.items()]
    if trace.mutants_note:
        lines.append(trace.mutants_note)
    return "\n".join(lines)


def as_json(trace):
    """The table for programs."""
    return {"requirements": [
        {"id": row.id, "level": row.level, "seen_by": row.seen_by, "reason": row.reason, "digest": row.digest,
         "review": row.review, "cases": row.cases, "further_cases": row.further, "mutants": row.mutants,
         "code": [str(_shown(path)) for path in row.code]} for row in trace.rows.values()],
        "problems": problems(trace)}


def record_review(trace, ids):
    """Writes the digests of these requirements (None: all) to reviewed.toml."""
    for name in ids or ():
        if name not in trace.rows:
            raise UsageError(f"trace --reviewed: the draft has no {name}")
    digests = {row.id: row.digest if ids is None or row.id in ids else row.reviewed for row in trace.rows.values()}
    lines = [f'{name} = "{digest}"\n' for name, digest in digests.items() if digest]
    trace.project.reviewed.write_text(HEADER + "".join(lines), encoding="utf-8")


def write(trace):
    """Writes the page of cases and renders the draft again."""
    trace.project.index.write_text(case_index(trace), encoding="utf-8")
    generated.render(trace.project.draft)
