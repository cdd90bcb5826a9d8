"""The pytest plugin: with --target, pytest's items are the suite's cases against that target, reported
in the order their results arrive. Without --target it does nothing.

    pytest conformance --target exim --level must -k timeouts --junitxml=r.xml
"""

import contextlib
import datetime
import functools
import os
import pathlib
import sys

import pytest

from harness import SuiteError, UsageError, command, draft, explained, lab, outcome, packages, recorded, report_json
from harness import report_text, target_file, versions, waivers
from harness.report import badge, junit, tap
from harness.reporter import CaseReporter


def pytest_addoption(parser):
    group = parser.getgroup("conformance", "SMTP call-back verification")
    group.addoption("--target", metavar="NAME|DIRECTORY", help="the implementation under test")
    group.addoption("--level", choices=("must", "should", "may"), default="may",
                    help="must: only MUST; should: SHOULD as well; may: everything (default)")
    group.addoption("--area", action="append", default=[], metavar="AREA",
                    help="only cases of this area, e.g. dlg (repeatable)")
    group.addoption("--case", action="append", default=[], metavar="ID", help="only this case (repeatable)")
    group.addoption("--json", metavar="FILE", help="write the result as JSON")
    group.addoption("--tap", metavar="FILE", help="write the result as TAP 14")
    group.addoption("--badge", metavar="FILE", help="write a badge (SVG)")
    group.addoption("--time-line", action="store_true", help="show the time line of every case")
    group.addoption("--no-self-check", action="store_true",
                    help="run the cases without looking at the adapter first")
    group.addoption("--waivers", metavar="FILE", help="further waivers, [[waivers]] tables as in a target.toml")
    group.addoption("--record", action="store_true",
                    help="write what the target does otherwise to its recorded.toml; with "
                         "--expect-recorded: add what is new to the record, as varying")
    group.addoption("--expect-recorded", metavar="FILE", nargs="?", const="",
                    help="compare with a record (default: the target's recorded.toml)")


@pytest.hookimpl(trylast=True)  # after the terminal reporter, which the suite replaces
def pytest_configure(config):
    name = config.getoption("--target")
    if not name:
        return
    try:
        spec = target_file.load(name)
        if spec.live and not lab.inside():
            lab.enter(spec, ["-m", "pytest", *config.invocation_params.args])
        config.pluginmanager.register(Suite(config, spec), "conformance-suite")
    except UsageError as error:
        raise pytest.UsageError(f"cbv-conformance: {error}") from None


# What a run writes: option -> the text of a result.
REPORTS = {"--json": report_json.text, "--tap": lambda result: tap.text([("", result)]), "--badge": badge.svg}

FINAL = None  # the exit status a finished or given up run came to; pytest's own numbers mean other things


def give_up(message, status):
    """Ends the session with a message and a status of ours."""
    global FINAL
    FINAL = status
    pytest.exit(f"cbv-conformance: {message}", status)


class Deviation(Exception):
    """A case did not hold; the text is in the outcome."""


class CaseItem(pytest.Item):
    """One case. It is run by the engine; what happens here is that its outcome is reported."""

    def __init__(self, *, case, suite, **kwargs):
        super().__init__(**kwargs)
        self.case, self.suite, self.outcome = case, suite, None
        self.extra_keyword_matches |= {case.area, case.level.lower(), *case.requirements}

    def reportinfo(self):
        return pathlib.Path(self.case.file), 0, f"{self.case.id}: {self.case.title}"

    def runtest(self):
        seen = self.outcome
        self.user_properties += junit.properties(seen)
        if seen.problem and seen.status not in ("fail", "error"):
            raise Deviation()  # status 3, and nothing to be green about
        if seen.status == "unsupported":
            pytest.skip(seen.reason)
        if seen.status in ("waived", "recorded"):
            pytest.xfail(seen.reason)
        if seen.status in ("fail", "error"):
            raise Deviation()

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Deviation):
            words = report_text.describe(self.outcome, self.suite.spec.option, self.suite.explanations)
            return junit.Failure(words, self.outcome)
        return super().repr_failure(excinfo)


