"""The line that says what is waited for: its words, a fake clock, a pipe, a terminal that changes its width."""

import fcntl
import io
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

import pytest

from harness import CONFORMANCE, LAB, progress
from harness.progress import Progress, State, describe

PLAIN = {"TERM": "xterm"}
EXPECTED = {"a": 20.0, "b": 14.0, "c": 10.0, "d": 3.0, "e": 10.0}


def state(*waiting, **more):
    return State(waiting=list(waiting), done=412, total=656, expected=EXPECTED, grace=1.0, **more)


# --- the words ---

@pytest.mark.parametrize("waiting, more, line", [
    ([("a", 7.9)], {}, " 33.6 s  412 of 656 done, waiting for a (about 13 s left)"),
    ([("a", 1), ("c", 1), ("b", 1), ("d", 1), ("e", 1)], {},
     " 33.6 s  412 of 656 done, waiting for a (about 19 s left), b (about 13 s left), c (about 9 s left) and 2 more; about 19 s left"),
    ([("d", 2.5)], {}, " 33.6 s  412 of 656 done, waiting for d (about 1 s left)"),
    ([("d", 3.5)], {}, " 33.6 s  412 of 656 done, waiting for d (due)"),
    ([("d", 4.5)], {}, " 33.6 s  412 of 656 done, waiting for d (overdue)"),
    ([("d", 9), ("c", 9.5), ("e", 14)], {},
     " 33.6 s  412 of 656 done, waiting for c (about 1 s left), e (overdue), d (overdue); about 1 s left"),
    ([("unknown", 7.2), ("c", 0)], {}, " 33.6 s  412 of 656 done, waiting for c (about 10 s left), unknown (7 s); about 10 s left"),
    ([("c", 0), ("d", 0)], {"later": 30.2}, " 33.6 s  412 of 656 done, waiting for c (about 10 s left), d (about 3 s left); about 31 s left"),
    ([("c", 0)], {"again": True}, " 33.6 s  again at twice the scale: 412 of 656 done, waiting for c (about 10 s left)"),
    ([], {}, " 33.6 s  412 of 656 done"),
])
def test_the_words(waiting, more, line):
    assert describe(33.6, state(*waiting, **more)) == line


def test_no_line_is_wider_than_the_terminal():
    many = state(*((name, 1) for name in EXPECTED))
    assert describe(3, many, 200) == describe(3, many)
    for width in range(1, 130):
        assert len(describe(3, many, width)) <= width
    assert describe(3, many, 110).endswith("for a (about 19 s left), b (about 13 s left) and 3 more; about 19 s left")
    assert describe(3, many, 60) == "  3.0 s  412 of 656 done, waiting for 5; about 19 s left"


# --- when it is written ---

class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run_for(seconds, file, environment=None, step=0.25):
    """A Progress that was asked each quarter of a second, as a run does."""
    clock = Clock()
    line = Progress(file, PLAIN if environment is None else environment, clock)
    while clock.now < 100 + seconds:
        line.show(lambda width: f"{clock.now - 100:.2f}")
        clock.now += step
    return line


def test_on_a_pipe_plain_lines_at_growing_intervals():
    out = io.StringIO()
    run_for(500, out)
    assert out.getvalue().split() == [f"{t}.00" for t in (5, 10, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 270, 300,
                                                          360, 420, 480)]
    out = io.StringIO()
    run_for(4.9, out)
    assert out.getvalue() == "", "a short run needs no such line"


@pytest.mark.parametrize("environment", [{}, {"TERM": ""}, {"TERM": "dumb"}, {"TERM": "xterm", "CI": "1"},
                                         {"TERM": "xterm", "NO_COLOR": "1"}])
def test_a_dumb_terminal_gets_no_control_codes(environment):
    out = Terminal()
    line = run_for(21, out, environment)
    line.say("said")
    assert out.getvalue() == "5.00\n10.00\n20.00\nsaid\n"


def test_on_a_terminal_one_line_is_rewritten():
    out = Terminal()
    line = run_for(1, out, step=0.0625)
    assert out.getvalue() == "".join(f"\r\x1b[K{t:.2f}" for t in (0, 0.25, 0.5, 0.75))
    line.say("said")
    line.say("again")
    assert out.getvalue().endswith("0.75\r\x1b[Ksaid\nagain\n"), "cleared once, before what stays"


def test_a_phase_ticks_and_leaves_nothing():
    out = Terminal()
    line = Progress(out, PLAIN)
    with line.phase("starting it"):
        end = time.monotonic() + 5
        while "starting it" not in out.getvalue() and time.monotonic() < end:
            time.sleep(0.01)  # its thread ticks
    assert re.fullmatch(r"(\r\x1b\[K +\d+\.\d s  starting it)+\r\x1b\[K", out.getvalue())


def test_a_phase_that_fails_is_over():
    line = Progress(io.StringIO(), PLAIN)
    with pytest.raises(ValueError), line.phase("x"):
        raise ValueError


# --- a terminal ---

