"""The process of an SMTP target: rendered files, start, readiness, end. One object is one run of it;
a rerun at another scale makes a new one.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import UsageError, packages, templates


class Process:
    """A started target. Use as a context manager; leaving it ends the process and its children."""

    def __init__(self, spec, scale=1.0):
        self.spec = spec
        self.state = pathlib.Path(tempfile.mkdtemp(prefix=f"{spec.name}-"))
        self.log = self.state / "output.log"
        self.process = None
        values = templates.values_of(spec, self.state, packages.prefix_of(spec), scale)
        templates.write_files(spec, self.state, values)
        where = f"{spec.directory}/target.toml: start"
        self.arguments = [templates.expand(word, values, where) for word in spec.start]
        self.environment = dict(os.environ)
        for name, text in spec.env.items():
            self.environment[name] = templates.expand(text, values, f"{spec.name}: env: {name}")

    def __enter__(self):
        if self.spec.several_users and os.environ.get("CBV_LAB_SINGLE_ID") == "1":
            raise UsageError(f"target {self.spec.name} changes its user id: run as root, or install "
                             "uidmap and give this user a range in /etc/subuid and /etc/subgid")
        try:
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(
                    self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                    env=self.environment, cwd=self.state, start_new_session=True)
        except OSError as error:
            raise UsageError(f"target {self.spec.name}: cannot start {self.arguments[0]}: "
                             f"{error.strerror}") from None
        try:
            self._wait_ready()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()
        shutil.rmtree(self.state, ignore_errors=True)

    def ended(self):
        """Its last words when it has ended by itself; None while it runs."""
        status = self.process.poll()
        if status is None:
            return None
        return f"target {self.spec.name} ended with status {status}\n{self.output()}"

    def output(self, lines=20):
        """The end of what it printed."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join("  | " + line for line in text.splitlines()[-lines:])

    def _wait_ready(self):
        """Until a greeting comes from its port."""
        end = time.monotonic() + self.spec.ready_timeout
        trouble = "no connection"
        while time.monotonic() < end:
            if words := self.ended():
                raise UsageError(f"before it was ready, {words}")
            try:
                address = (self.spec.address, self.spec.port)
                with socket.create_connection(address, timeout=2) as connection:
                    greeting = connection.recv(512)
                    if greeting[:3] == b"220":
                        return
                    trouble = f"greeting {greeting!r}"
            except OSError as error:
                trouble = str(error)
            time.sleep(0.02)  # nothing to wait on: the port is not open yet
        raise UsageError(f"target {self.spec.name} was not ready at {self.spec.address} port "
                         f"{self.spec.port} after {self.spec.ready_timeout:g} s: {trouble}\n{self.output()}")

    def _end(self):
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, getattr(signal, f"SIG{self.spec.stop_signal}"))
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
