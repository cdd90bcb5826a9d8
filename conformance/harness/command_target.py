"""One verification by a target of kind command: its process, and the verdict its exit status or its
words state. Whether the verdict is right is the engine's business.
"""

import os
import re
import secrets
import signal
import subprocess
from typing import NamedTuple

import cbv

from harness import UsageError

UNSUPPORTED = 127  # a command's exit status for what it cannot do
NOT_SUPPORTED = "the command ended with status 127"
NO_VERDICT = "no verdict after"
PRINTED = 500  # octets of what it printed that a report shows: the last, where a program that fails says why


class Ended(NamedTuple):
    """How a command ended ('status 1'), and the end of what it printed, escaped, for people."""

    how: str
    printed: str

    def __str__(self):
        return f"{self.how}, printed '{self.printed}'" if self.printed else f"{self.how}, printed nothing"


class Statement(NamedTuple):
    """What a command said of a path: a verdict, or the trouble that kept it from one; the other is ''. `ended` is
    None where it never ran or never ended."""

    verdict: str
    trouble: str
    ended: Ended | None = None


class Command:
    """The command of a target in its workspace. `patience`: seconds for one verification."""

    def __init__(self, workspace, patience):
        self.workspace, self.patience = workspace, patience
        self.spec = workspace.spec

    def verdict_on(self, path, case_id):
        """The Statement on a path."""
        arguments = self.workspace.arguments("command", path=path, case=case_id)
        try:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.workspace.environment,
                                       cwd=self.workspace.state, start_new_session=True)
        except OSError as error:
            return Statement("", f"cannot start {arguments[0]}: {error.strerror}")
        try:
            out, err = process.communicate(timeout=self.patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return Statement("", f"{NO_VERDICT} {self.patience:g} s")
        return Statement(*self._stated(process.returncode, out, err), _ended(process.returncode, out + err))

    def _stated(self, status, out, err):
        if status == UNSUPPORTED:
            return "", f"{NOT_SUPPORTED}: {cbv.escape(err or out, 300)}" if err or out else NOT_SUPPORTED
        if status < 0:
            printed = f", after it had printed: {cbv.escape(err or out, 300)}" if err or out else ""
            return "", f"{_signal(-status)} ended it{printed}"
        if verdict := self.spec.verdict_by_status.get(str(status)):
            return verdict, ""
        text = (out + err).decode(errors="replace")
        for verdict, pattern in self.spec.verdict_by_output.items():
            if re.search(pattern, text, re.MULTILINE):
                return verdict, ""
        return "", f"status {status}, no verdict: {cbv.escape(err or out, 300)}"

    def prove_honest(self):
        """A target that is told the case's name must refuse one it cannot know."""
        name = "no-such-case-" + secrets.token_hex(6)
        arguments = self.workspace.arguments("command", path=f"user@{name}.test", case=name)
        try:
            done = subprocess.run(arguments, capture_output=True, timeout=self.patience,
                                  env=self.workspace.environment, cwd=self.workspace.state)
        except OSError as error:
            raise UsageError(f"cannot start {arguments[0]}: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise UsageError(f"target {self.spec.name} understands cases, but for the case {name}, which does not exist, it "
                             f"had not ended after {self.patience:g} s instead of ending with status 127") from None
        if done.returncode != UNSUPPORTED:
            raise UsageError(f"target {self.spec.name} understands cases, but for the case {name}, which "
                             f"does not exist, it ended with status {done.returncode} instead of 127")


def _signal(number):
    """'signal 11 (SIGSEGV)'"""
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"


def _ended(status, printed):
    how = f"status {status}" if status >= 0 else _signal(-status)
    words = printed.strip()
    cut = "..." if len(words) > PRINTED else ""
    return Ended(how, cut + cbv.escape(words[-PRINTED:], 4 * PRINTED))