class Screen:
    """What a pseudo-terminal of some width got."""

    def __init__(self, columns):
        self.master, self.slave = pty.openpty()
        self.resize(columns)
        self.file = os.fdopen(self.slave, "w", buffering=1)

    def resize(self, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self):
        self.file.flush()
        return os.read(self.master, 65536).decode()

    def close(self):
        self.file.close()
        os.close(self.master)


def test_the_width_is_respected_when_it_changes():
    screen, clock = Screen(40), Clock()
    try:
        line = Progress(screen.file, PLAIN, clock)
        line.show(lambda width: "x" * 100)
        assert screen.read() == "\r\x1b[K" + "x" * 39, "one column is left, so that nothing wraps"
        screen.resize(60)
        clock.now += 1
        line.show(lambda width: "y" * 100)
        assert screen.read() == "\r\x1b[K" + "y" * 59
        screen.resize(30)
        clock.now += 1
        line.show(lambda width: "z" * 100)
        assert screen.read() == "\r\n\r\x1b[K" + "z" * 29, "what the terminal may have wrapped is left alone"
        screen.resize(20)
        line.clear()
        assert screen.read() == "\r\n"
    finally:
        screen.close()


def test_a_stream_without_a_width():
    assert progress.width_of(io.StringIO()) == 80


# --- what a case will take ---

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")


def test_estimates_are_played_with_the_targets_timeouts():
    from harness import estimates, runner, target_file
    spec = target_file.load("exim")
    for scale in (1.0, 2.0):
        _, cases = runner.load_cases(spec, scale)
        found = estimates.of_cases(spec, [case for case in cases if case.id in ("time-stall-greeting", "cache-pass-lifetime-over",
                                                                                "dlg-null-sender")], scale)
        assert found["dlg-null-sender"] < 1
        assert found["time-stall-greeting"] == pytest.approx(spec.timeouts["greeting-timeout"] * scale, abs=0.5)
        assert found["cache-pass-lifetime-over"] > spec.timeouts["pass-lifetime"] * scale


def test_a_target_that_declares_little_is_estimated_as_well():
    from harness import estimates, runner, target_file
    for name in target_file.names():
        spec = target_file.load(name)
        if spec.live and "verifier" in spec.roles:
            _, cases = runner.load_cases(spec)
            found = estimates.of_cases(spec, [case for case in cases if case.id == "time-rcpt-stall"])
            assert found["time-rcpt-stall"] >= spec.timeouts["rcpt-timeout"], name


def test_a_deferred_verdict_takes_the_time_of_the_polls():
    from harness import estimates, runner, target_file
    spec = target_file.load("postfix")
    _, cases = runner.load_cases(spec)
    found = estimates.of_cases(spec, [case for case in cases if case.id in ("dlg-null-sender", "int-equal-preference-refuses")])
    assert 1 < found["dlg-null-sender"] < 5 and found["int-equal-preference-refuses"] > 20


@pytest.mark.parametrize("name", ["exim", "postfix", "refserver", "cbv-cli"])
def test_estimating_every_case_costs_little(name):
    from harness import estimates, runner, target_file
    spec = target_file.load(name)
    target, cases = runner.load_cases(spec)
    runnable = [case for case in cases if not cbv.missing_capability(case, target)]
    began = time.process_time()
    found = estimates.of_cases(spec, runnable)
    assert time.process_time() - began < 1.0  # 0.1 s, measured
    assert set(found) == {case.id for case in runnable}


# --- whole runs in the lab ---

live = pytest.mark.skipif(subprocess.run([LAB, "--", "true"], capture_output=True).returncode != 0, reason="no lab here")


def suite_command(*arguments):
    return [sys.executable, "-m", "harness", "run", "--target", "refserver", "--case", "time-stall-ehlo", *arguments]


def suite_environment(**more):
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)]), **more}


@live
def test_a_run_on_a_terminal():
    screen = Screen(72)
    try:
        run = subprocess.Popen(suite_command(), stdin=subprocess.DEVNULL, stdout=screen.slave, stderr=screen.slave,
                               env=suite_environment(TERM="xterm"))
        text, end = "", time.monotonic() + 120
        while time.monotonic() < end:
            ended = run.poll() is not None
            if select.select([screen.master], [], [], 0.1)[0]:
                text += os.read(screen.master, 65536).decode()
            elif ended:
                break
        assert run.poll() == 0, text
    finally:
        run.kill()
        screen.close()
    waiting = re.findall(r"\r\x1b\[K([^\r\n]*)", text)
    assert any(re.search(r" s  0 of 1 done, waiting for time-stall-ehlo \(about \d s left\)", line) for line in waiting), text
    assert any("self-check" in line for line in waiting), text
    assert all(len(line) <= 71 for line in waiting if "done" in line)


@live
def test_a_run_in_a_pipe():
    done = subprocess.run(suite_command("--no-self-check"), capture_output=True, text=True, timeout=120,
                          env=suite_environment(TERM="xterm"))
    assert done.returncode == 0 and "\x1b" not in done.stdout and "\r" not in done.stdout
    assert "waiting for" not in done.stdout, "too short for a line"