class Suite:
    """The session: collects cases as items, runs them, writes the reports."""

    def __init__(self, config, spec):
        self.config, self.spec = config, spec
        self.target = None
        self.tally = outcome.Tally()
        self.record = None
        self.complete = False
        self.cases, self.selected = 0, False  # how many cases there are, and whether only some of them are run
        if (path := config.getoption("--expect-recorded")) is not None:
            self.record = recorded.read(pathlib.Path(path) if path else self.record_file)
        if path := config.getoption("--waivers"):
            if self.record is not None:
                raise UsageError("--waivers and --expect-recorded: a failure is judged by one of them")
            spec.waivers = waivers.joined(spec.waivers, waivers.read(pathlib.Path(path)))
        for option in REPORTS:
            if path := config.getoption(option):
                report_json.check(path, option)
        there = self.record_file if self.record_file.exists() else self.record_file.parent
        if config.getoption("--record") and not os.access(there, os.W_OK):
            raise UsageError(f"--record: {self.record_file} cannot be written; a copy of the target's directory may be: "
                             "--target DIRECTORY")

    @property
    def record_file(self):
        return self.spec.directory / "recorded.toml"

    @functools.cached_property
    def explanations(self):
        return explained.read(self.spec.directory)

    def ending_waivers(self):
        """A line for each waiver of this run that ends soon."""
        if self.record is not None:
            return []
        return waivers.endings(self.spec.waivers, {seen.case.id for seen in self.tally.outcomes})

    def other_versions(self):
        """In words, what the target's record is of other versions than these; "" where there is nothing to say."""
        if self.record is None and not self.record_file.is_file():
            return ""
        record = self.record if self.record is not None else recorded.read(self.record_file)
        return packages.changes(record.versions, versions.of(self.spec))

    def pytest_configure(self, config):
        plugins = config.pluginmanager
        old = plugins.getplugin("terminalreporter")
        if old is not None:  # absent with -p no:terminal
            plugins.unregister(old)
            plugins.register(CaseReporter(config, self, sys.stdout), "terminalreporter")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        junit.name_suite(self.config, self.spec)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = (yield).get_result()
        if self.spec.live:  # a case's own time; of virtual time a sum would be nonsense
            report.duration = item.outcome.elapsed if call.when == "call" else 0.0
        if report.skipped and isinstance(report.longrepr, tuple):  # not the place in here where pytest was told
            report.longrepr = (f"cases/{item.case.area}/{item.case.id}.xml", 1, report.longrepr[2])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session):
        from harness import runner  # needs the module cbv, which need not be there without --target
        try:
            self.target, cases = runner.load_cases(self.spec)
        except (ValueError, RuntimeError) as error:
            give_up(error, outcome.FAULT)
        self.cases = len(cases)
        try:
            versions.of(self.spec)
        except UsageError as error:
            give_up(error, outcome.USAGE)
        self._check_ids(cases)
        try:
            self._check_requirements(cases)
        except SuiteError as error:
            give_up(error, outcome.FAULT)
        session.items = [self._item(session, case) for case in cases if self._chosen(case)]
        self.config.hook.pytest_collection_modifyitems(session=session, config=self.config,
                                                       items=session.items)
        session.testscollected = len(session.items)
        self.config.hook.pytest_collection_finish(session=session)
        if not session.items:
            give_up("no case matches the selection", outcome.USAGE)
        return True

    def _check_ids(self, cases):
        known = {case.id for case in cases}
        named = [(case, "--case") for case in self.config.getoption("--case")]
        named += [(waiver.case, "a waiver") for waiver in self.spec.waivers]
        for case, where in named:
            if case not in known:
                give_up(f"{where} names {case}, and there is no such case", outcome.USAGE)

    def _check_requirements(self, cases):
        """A case that cites no requirement of the draft, or another level, would report nonsense."""
        for case in cases:
            for requirement in case.requirements:
                if requirement not in draft.requirements():
                    give_up(f"{case.file}: the draft has no requirement {requirement}", outcome.FAULT)
            if (level := draft.level(case.requirements[0])) != case.level:
                give_up(f"{case.file}: level {case.level}: expected {level}, as {case.requirements[0]} has "
                        "in the draft", outcome.FAULT)

    def _chosen(self, case):
        option = self.config.getoption
        levels = outcome.LEVELS[:("must", "should", "may").index(option("--level")) + 1]
        return (case.level in levels and (not option("--area") or case.area in option("--area"))
                and (not option("--case") or case.id in option("--case")))

    def _item(self, session, case):
        requirement = case.requirements[0]
        return CaseItem.from_parent(session, name=case.id, nodeid=f"{requirement}::{case.id}",
                                    case=case, suite=self)

    def _check_adapter(self, say, phase):
        """Cases say something of the implementation only when its adapter is right."""
        from harness import self_check
        with phase("self-check"):
            report = self_check.examine(self.spec)
        if report.wrong:
            give_up(f"the adapter of {self.spec.name} is wrong, so no case was run:\n{self_check.full(report)}\n"
                    f"{command('check', self.spec.option)} looks again; --no-self-check runs the cases all the same", outcome.USAGE)
        say(self_check.brief(report))

    def _surprising(self, seen):
        """Whether the outcome is another than expected: by the record where there is one."""
        return seen.failed if self.record is None else not recorded.matches(seen, self.record)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if self.config.option.collectonly:
            return True
        from harness import runner
        items = {item.case.id: item for item in session.items}
        self.selected = len(items) < self.cases
        if self.selected and self.config.getoption("--record") and (changed := self.other_versions()):
            give_up(f"--record of a selection: {changed} of all cases", outcome.USAGE)
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        progress = getattr(reporter, "show_waiting", None)
        phase = getattr(reporter, "phase", lambda words: contextlib.nullcontext())
        if self.spec.live and not self.config.getoption("--no-self-check"):
            self._check_adapter(getattr(reporter, "say", print), phase)
        run = runner.Runner(self.spec, self.target, [item.case for item in session.items], progress,
                            self._surprising, phase)
        try:
            for seen in run.outcomes():
                if self.record is not None:
                    if self.config.getoption("--record"):
                        recorded.merged(self.record, [seen])  # before it is judged by the record
                    recorded.apply(seen, self.record)
                else:
                    outcome.apply_waivers(seen, self.spec.waivers)
                self.tally.add(seen)
                item = items.pop(seen.case.id)
                item.outcome = seen
                self.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
        except UsageError as error:
            give_up(error, outcome.USAGE)
        except SuiteError as error:
            give_up(error, outcome.FAULT)
        finally:
            getattr(reporter, "clear_waiting", lambda: None)()
        if items:
            give_up(f"no result came for {', '.join(items)}", outcome.FAULT)
        self.complete = True
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        self.tally.seconds = reporter.seconds() if hasattr(reporter, "seconds") else 0.0
        if not self.complete:
            return
        present = versions.of(self.spec)
        self._write_reports(present)
        if self.config.getoption("--record"):
            self.record_file.write_text(recorded.text(self.spec.name, *self._new_record(present)), encoding="utf-8")
        session.exitstatus = self.tally.exit_status()
        if self.config.getoption("--record") and session.exitstatus in (outcome.FAILED, outcome.UNEXPECTED):
            session.exitstatus = outcome.CONFORMANT  # to record deviations was what was asked
        global FINAL
        FINAL = int(session.exitstatus)

    def _new_record(self, present):
        """(versions, record, date) to be written."""
        outcomes, record = self.tally.outcomes, self.record
        old = recorded.read(self.record_file) if self.record_file.is_file() else None
        if self.selected and old is not None:
            if record is None:
                record = recorded.updated(old, outcomes)
            return old.versions, record, old.date
        if record is None:
            record = recorded.of_run(outcomes)
            if old is not None:
                recorded.keep_variants(record, old)
        record.judged = recorded.judged_in(outcomes)
        return present, record, datetime.date.today()

    def _write_reports(self, present):
        paths = {option: path for option in REPORTS if (path := self.config.getoption(option))}
        if not paths:
            return
        result = report_json.run_json(self.spec, present, self.tally, self.record)
        for option, path in paths.items():
            report_json.save(path, REPORTS[option](result))
