"""A command's verdict: by its status, by its words, or none in time, which is the command's deviation and no
fault of the suite.
"""

import sys
import types

import pytest

pytest.importorskip("cbv", reason="the module cbv is not built")

from harness import runner  # noqa: E402
from harness.command_target import Command  # noqa: E402


def command(script, patience=30.0):
    """A Command that runs a script; status 3 is a pass, and so is the word good."""
    spec = types.SimpleNamespace(verdict_by_status={"3": "pass"}, verdict_by_output={"pass": "^good"})
    workspace = types.SimpleNamespace(spec=spec, state=None, environment=None,
                                      arguments=lambda key, **names: [sys.executable, "-c", script, names["path"]])
    return Command(workspace, patience)


@pytest.mark.parametrize("script, verdict, trouble", [
    ("exit(3)", "pass", ""),
    ("print('good', 'bad')", "pass", ""),
    ("print('{\"words\": \"\\ngood\"}'.replace('\\n', '\\\\n'))", "", "status 0, no verdict: {\"words\": \"\\\\ngood\"}\\n"),
    ("exit('what?')", "", "status 1, no verdict: what?\\n"),
    ("exit(127)", "", "the command ended with status 127"),
])
def test_verdicts(script, verdict, trouble):
    assert command(script).verdict_on("a@b.test", "case")[:2] == (verdict, trouble)


@pytest.mark.parametrize("script, ended", [
    ("exit(3)", "status 3, printed nothing"),
    ("print('good', 'bad\\x1b')", "status 0, printed 'good bad\\x1b'"),
    ("exit('x' * 600 + ' why')", "status 1, printed '..." + "x" * 496 + " why'"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal 11 (SIGSEGV), printed nothing"),
])
def test_how_it_ended(script, ended):
    assert str(command(script).verdict_on("a@b.test", "case").ended) == ended


def test_a_signal_is_no_status():
    script = "import os, signal, sys; sys.stderr.write('oops'); sys.stderr.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    assert command(script).verdict_on("a@b.test", "case").trouble == "signal 9 (SIGKILL) ended it, after it had printed: oops"


class Run:
    """As an engine's run: notes what it is told."""

    def begin(self, case_id):
        self.told = []

    def finish(self, case_id, verdict, trouble):
        self.told = (verdict, trouble)
        status = "error" if trouble else "pass" if verdict else "fail"
        return types.SimpleNamespace(status=status, findings=[], replies=[], timeline=[], elapsed=0.0, reason=trouble,
                                     stated_verdict=verdict)


def outcome_of(script, patience=30.0):
    case = types.SimpleNamespace(id="dlg-x", path=b"a@b.test")
    run = Run()
    seen = runner.Runner(None, None, [])._run_command(run, case, command(script, patience))
    return seen, run.told


def test_no_verdict_in_time_is_for_the_judge():
    seen, told = outcome_of("import time; time.sleep(60)", 0.2)
    assert told == ("", "")  # as a server that never answers: the engine makes no-reply of it
    assert (seen.status, seen.reason) == ("fail", "no verdict after 0.2 s")


def test_other_trouble_is_a_fault():
    seen, told = outcome_of("exit('what?')")
    assert told == ("", "status 1, no verdict: what?\\n")
    assert seen.status == "error"
