"""cbv-conformance: the suite on the command line.

    cbv-conformance [run] [--target NAME|DIRECTORY] [--level must] [--area AREA] [-k WORDS] [--case ID] ...
    cbv-conformance list                  every case
    cbv-conformance targets               every target
    cbv-conformance show ID               a case or a requirement in words
    cbv-conformance replay ID --target NAME|DIRECTORY
    cbv-conformance matrix [--target NAME|DIRECTORY]...     recorded deviations as a table
    cbv-conformance deviations [--json [FILE]]      what known implementations do otherwise, and why
    cbv-conformance report RESULT.json... [--output DIR] [--markdown FILE] [--tap FILE] [--badge FILE]
                                          a site, or other forms, of results (run --json)
    cbv-conformance new-target NAME [--kind smtp|command|policy|milter] [--directory DIR]
                                          makes DIR/NAME (./NAME) for an implementation of your own
    cbv-conformance check NAME|DIRECTORY [--time-line]
                                          whether an adapter is right, before any case is run
    cbv-conformance fetch [--lock] NAME|DIRECTORY...
                                          only gets what a target needs (--lock: its package-lock.json anew)
    cbv-conformance --version             the version of the suite

Exit status: 0 conformant; 1 a case failed; 2 usage, or a target that never got ready; 3 an unexpected
pass or an expired waiver; 4 a fault of the suite itself. A selection of no case is a usage error.
"""

import argparse
import json
import os
import pathlib
import sys

from harness import (CASES, CONFORMANCE, INSTALLED, SuiteError, UsageError, command, deviations, draft, lab, matrix, mutants,
                     new_target, outcome, packages, suite, target_file, trace)
from harness.report import command as report

DEFAULT_TARGET = "refserver"
SOURCE_TREE_VERBS = """In the source tree there are also:

    cbv-conformance matrix --write        the table into README and draft
    cbv-conformance deviations --write    the deviations into DEVIATIONS.md
    cbv-conformance mutants               every mutant against every case; reports in build/mutants.*
    cbv-conformance trace [--json FILE] [--write]   each requirement's cases and mutants, and what is
                                          wrong with them (--write: CASES.md, and the draft rendered)
    cbv-conformance trace --reviewed ID...|--all    notes that the cases were read against the sentence
"""


def main(arguments=None):
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and ("help" == arguments[0] or {"-h", "--help"} & set(arguments)):
        print(__doc__.strip(), *([] if INSTALLED else ["", SOURCE_TREE_VERBS.rstrip()]), sep="\n")
        print("\nrun takes pytest's options as well; its own:\n")
        print(_own_options())
        return outcome.CONFORMANT
    if arguments[:1] == ["--version"]:
        print(f"cbv-conformance: suite {suite.version()} of {draft.name()}")
        return outcome.CONFORMANT
    verb = arguments.pop(0) if arguments and not arguments[0].startswith("-") else "run"
    verbs = {"run": run, "list": list_cases, "targets": list_targets, "show": show, "replay": replay,
             "matrix": show_matrix, "deviations": show_deviations, "check": check, "new-target": make_target,
             "fetch": packages.run, "report": report.run,
             **({} if INSTALLED else {"trace": show_trace, "mutants": mutants.run})}
    try:
        if verb not in verbs:
            raise UsageError(f"no command {verb!r}: there are {', '.join(verbs)}")
        return verbs[verb](arguments)
    except UsageError as error:
        print(f"cbv-conformance: {error}", file=sys.stderr)
        return outcome.USAGE
    except SuiteError as error:
        print(f"cbv-conformance: {error}", file=sys.stderr)
        return outcome.FAULT


def _own_options():
    import pytest

    from harness import plugin
    parser = pytest.Parser()
    plugin.pytest_addoption(parser)
    return parser.getgroup("conformance").options and "\n".join(
        f"  {' '.join(o.names()):<20} {o.attrs().get('help', '')}"
        for o in parser.getgroup("conformance").options)


