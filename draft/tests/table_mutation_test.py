#!/usr/bin/env python3
"""Changing anything in a table of the draft makes a test fail that names the row.

Usage: table_mutation_test.py XML BINARY [--table ANCHOR] [--verbose]. BINARY is cbv_draft_tests,
which takes the draft from the environment. It runs on copies of the draft with one cell, or one
row, changed; a copy that it finds good, or whose row it does not name, is a hole. The sentences of
the draft are not its matter: the reviewed digests are.

A change that carries no meaning for the library is not made; NO_MEANING says which, and why.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TABLES = ("address-table", "timeout-table", "cache-table", "limit-table", "decision-table",
          "enhanced-table", "reply-table", "requirement-index")
JOBS = 2
ID = re.compile(r"CBV-[A-Z]+-\d{3}")
# By far the longest test; it reads the decision table alone.
NOT_OF_OTHER_TABLES = "-draft_decision_table.every_reply_*"
FROM_OUTSIDE = ("wire", "capability", "target")


def no_meaning(table, row, column, new):
    """Why this change of a cell means nothing to the library; None where it must be noticed."""
    if table == "requirement-index" and column == "seen by" and new in FROM_OUTSIDE \
            and row["seen by"] in FROM_OUTSIDE:
        return "by which means the suite sees a rule: the harness's trace compares it with the cases"
    if table == "requirement-index" and column == "why not from outside" and new and row[column]:
        return "a reason, in prose"
    if table == "address-table" and column == "name" and row["rule"] == "by embedded":
        return "the library has no name for a range that it does not prohibit"
    return None


class Cell:
    """The text of one cell and its place in the source."""

    def __init__(self, start, inner):
        # A reference shows its own text; its target is checked by the profile and the lint.
        wrapped = re.fullmatch(r"\s*<(\w+)[^<>]*>([^<>]*)</\1>\s*", inner)
        self.start = start + (wrapped.start(2) if wrapped else 0)
        self.raw = wrapped[2] if wrapped else inner
        if "<" in self.raw:
            sys.exit(f"cell with mark-up that this test cannot change: {inner}")
        self.text = " ".join(self.raw.replace("&lt;", "<").replace("&gt;", ">")
                             .replace("&amp;", "&").split())


class Row:
    def __init__(self, source, match, header):
        self.start, self.end = match.span()
        self.line = source.count("\n", 0, self.start) + 1
        self.cells = {name: Cell(self.start + td.start(1), td[1]) for name, td in
                      zip(header, re.finditer(r"<td[^<>]*>(.*?)</td>", match[0], re.S))}

    def __getitem__(self, column):
        return self.cells[column].text

    def describe(self, table, changed=None):
        texts = [changed[1] if changed and name == changed[0] else cell.text
                 for name, cell in self.cells.items()]
        return f"{table} line {self.line}: " + " | ".join(texts)


class Mutant:
    """A copy of the draft. One of `names` must stand in the output of the tests on it."""

    def __init__(self, what, text, names):
        self.what, self.text, self.names = what, text, names


def read(source, anchor):
    found = re.search(rf'<table anchor="{anchor}">.*?</table>', source, re.S)
    if not found:
        sys.exit(f"the draft has no table {anchor}")
    header = re.findall(r"<th(?: [^<>]*)?>(.*?)</th>", found[0], re.S)
    body = found.start() + found[0].index("<tbody>")
    # By position, so that a place in a row is a place in the source.
    rows = re.compile(r"<tr>.*?</tr>", re.S).finditer(source, body, found.end())
    return header, [Row(source, row, header) for row in rows]


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def numbers(column, text):
    """The text with each number one more and one less."""
    hexadecimal = column == "prefix" and ":" in text
    pattern = r"(?<=/)\d+|[0-9a-f]+(?=[:/])" if hexadecimal else r"\d+"
    for number in re.finditer(pattern, text):
        base = 16 if hexadecimal and text[number.start() - 1:number.start()] != "/" else 10
        for value in (int(number[0], base) + 1, int(number[0], base) - 1):
            if value < 0:
                continue
            digits = f"{value:x}" if base == 16 else f"{value:0{len(number[0])}d}" \
                if number[0].startswith("0") else str(value)
            yield text[:number.start()] + digits + text[number.end():]


def words(column, row, rows):
    """Other words that the column could have here: all of a few, else the neighbours."""
    text = row[column]
    if column == "why not from outside":
        return [""] if text else ["x"]
    vocabulary = list(dict.fromkeys(r[column] for r in rows))
    others = [word for word in vocabulary if word != text]
    if len(others) > 6:
        at = vocabulary.index(text)
        others = [vocabulary[at - 1], vocabulary[(at + 1) % len(vocabulary)]]
        others += [word for word in ("-", "none") if word in vocabulary and word != text]
    return others + [text + " x"]


def cell_mutants(source, anchor, header, rows, skipped):
    for row in rows:
        for column in header:
            cell = row.cells[column]
            changes = dict.fromkeys([*numbers(column, cell.text), *words(column, row, rows)])
            for new in changes:
                if new == cell.text:
                    continue
                reason = no_meaning(anchor, row, column, new)
                if reason:
                    skipped.setdefault((anchor, column, reason), set()).add(row.line)
                    continue
                text = source[:cell.start] + escaped(new) + source[cell.start + len(cell.raw):]
                yield Mutant(f"{row.describe(anchor)}: {column} becomes \"{new}\"", text,
                             [row.describe(anchor, (column, new))])


def codes(event):
    """The basic codes of an event of the decision table that is about replies."""
    if re.fullmatch(r"\d{3}(-\d{3})?( \d{3}(-\d{3})?)*", event):
        ranges = (part.split("-") for part in event.split())
        return {code for r in ranges for code in range(int(r[0]), int(r[-1]) + 1)}
    if re.match(r"[245]yz", event):
        return set(range(int(event[0]) * 100, int(event[0]) * 100 + 100))
    return set(range(200, 300)) if event == "SMTPUTF8 missing" else set()


def same_reply(a, b):
    """Whether one reply can be described by both rows, so that their order decides."""
    columns = ("effect", "then", "cause")
    return a["stage"] == b["stage"] and bool(codes(a["event"]) & codes(b["event"])) \
        and [a[c] for c in columns] != [b[c] for c in columns]


def what_for(anchor, key):
    """What names a row that is gone: what it was about. Of codes, that is the first one."""
    if anchor != "enhanced-table":
        return key
    return "any other code" if key == "other" else key.split("-")[0].removesuffix("z")


def row_mutants(source, anchor, rows):
    for i, row in enumerate(rows):
        tr = source[row.start:row.end]
        key = next(iter(row.cells.values())).text
        yield Mutant(f"{row.describe(anchor)}: deleted", source[:row.start] + source[row.end:],
                     [(anchor, what_for(anchor, key))])
        yield Mutant(f"{row.describe(anchor)}: repeated", source[:row.end] + tr + source[row.end:],
                     [row.describe(anchor)])
        unknown = tr.replace(f">{key}<", f">{key}x<", 1)
        yield Mutant(f"{row.describe(anchor)}: another one before it",
                     source[:row.start] + unknown + source[row.start:],
                     [row.describe(anchor, (next(iter(row.cells)), key + "x"))])
        if anchor != "decision-table":
            continue
        for other in rows[i + 1:]:
            if same_reply(row, other):
                yield Mutant(
                    f"{row.describe(anchor)}: swapped with line {other.line}",
                    source[:row.start] + source[other.start:other.end] +
                    source[row.end:other.start] + tr + source[other.end:],
                    [f"{anchor} line {line}: {row['stage']} | " for line in (row.line, other.line)])


def inserted_decisions(source, rows):
    """Rows that would decide before the one that should: a code of its own, first in its stage."""
    seen = set()
    for row in rows:
        if row["stage"] in seen or not any(r["stage"] == row["stage"] and codes(r["event"])
                                           for r in rows):
            continue
        seen.add(row["stage"])
        for cells in (("550", "pass", "end", "accepted"), ("450", "fail", "end", "mailbox-refused"),
                      ("599", "verdict stands", "next stage", "-")):
            new = "".join(f"<td>{cell}</td>" for cell in (row["stage"], *cells))
            yield Mutant(f"{row.describe('decision-table')}: before it {cells}",
                         source[:row.start] + f"<tr>{new}</tr>" + source[row.start:],
                         [f"decision-table line {row.line}: " +
                          " | ".join((row["stage"], *cells))])


class Tests:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def run(self, text, which):
        """Return code and output of the tests on this draft."""
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".xml")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        result = subprocess.run([self.binary, "--gtest_brief=1", "--gtest_color=no",
                                 f"--gtest_filter={which}"],
                                env={**os.environ, "CBV_DRAFT_UNDER_TEST": name}, check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        os.unlink(name)
        return result.returncode, result.stdout.decode("utf-8", "replace")

    def hole(self, mutant):
        """What is wrong with the tests' judgement of a mutant; None when it is as it should be."""
        of_decisions = mutant.what.startswith("decision-table")
        code, output = self.run(mutant.text, "*" if of_decisions else NOT_OF_OTHER_TABLES)
        if code == 0:
            return "no test fails", ""
        if code != 1:
            return f"the tests end with {code}", output
        if not any(all(part in output for part in ([name] if isinstance(name, str) else name))
                   for name in mutant.names):
            return f"no message has {mutant.names}", output
        return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("xml", type=pathlib.Path)
    arguments.add_argument("binary", type=pathlib.Path)
    arguments.add_argument("--table", choices=TABLES)
    arguments.add_argument("--verbose", action="store_true", help="show the tests' output at a hole")
    given = arguments.parse_args()
    source = given.xml.read_text("ascii")
    skipped, mutants, counts = {}, [], {}
    for anchor in [given.table] if given.table else TABLES:
        header, rows = read(source, anchor)
        made = [*cell_mutants(source, anchor, header, rows, skipped),
                *row_mutants(source, anchor, rows)]
        if anchor == "decision-table":
            made += inserted_decisions(source, rows)
        counts[anchor] = len(rows) * len(header), len(made)
        mutants += made

    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        tests = Tests(str(given.binary.resolve()), folder)
        code, output = tests.run(source, "*")
        if code != 0:
            sys.exit(f"the draft itself does not pass:\n{output}")
        holes = [(mutant, hole) for mutant, hole in zip(mutants, pool.map(tests.hole, mutants))
                 if hole]
    for mutant, (what, output) in holes:
        print(f"HOLE {mutant.what}\n     {what}")
        if given.verbose:
            print(output)
    for (anchor, column, reason), lines in skipped.items():
        print(f"not changed: {anchor}, {column}, {len(lines)} rows: {reason}")
    for anchor, (cells, made) in counts.items():
        print(f"{anchor}: {cells} cells, {made} changes")
    print(f"{len(mutants)} changes, {len(holes)} holes")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
