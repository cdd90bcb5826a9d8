"""The known deviations of implementations that are not ours, with their explanations, as data for reports and
as the page conformance/DEVIATIONS.md. It reads records and explanations and runs nothing.
"""

import json
import pathlib
import tomllib
from collections import defaultdict

from harness import CONFORMANCE, TARGETS, UsageError, case_files, explained, recorded, vocabulary

PAGE = CONFORMANCE / "DEVIATIONS.md"
HEAD = """\
# Known deviations

<!-- written by `./run deviations --write` from targets/*/recorded.toml and explained.toml; do not edit -->

What known implementations do otherwise than the draft, why, and the setting that would mend it. Each was built by its makers
for its own purposes, long before there was a draft: a deviation is a difference, not a fault. Each entry was
checked against the time lines of its cases (`./run conformance replay CASE --target NAME`), and a setting named
here was tried; "none" means that we know of none. A case can have several findings and then counts in several rows.
"""


def of_target(directory, cases=None):
    """A target's deviations as data: {"target", "description", "versions", "recorded", "inherits", "cases" (number of
    cases that deviate), "deviations": [{"finding", "meaning", "requirements", "cases", "explanation", "setting", "reference",
    "explained_for"}]} with one row for each entry that explains something, in the vocabulary's order. A finding that
    nothing explains has a row with an empty explanation. None when the target has no record."""
    if not (directory / recorded.FILE).is_file():
        return None
    cases = case_files.load() if cases is None else cases
    record, explanations = recorded.read(directory / recorded.FILE), explained.read(directory)
    rows = defaultdict(list)
    for case, word in explained.deviations(record):
        requirement = cases[case].requirements[0] if case in cases else ""
        entry = explanations.find(case, requirement, word) if explanations else None
        rows[word, entry].append(case)
    meanings = vocabulary.meanings()
    order = list(meanings)
    data = [_row(word, entry, found, cases, meanings) for (word, entry), found in rows.items()]
    data.sort(key=lambda row: (order.index(row["finding"]) if row["finding"] in order else -1, row["requirements"], row["cases"]))
    return {"target": directory.name, "description": _description(directory), "versions": record.versions,
            "recorded": str(record.date), "inherits": explanations.inherits if explanations else "",
            "cases": len({case for case, _ in explained.deviations(record)}), "deviations": data}


def _row(word, entry, found, cases, meanings):
    return {"finding": word, "meaning": meanings.get(word, ""),
            "requirements": sorted({cases[case].requirements[0] for case in found if case in cases}), "cases": found,
            "explanation": entry.explanation if entry else "", "setting": entry.setting if entry else "",
            "reference": entry.reference if entry else "", "explained_for": entry.target if entry else ""}


def _description(directory):
    return tomllib.loads((directory / "target.toml").read_text(encoding="utf-8")).get("description", "")


def data(targets=TARGETS):
    """of_target() of every target that has a record, those that others inherit from first."""
    cases = case_files.load()
    found = [of_target(path.parent, cases) for path in sorted(targets.glob(f"*/{recorded.FILE}"))]
    return [entry for entry in found if entry["deviations"]]


# --- the page ---

def _cell(text):
    """Text as a cell of a Markdown table."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _code(text):
    """Text as code in a cell; a bar would end the cell even there."""
    ticks = "``" if "`" in text else "`"
    return ticks + text.replace("|", "\\|") + ticks


def _line(row):
    requirements = ", ".join(row["requirements"])
    count = f"<details><summary>{len(row['cases'])}</summary>{', '.join(row['cases'])}</details>"
    setting = _code(row["setting"]) if row["setting"] else "none"
    return (f"| `{row['finding']}` | {requirements} | {count} | {_cell(row['explanation'] or 'not explained yet')} "
            f"| {setting} | {_cell(row['reference']) or '-'} |")


def _table(rows):
    return ["| finding | requirement | cases | explanation | a setting that mends it | reference |",
            "| --- | --- | ---: | --- | --- | --- |", *map(_line, rows)]


def _section(entry, parent):
    """A target's part of the page; `parent`: the data of the target it inherits from, or None."""
    lines = [f"## {entry['target']}", "",
             f"{_cell(entry['description'])}. {'; '.join(entry['versions'][:1]) or 'No version'}, recorded on "
             f"{entry['recorded']}: {entry['cases']} {'case deviates' if entry['cases'] == 1 else 'cases deviate'}.", ""]
    if parent is None:
        return [*lines, *_table(entry["deviations"]), ""]
    before = {(row["finding"], case) for row in parent["deviations"] for case in row["cases"]}
    now = {(row["finding"], case) for row in entry["deviations"] for case in row["cases"]}
    rows = [row for row in entry["deviations"] if row["explained_for"] == entry["target"]
            or any((row["finding"], case) not in before for case in row["cases"])]
    if mended := sorted({case for _, case in before - now} - {case for _, case in now}):
        lines += [f"As `{parent['target']}`, but these cases hold: {', '.join(mended)}.", ""]
    else:
        lines += [f"As `{parent['target']}`.", ""]
    return [*lines, *(["What differs besides:", "", *_table(rows), ""] if rows else [])]


def page(entries=None):
    """The page's text."""
    entries = data() if entries is None else entries
    by_name = {entry["target"]: entry for entry in entries}
    lines = [HEAD]
    for entry in entries:
        lines += _section(entry, by_name.get(entry["inherits"]))
    return "\n".join(lines).rstrip("\n") + "\n"


def write():
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


def show(write_page, json_file):
    """The verb: the page on standard output, or into its file, or the data as JSON ("-": standard output)."""
    if write_page:
        write()
    if json_file:
        text = json.dumps(data(), indent=1) + "\n"
        if json_file == "-":
            print(text, end="")
            return
        try:
            pathlib.Path(json_file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--json {json_file}: {error.strerror}") from None
    elif not write_page:
        print(page(), end="")