def run(arguments):
    """Runs cases; pytest does the rest, in the lab where the target is live."""
    import pytest

    from harness import plugin
    if not any(a == "--target" or a.startswith("--target=") for a in arguments):
        arguments = ["--target", DEFAULT_TARGET, *arguments]
    spec = target_file.load(_value(arguments, "--target"))
    if spec.live and not lab.inside():
        lab.enter(spec, ["-P", "-m", "harness", "run", *arguments])  # -P: no module of the current directory
    # --noconftest: the plugin is given, and from another folder pytest would refuse the root's conftest.py.
    status = _pytest_main(["-p", "no:cacheprovider", "--no-header", "--noconftest", f"--rootdir={CONFORMANCE}",
                           "-c", os.devnull, *arguments], [plugin])
    if plugin.FINAL is not None:
        return plugin.FINAL
    # pytest's own numbers: a bad option, nothing collected, an interrupt, its own fault
    return {pytest.ExitCode.USAGE_ERROR: outcome.USAGE, pytest.ExitCode.NO_TESTS_COLLECTED: outcome.USAGE,
            pytest.ExitCode.INTERNAL_ERROR: outcome.FAULT}.get(status, int(status))


def _pytest_main(arguments, plugins):
    """pytest.main(), but what is wrong with an option comes as our UsageError, without pytest's usage."""
    import pytest
    from _pytest.config import _prepareconfig
    try:
        config = _prepareconfig(arguments, plugins)
        try:
            if config.option.file_or_dir:
                raise UsageError(f"unexpected {config.option.file_or_dir[0]!r} ({command('help')}); one case is --case ID")
            return config.hook.pytest_cmdline_main(config=config)
        finally:
            config._ensure_unconfigure()
    except pytest.UsageError as error:
        words = str(error).partition("error: ")[2] or str(error).removeprefix("cbv-conformance: ")
        raise UsageError(words.splitlines()[0] + f" ({command('help')})" * ("argument" in words)) from None


def _value(arguments, option):
    for i, argument in enumerate(arguments):
        if argument == option and i + 1 < len(arguments):
            return arguments[i + 1]
        if argument.startswith(option + "="):
            return argument.partition("=")[2]
    raise UsageError(f"{option} needs a value")


def replay(arguments):
    """One case again, with its time line whatever comes of it."""
    if not arguments or arguments[0].startswith("-"):
        raise UsageError("replay needs a case's id")
    return run([*arguments[1:], "--case", arguments[0], "--time-line", "-v"])


def check(arguments):
    """The self-check alone, in full; 2 when the adapter is wrong."""
    parser = _Parser(prog="check", add_help=False, allow_abbrev=False)
    parser.add_argument("target", metavar="NAME|DIRECTORY")
    parser.add_argument("--time-line", action="store_true")
    options = parser.parse_args(arguments)
    spec = target_file.load(options.target)
    if not spec.live:
        print(f"{spec.name}: in memory, nothing to check")
        return outcome.CONFORMANT
    lab.enter(spec, ["-m", "harness", "check", *arguments])
    from harness import report_text, self_check
    print(f"checking {spec.name}: {spec.description or spec.kind}", flush=True)
    report = self_check.examine(spec)
    print(self_check.full(report))
    for seen in report.outcomes if options.time_line else ():
        print("", f"{seen.case.id}: {seen.case.title}", *report_text.time_line(seen), sep="\n")
    if report.wrong:
        again = "" if options.time_line or not report.outcomes else f"time lines: {command('check', spec.option, '--time-line')}"
        print(*filter(None, (again,)), "the adapter is wrong: no case was run", sep="\n")
    else:
        print(f"next: {command('run', '--target', spec.option)}")
    return outcome.USAGE if report.wrong else outcome.CONFORMANT


def make_target(arguments):
    """A directory for a target of the user's own."""
    parser = _Parser(prog="new-target", add_help=False, allow_abbrev=False)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--kind", choices=new_target.KINDS, default="smtp")
    parser.add_argument("--directory", metavar="DIR", default=".")
    options = parser.parse_args(arguments)
    print(new_target.words(*new_target.make(options.name, options.kind, options.directory)))
    return outcome.CONFORMANT


def _cases():
    import cbv
    return cbv.load_cases(str(CASES), cbv.library_target())


