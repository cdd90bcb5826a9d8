"""The README's matrix: what each recorded implementation does otherwise than the draft, by area and
by finding. It reads the records (targets/*/recorded.toml) and runs nothing.
"""

import tomllib
import xml.etree.ElementTree as ElementTree
from collections import Counter

from harness import CASES, CONFORMANCE, ROOT, TARGETS, recorded

BEGIN = "<!-- matrix:begin (written by `./run matrix --write`; do not edit) -->"
END = "<!-- matrix:end -->"
README = ROOT / "README.md"


def _cases():
    """{case id: (area, level)}"""
    cases = {}
    for path in sorted(CASES.glob("*/*.xml")):
        root = ElementTree.parse(path).getroot()
        cases[root.get("id")] = (path.parent.name, root.get("level"))
    return cases


def _records():
    """{target: (versions, {case id: words})} of every target that has a record."""
    records = {}
    for path in sorted(TARGETS.glob("*/recorded.toml")):
        versions = tomllib.loads(path.read_text(encoding="utf-8")).get("versions", [])
        records[path.parent.name] = (versions, recorded.read(path))
    return records


def _held(cases, record, wanted):
    """`held/judged` of the cases for which `wanted(area, level)`."""
    judged = [c for c, about in cases.items() if wanted(*about) and record.get(c) != ["unsupported"]]
    return f"{sum(c not in record for c in judged)}/{len(judged)}"


def _row(*cells):
    return "| " + " | ".join(cells) + " |"


def text():
    """The matrix as Markdown, without its markers."""
    cases, records = _cases(), _records()
    meanings = tomllib.loads((CONFORMANCE / "vocabulary.toml").read_text(encoding="utf-8"))
    names = list(records)
    lines = ["Cases that hold, of those the implementation can run. The reference server, the library and "
             "`cbv` hold them all;", "`./run test` checks that, and that these records still are true.", ""]
    lines += [_row("", *names), _row("---", *("---:" for _ in names))]
    for level in ("MUST", "SHOULD", "MAY"):
        lines.append(_row(f"**{level}**", *(
            _held(cases, records[n][1], lambda _, its: its == level) for n in names)))
    for area in sorted({area for area, _ in cases.values()}):
        lines.append(_row(area, *(_held(cases, records[n][1], lambda its, _: its == area) for n in names)))
    lines += ["", "Versions: " + "; ".join(
        f"{n}: {records[n][0][0]}" for n in names if records[n][0]) + ".", ""]
    lines += ["<details><summary>What they do otherwise, by finding (number of cases)</summary>", "",
              _row("finding", "the implementation", *names), _row("---", "---", *("---:" for _ in names))]
    counts = {n: Counter(w for words in records[n][1].values() for w in words) for n in names}
    for word, meaning in meanings.items():
        if any(counts[n][word] for n in names):
            lines.append(_row(f"`{word}`", meaning, *(str(counts[n][word] or "") for n in names)))
    lines += ["", "</details>"]
    return "\n".join(lines)


def readme_with_matrix(readme):
    """The README's text with the matrix of today's records in it."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text()}\n\n{END}{after}"


def write():
    """Puts the matrix into the README."""
    README.write_text(readme_with_matrix(README.read_text(encoding="utf-8")), encoding="utf-8")
