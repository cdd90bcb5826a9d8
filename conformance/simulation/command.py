"""./run simulate: runs the experiments of parameters.toml and makes a page of them.

    simulate [--experiment NAME]... [--output DIR]   runs (all, or these), page in DIR (default: build/simulation)
    simulate --check      runs all, and compares with the committed results, their CSV and the draft's tables
    simulate --write      runs all, and writes those
    simulate --from-results [--output DIR]           the page of the committed results, without a run

Exit status: 0 good; 1 --check found a difference; 2 usage, or a run could not be made.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

from harness import SuiteError, UsageError, outcome
from simulation import PARAMETERS, RESULTS, TABLE, draft_part, page
from simulation.results import Results, as_csv, differences, read

SHOWN = 20  # differences that are printed


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"simulate: {message}")


def _run(build, experiments):
    """What cbv-simulate writes: JSON text."""
    program = pathlib.Path(build) / "conformance" / "simulation" / "cbv-simulate"
    arguments = [str(program), str(PARAMETERS), *(word for name in experiments for word in ("--experiment", name))]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise UsageError(f"cbv-simulate ended with status {done.returncode}")
    return done.stdout


def _check(results):
    """What is wrong with what is committed."""
    wrong = differences(read(RESULTS), results)
    if len(wrong) > SHOWN:
        wrong = [*wrong[:SHOWN], f"and {len(wrong) - SHOWN} more differences"]
    if not wrong and TABLE.read_text(encoding="utf-8") != as_csv(results):
        wrong.append(f"{TABLE.name} is not that of the results: ./run simulate --write")
    return wrong + draft_part.problems(read(RESULTS))


def main(arguments):
    parser = _Parser(prog="simulate", add_help=False, allow_abbrev=False)
    parser.add_argument("--experiment", action="append", default=[], metavar="NAME")
    parser.add_argument("--output", default=os.environ.get("CBV_BUILD", "build") + "/../simulation", metavar="DIR")
    parser.add_argument("-h", "--help", action="store_true")
    how = parser.add_mutually_exclusive_group()
    for option in ("--check", "--write", "--from-results"):
        how.add_argument(option, action="store_true")
    options = parser.parse_args(arguments)
    if options.help:
        print(__doc__.strip())
        return outcome.CONFORMANT
    if options.experiment and (options.check or options.write or options.from_results):
        raise UsageError("simulate: --experiment goes with a plain run only")
    if (options.check or options.from_results) and not RESULTS.exists():
        raise UsageError("simulate: no results are committed: ./run simulate --write")
    began = time.monotonic()
    raw = RESULTS.read_text(encoding="utf-8") if options.from_results else _run(os.environ["CBV_BUILD"], options.experiment)
    results = Results(json.loads(raw))
    if not options.from_results:
        print(f"{len(results.runs)} runs in {time.monotonic() - began:.0f} s")
    if options.check:
        wrong = _check(results)
        print(*(wrong or ["the committed results, their table and the draft's tables are those of today"]), sep="\n")
        return outcome.FAILED if wrong else outcome.CONFORMANT
    if options.write:
        RESULTS.write_text(raw, encoding="utf-8")
        TABLE.write_text(as_csv(results), encoding="utf-8")
        draft_part.write(results)
    directory = pathlib.Path(options.output).resolve()
    try:
        page.write(results, directory, raw)
    except OSError as error:
        raise UsageError(f"--output {error.filename}: {error.strerror}") from None
    print(directory / "index.html")
    return outcome.CONFORMANT


def run(arguments):
    """main(), whose errors become words and an exit status."""
    try:
        return main(arguments)
    except UsageError as error:
        print(f"./run {error}", file=sys.stderr)
        return outcome.USAGE
    except SuiteError as error:
        print(f"./run simulate: {error}", file=sys.stderr)
        return outcome.FAULT
