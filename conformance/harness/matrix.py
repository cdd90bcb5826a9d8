"""What each recorded implementation does otherwise than the draft: the README's matrix, by area and by
finding, the scoreboard, and the small table in the draft's Implementation Status. It reads the records
(targets/*/recorded.toml) and runs nothing.
"""

import re
import tomllib
from collections import Counter

from harness import CONFORMANCE, ROOT, TARGETS, SuiteError, case_files, generated, recorded, target_file
from harness.outcome import LEVELS

BEGIN = "<!-- matrix:begin (written by `./run matrix --write`; do not edit) -->"
END = "<!-- matrix:end -->"
README = ROOT / "README.md"
SCOREBOARD = CONFORMANCE / "SCOREBOARD.md"
FREQUENT = 3  # findings named for each implementation


def records(targets=None):
    """{target: recorded.Record} of these targets (names or directories); of the house's that have a record."""
    folders = [target_file.directory_of(name) for name in targets] if targets else [
        path.parent for path in sorted(TARGETS.glob("*/recorded.toml"))]
    return {folder.name: recorded.read(folder / "recorded.toml") for folder in folders}


def _meanings():
    """{word: what the implementation did}, in the vocabulary's order."""
    return tomllib.loads((CONFORMANCE / "vocabulary.toml").read_text(encoding="utf-8"))


def _counts(record):
    """{word: number of cases}"""
    return Counter(word for words in record.values() for word in words if word != "unsupported")


def _held(cases, record, name):
    """`held/judged` of the cases of a level or an area; judged is what could be run at that time."""
    if not (judged := record.judged.get(name)):
        return "-"
    failed = [c for c, words in record.items() if words != ["unsupported"] and c in cases
              and name in (cases[c].level, cases[c].area)]
    if len(failed) > judged:
        raise SuiteError(f"the record has {len(failed)} deviations of {judged} {name} cases: record the target anew")
    return f"{judged - len(failed)}/{judged}"


def _row(*cells):
    return "| " + " | ".join(cells) + " |"


def _description(name):
    """What a target is, as its target.toml says."""
    return target_file.load(name).description if (TARGETS / name / "target.toml").is_file() else ""


def _summary(cases, of):
    """A row for each implementation."""
    lines = [_row("implementation", "what it is", "version", *LEVELS, "recorded"),
             _row("---", "---", "---", "---:", "---:", "---:", "---")]
    for name, record in of.items():
        version = record.versions[0].split(" sha256")[0] if record.versions else "-"
        lines.append(_row(name, _description(name), version, *(_held(cases, record, level) for level in LEVELS),
                          str(record.date)))
    return lines


def _details(title, lines):
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def _by_area(cases, of):
    names = list(of)
    return [_row("", *names), _row("---", *("---:" for _ in names)),
            *(_row(area, *(_held(cases, of[n], area) for n in names))
              for area in sorted({case.area for case in cases.values()}))]


def _by_finding(of):
    counts = {name: _counts(record) for name, record in of.items()}
    return [_row("finding", "the implementation", *of), _row("---", "---", *("---:" for _ in of)),
            *(_row(f"`{word}`", meaning, *(str(counts[n][word] or "") for n in of))
              for word, meaning in _meanings().items() if any(counts[n][word] for n in of))]


def text(of=None):
    """The matrix of these records (the house's) as Markdown, without its markers."""
    cases, of = case_files.load(), records() if of is None else of
    return "\n".join([
        "Cases that hold, of those the implementation could run when it was recorded. The reference server, the library and",
        "`cbv` hold them all; `./run test` checks that, and that the records of Exim and Postfix still are true.",
        "Why the others fail is in [conformance/DEVIATIONS.md](conformance/DEVIATIONS.md).", "",
        *_summary(cases, of), *_details("The same by area", _by_area(cases, of)),
        *_details("What they do otherwise, by finding (number of cases)", _by_finding(of))])


def readme_with_matrix(readme):
    """The README's text with the matrix of today's records in it."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text()}\n\n{END}{after}"


def _sentence(record, meanings):
    """The most frequent findings, the vocabulary's order deciding between equals."""
    counts = _counts(record)
    order = sorted((word for word in meanings if counts[word]), key=lambda word: -counts[word])[:FREQUENT]
    if not order:
        return "No deviation is on record."
    return "Most frequent findings: " + ", ".join(
        f'"{meanings[word]}" ({counts[word]} case{"s" * (counts[word] != 1)})' for word in order) + "."


def scoreboard(of=None):
    """The page of results with the most frequent findings, as Markdown."""
    cases, of, meanings = case_files.load(), records() if of is None else of, _meanings()
    lines = ["# Results of known implementations", "",
             "Written by `./run matrix --write`; do not edit. Cases that hold, of those the implementation could run when it was",
             "recorded. A deviation is one from the draft and not a fault: none of them was written to it.",
             "[DEVIATIONS.md](DEVIATIONS.md) says why the others fail.", "", *_summary(cases, of)]
    for name, record in of.items():
        lines += ["", f"## {name}", "", _sentence(record, meanings)]
    return "\n".join(lines) + "\n"


def _release(record):
    """The release's own number, of `name 4.96-15+deb12u10`: 4.96."""
    found = re.search(r" (\d[^-+ ]*)", record.versions[0]) if record.versions else None
    return found[1] if found else "-"


def draft_lines():
    """Lines of the draft's generated results."""
    cases, of = case_files.load(), records()
    rows = [(name, _release(record), str(record.date), _held(cases, record, "MUST"), _held(cases, record, "SHOULD"))
            for name, record in of.items()]
    # Key words in capitals are for requirements only.
    return generated.table("results-table", "Cases That Hold, of Those Judged",
                           ("implementation", "release", "recorded on", "must", "should"),
                           [[generated.escaped(cell) for cell in row] for row in rows])


def draft_problems(folder=generated.draft.FOLDER):
    """What is out of date about the draft's results, as sentences that say what to do."""
    return generated.part_problems("results", draft_lines(), "./run matrix --write", folder)


def write():
    """Puts the matrix into the README and the results into the draft, and writes the scoreboard."""
    README.write_text(readme_with_matrix(README.read_text(encoding="utf-8")), encoding="utf-8")
    SCOREBOARD.write_text(scoreboard(), encoding="utf-8")
    generated.write("results", draft_lines())
