"""The process of a server, and the private directory any target works in: rendered files, start, end.
When a server is ready is said in readiness.py. One object is one run of it; a rerun at another scale
makes a new one.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from harness import UsageError, packages, readiness, templates


class Workspace:
    """A target's private directory, the names its templates may use, and its environment. Use as a
    context manager; leaving it removes the directory."""

    def __init__(self, spec, scale=1.0):
        self.spec = spec
        self.state = pathlib.Path(tempfile.mkdtemp(prefix=f"{spec.name}-"))
        try:
            self.values = templates.values_of(spec, self.state, packages.prefix_of(spec), scale)
            templates.write_files(spec, self.state, self.values)
            self.environment = dict(os.environ)
            for name, text in spec.env.items():
                self.environment[name] = templates.expand(text, self.values, f"{spec.name}: env: {name}")
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        shutil.rmtree(self.state, ignore_errors=True)

    def arguments(self, key, **further):
        """The argument list of `start` or `command`; `further` names may be used in it too."""
        where = f"{self.spec.directory}/target.toml: {key}"
        return [templates.expand(word, self.values | further, where) for word in getattr(self.spec, key)]


NOTHING = "  (it printed nothing)"


def end_of(text, lines=20):
    """The end of what a process printed, as a block."""
    return "\n".join("  | " + line for line in text.splitlines()[-lines:]) or NOTHING


class Process:
    """A started server. Use as a context manager; leaving it ends the process and its children."""

    def __init__(self, spec, scale=1.0):
        self.spec = spec
        self.workspace = Workspace(spec, scale)
        self.log = self.workspace.state / "output.log"
        self.process = None
        self.ready_after = 0.0  # seconds

    def __enter__(self):
        try:
            began = time.monotonic()
            self._start()
            readiness.wait(self)
            self.ready_after = time.monotonic() - began
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._end()
        self.workspace.remove()

    def ended(self):
        """Its last words when it has ended by itself; None while it runs."""
        status = self.process.poll()
        if status is None:
            return None
        meaning = {0: " (does it go into the background? it must stay in the foreground)",
                   127: " (a shell says so of a program that is not there)"}.get(status, "")
        return f"target {self.spec.name} ended with status {status}{meaning}\n{self.output()}"

    def output(self):
        """The end of what it printed."""
        return end_of(self.log.read_text(errors="replace") if self.log.exists() else "")

    def _start(self):
        if self.spec.several_users and os.environ.get("CBV_LAB_SINGLE_ID") == "1":
            raise UsageError(f"target {self.spec.name} changes its user id: run as root, or install "
                             "uidmap and give this user a range in /etc/subuid and /etc/subgid")
        arguments = self.workspace.arguments("start")
        try:
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(
                    arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                    env=self.workspace.environment, cwd=self.workspace.state, start_new_session=True)
        except OSError as error:
            raise UsageError(f"target {self.spec.name}: cannot start {arguments[0]}: "
                             f"{error.strerror}") from None

    def _end(self):
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, getattr(signal, f"SIG{self.spec.stop_signal}"))
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