def list_cases(arguments):
    """One line for each case."""
    if arguments:
        raise UsageError("list takes no arguments")
    for case in _cases():
        needs = sorted(case.needs - {"session", "transactions"})
        print(f"{case.id:<36} {case.requirements[0]:<13} {case.level:<6} {case.title}"
              + (f" [{', '.join(needs)}]" if needs else ""))
    return outcome.CONFORMANT


def show_matrix(arguments):
    """The table of recorded deviations: of the targets of the house, or of those that are named."""
    parser = _Parser(prog="matrix", add_help=False, allow_abbrev=False)
    parser.add_argument("--target", action="append", metavar="NAME|DIRECTORY")
    _add_write(parser)
    options = parser.parse_args(arguments)
    if options.write and options.target:
        raise UsageError("matrix --write takes no --target: README and draft have the targets of the house")
    if options.write:
        matrix.write()
    else:
        print(matrix.text(matrix.records(options.target)))
    return outcome.CONFORMANT


def show_deviations(arguments):
    """Recorded deviations with their explanations."""
    parser = _Parser(prog="deviations", add_help=False, allow_abbrev=False)
    _add_write(parser)
    parser.add_argument("--json", metavar="FILE", nargs="?", const="-")
    options = parser.parse_args(arguments)
    deviations.show(options.write, options.json)
    return outcome.CONFORMANT


def _add_write(parser):
    """--write changes files of the source tree, so it exists only there."""
    if INSTALLED:
        parser.set_defaults(write=False)
    else:
        parser.add_argument("--write", action="store_true")


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are ours."""

    def error(self, message):
        raise UsageError(f"{self.prog}: {message}")


def show_trace(arguments):
    """The table of requirements; 1 when something is wrong with the trace."""
    parser = _Parser(prog="trace", add_help=False, allow_abbrev=False)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--reviewed", nargs="*", metavar="ID")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args(arguments)
    given = options.reviewed is not None
    if (given or options.all) and (not given or bool(options.reviewed) == options.all):
        raise UsageError("trace --reviewed takes ids, or --all")
    found = trace.Trace()
    if given:
        trace.record_review(found, None if options.all else options.reviewed)
        return outcome.CONFORMANT
    if options.write:
        trace.write(found)
        return outcome.CONFORMANT
    if options.json:
        _write_json(options.json, trace.as_json(found))
    print(trace.text(found))
    if wrong := trace.problems(found):
        print("", *wrong, sep="\n")
    return outcome.FAILED if wrong else outcome.CONFORMANT


def _write_json(path, data):
    try:
        pathlib.Path(path).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--json {path}: {error.strerror}") from None


def list_targets(arguments):
    """One line for each target."""
    if arguments:
        raise UsageError("targets takes no arguments")
    for name in target_file.names():
        spec = target_file.load(name)
        print(f"{name:<22} {spec.kind:<8} {spec.description}")
    return outcome.CONFORMANT


def show(arguments):
    """A case (title, requirement, file) or a requirement (its sentence and its cases)."""
    if len(arguments) != 1:
        raise UsageError("show needs one id, of a case or a requirement")
    wanted, cases = arguments[0], _cases()
    if wanted in draft.requirements():
        print(f"{wanted}: {draft.sentence(wanted)}")
        for case in cases:
            if wanted in case.requirements:
                print(f"  {case.id:<36} {case.level:<6} {case.title}")
        return outcome.CONFORMANT
    for case in cases:
        if case.id == wanted:
            print(f"{case.id} ({case.level}): {case.title}")
            if case.why:
                print(f"  {' '.join(case.why.split())}")
            for requirement in case.requirements:
                print(f"  {requirement}: {draft.sentence(requirement) or 'not in the draft'}")
            if case.needs:
                print(f"  needs: {', '.join(sorted(case.needs))}")
            print(f"  file: {case.file}\n")
            print(pathlib.Path(case.file).read_text(encoding="utf-8"), end="")
            return outcome.CONFORMANT
    raise UsageError(f"no case or requirement {wanted!r} ({command('list')})")
