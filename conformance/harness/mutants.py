"""The suite's own proof: implementations with one rule broken each (mutants), every one of which must be
found out by a case of its rule, and cases each of which must find one out. The engine runs them in
virtual time (cbv-engine mutants); this reads its kill matrix and writes reports.
"""

import json
import pathlib
import subprocess
from collections import Counter
from dataclasses import dataclass, field

from harness import BUILD, CASES, ROOT, SuiteError, UsageError, case_files, mutants_html, outcome, suite

FOLDER = ROOT / "build"
PASSED_ON = ("--mutant", "--list", "--threads")  # options of cbv-engine mutants that need no report


@dataclass
class Mutant:
    """One row of the matrix."""

    id: str
    requirement: str
    sentence: str  # what it does wrong
    expected: list  # words, one of which must be found
    killed_by: dict  # case id -> words
    killed: bool  # by a case of its requirement, with an expected word

    @property
    def by_expected(self):
        """Cases that found an expected word."""
        return [case for case, words in self.killed_by.items() if set(words) & set(self.expected)]


@dataclass
class Matrix:
    """What `cbv-engine mutants --json` says, with the heads of the cases."""

    mutants: list
    cases: dict  # id -> CaseFile
    idle: dict = field(default_factory=dict)  # case id -> why no mutant fails it
    failing: list = field(default_factory=list)  # cases the unchanged library fails

    def fails(self):
        """{case id: number of mutants it finds out}"""
        return Counter(case for m in self.mutants for case in m.killed_by)

    def problems(self):
        """Sentences that say what is wrong and what to do; none: the suite is proven."""
        found = []
        for m in self.mutants:
            if m.killed:
                continue
            if not m.killed_by:
                found.append(f"survivor {m.id} ({m.requirement}): it {m.sentence}, and no case notices: a case of "
                             f"{m.requirement} must find {' or '.join(m.expected)}")
            else:
                seen = sorted({word for words in m.killed_by.values() for word in words})
                found.append(f"wrong words {m.id} ({m.requirement}): {_count(len(m.killed_by), 'case')} "
                             f"({_some(m.killed_by)}) found {', '.join(seen)}; a case of {m.requirement} must find "
                             f"{' or '.join(m.expected)}")
        found += [f"idle case {case}: {why}" for case, why in self.idle.items()]
        found += [f"failing case {case}: the unchanged library fails it" for case in self.failing]
        return found

    def summary(self):
        """One line."""
        killed = sum(m.killed for m in self.mutants)
        return (f"{killed} of {_count(len(self.mutants), 'mutant')} found out by {_count(len(self.cases), 'case')} of "
                f"suite {suite.version()}; survivors {sum(not m.killed for m in self.mutants)}, "
                f"idle cases {len(self.idle)}")


def _count(number, what):
    return f"{number} {what}{'s' * (number != 1)}"


def _some(names, most=3):
    names = sorted(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def matrix_of(data, cases):
    """The Matrix in the engine's JSON."""
    try:
        mutants = [Mutant(*(m[key] for key in ("id", "requirement", "sentence", "expected", "killed_by", "killed")))
                   for m in data["mutants"]]
        idle, unsupported, failing = data["idle_cases"], data.get("unsupported_cases", []), data["failing_cases"]
    except (KeyError, TypeError) as error:
        raise SuiteError(f"the kill matrix is not as expected: {type(error).__name__} {error}") from None
    place = {name: number for number, name in enumerate(dict.fromkeys(m.requirement for m in mutants))}
    matrix = Matrix(sorted(mutants, key=lambda m: place[m.requirement]), cases, failing=failing)
    for case in idle:
        matrix.idle[case] = _why_idle(cases.get(case), mutants, case in unsupported)
    return matrix


def _why_idle(case, mutants, unsupported):
    if unsupported:
        return "the library cannot run it, so no mutant is tried on it"
    if case is None:
        return "it is not a case of the suite"
    mine = [m.id for m in mutants if m.requirement in case.requirements]
    if not mine:
        return f"no mutant breaks {' or '.join(case.requirements)}: make one that this case finds out"
    return (f"it finds out none of the {_count(len(mine), 'mutant')} of {', '.join(case.requirements)} ({_some(mine)}): "
            "make one that it does, or remove the case")


def run_engine(arguments):
    """cbv-engine mutants; UsageError when it is not built or does not like the arguments."""
    program = BUILD / "conformance" / "engine" / "cbv-engine"
    if not program.is_file():
        raise UsageError(f"{program} does not exist: ./run build cbv-engine")
    done = subprocess.run([program, "mutants", CASES, *arguments], capture_output=True, text=True)
    if done.returncode == 2 or done.returncode >= 100:  # its parser of options has the latter
        raise UsageError(f"mutants: {done.stderr.strip().splitlines()[0].removeprefix('cbv-engine: ')}")
    if done.returncode not in (0, 1):
        raise SuiteError(f"cbv-engine mutants ended with status {done.returncode}: {done.stderr.strip()}")
    return done


def run(arguments):
    """The verb `mutants`."""
    for argument in arguments:
        if argument.startswith("-") and argument.split("=")[0] not in PASSED_ON:
            raise UsageError(f"mutants: unknown option {argument} (there are {', '.join(PASSED_ON)})")
    if any(argument.split("=")[0] in ("--mutant", "--list") for argument in arguments):
        done = run_engine(arguments)
        print(done.stdout, end="")
        return done.returncode
    FOLDER.mkdir(exist_ok=True)
    result, fresh = FOLDER / "mutants.json", FOLDER / "mutants.json.new"
    run_engine(["--json", str(fresh), *arguments])
    fresh.replace(result)
    matrix = matrix_of(json.loads(result.read_text(encoding="utf-8")), case_files.load())
    write(matrix)
    problems = matrix.problems()
    print(*problems, matrix.summary(), f"see {(FOLDER / 'mutants.html').relative_to(ROOT)} and mutants.md", sep="\n")
    return outcome.FAILED if problems else outcome.CONFORMANT


def write(matrix, folder=FOLDER):
    """build/mutants.md and build/mutants.html."""
    pathlib.Path(folder, "mutants.md").write_text(markdown(matrix), encoding="utf-8")
    pathlib.Path(folder, "mutants.html").write_text(mutants_html.page(matrix), encoding="utf-8")


def markdown(matrix):
    """The matrix for people without a browser."""
    lines = ["# Mutants", "", matrix.summary() + ".", ""]
    if problems := matrix.problems():
        lines += [*(f"* {text}" for text in problems), ""]
    lines += ["A mutant breaks one rule. *Right* counts the cases that fail it with an expected word, *all* every case "
              "that fails it.", "", "| requirement | mutant | what it does wrong | expected | right | all |",
              "|---|---|---|---|---:|---:|"]
    for m in matrix.mutants:
        words = ", ".join(f"`{word}`" for word in m.expected)
        lines.append(f"| {m.requirement} | {m.id} | {m.sentence} | {words} | {len(m.by_expected)} | "
                     f"{len(m.killed_by)}{'' if m.killed else ' **survives**'} |")
    return "\n".join(lines) + "\n"
