"""Runs the chosen cases against a target and yields outcomes as they come: in virtual time for the
library, all at once in the lab for a server, a pool of processes for a command. A case that only
missed time bounds, or took so long that a timer may have struck which should not, is run once more at
twice the scale before it counts.
"""

import concurrent.futures
import contextlib
import os
import queue

import cbv

from harness import CASES, estimates
from harness.command_target import NO_VERDICT, NOT_SUPPORTED, Command
from harness.outcome import Outcome, from_result, timing_only
from harness.process import Process, Workspace
from harness.progress import State
from harness.target_file import ROLES, TIMEOUTS

RERUN_SCALE = 2.0


def engine_target(spec, scale=1.0):
    """The engine's view of a target."""
    if spec.kind == "library":
        return cbv.library_target()
    server = {}
    if spec.server:
        server = {"port": spec.port, "pending": spec.pending, "definite": spec.definite,
                  "poll_interval": spec.poll_interval, "poll_limit": spec.poll_limit * scale}
    return cbv.Target(name=spec.name, kind=spec.kind, address=spec.address,
                      roles=set(spec.roles), capabilities=set(spec.capabilities),
                      timeouts=dict(spec.timeouts), limits=dict(spec.limits),
                      identities=dict(spec.identities), client_timeout=spec.client_timeout * scale,
                      slack=spec.slack, scale=scale, **server)


def load_cases(spec, scale=1.0):
    """(engine target, every case) for a target."""
    target = engine_target(spec, scale)
    return target, cbv.load_cases(str(CASES), target)


def missing_role(case, target):
    """The role a case is for and the engine's target has not; "" where it has it."""
    return next((role for role in ROLES if role in case.needs and role not in target.capabilities), "")


class Runner:
    """One run of some cases. `progress` is called now and then with a progress.State; `surprising(outcome)` says
    that a rerun would tell something: a failure, or with a record what differs from it; `phase(words)` is a context
    for what takes time before the first case."""

    def __init__(self, spec, target, cases, progress=None, surprising=lambda outcome: outcome.failed,
                 phase=lambda words: contextlib.nullcontext(), scale=1.0):
        self.spec = spec
        self.target = target
        self.cases = cases
        self.progress = progress
        self.surprising = surprising
        self.scale = scale  # of `target`: that of a first run
        self.phase = phase
        self.state = State(total=len(cases), grace=0.0 if progress is None else estimates.grace(spec))
        self.took = self.needed = 0.0  # seconds of the cases that are done, and what they need
        self.last_words = ""  # the end of what a server printed in its last run
        self.ready_after = 0.0  # seconds its last start took

    def outcomes(self):
        """Yields an Outcome for each case; reruns are included."""
        runnable, again = [], []
        for case in self.cases:
            role = missing_role(case, self.target)  # it says more than whatever else is missing
            missing = role or cbv.missing_capability(case, self.target)
            if missing:
                self.state.done += 1
                yield Outcome(case, "unsupported", reason=f"the target lacks: {missing}", role=role)
            else:
                runnable.append(case)
        if not runnable:
            return
        if self.spec.kind == "library":
            for case in runnable:
                yield from_result(case, cbv.run_virtual(case, self.target))
            return
        for outcome in self._live(self.target, runnable, self.scale):
            if self.surprising(outcome) and (timing_only(outcome) or self._slow(outcome)):
                again.append(outcome)
            else:
                yield outcome
        if again:
            yield from self._rerun(again)

    def _slow(self, outcome):
        """Whether it took longer than the case needs by so much that a machine under load may have let a timer strike,
        or a client come too late."""
        timers = [self.spec.timeouts[name] for name in TIMEOUTS if name in self.spec.timeouts]
        needed = self.state.expected.get(outcome.case.id)
        return (bool(timers) and needed is not None and not outcome.reason.startswith(NO_VERDICT)
                and outcome.elapsed - needed >= self.scale * min(timers) / 2)

    def _rerun(self, missed):
        """Runs those again at twice the scale; what they then show is what counts."""
        target, cases = load_cases(self.spec, RERUN_SCALE)
        first = {o.case.id: o for o in missed}
        chosen = [case for case in cases if case.id in first]
        self.state = State(total=len(chosen), grace=self.state.grace, again=True)
        for outcome in self._live(target, chosen, RERUN_SCALE):
            before = first[outcome.case.id]
            what = "missed a time bound" if timing_only(before) else f"took {before.elapsed:.1f} s"
            found = ", ".join(before.words) or "the case held"
            then = "held" if outcome.status in ("pass", "note") else ("and again" if timing_only(before) else "and failed")
            outcome.rerun = f"{what} at first ({found}), {then} at twice the scale"
            yield outcome

    def _live(self, target, cases, scale):
        by_id = {case.id: case for case in cases}
        self.state.expected = estimates.of_cases(self.spec, cases, scale)
        names = [(self.spec.identities[n], self.spec.address) for n in ("helo",) if n in self.spec.identities]
        run = cbv.LiveRun(cases, target, static_addresses=names,
                          start_spread=self.spec.start_spread / max(len(cases), 1))
        try:
            run.open()
            drive = self._serve if self.spec.server else self._commands
            for outcome in drive(run, by_id, scale):
                self.state.done += 1
                self.took += outcome.elapsed
                self.needed += self.state.expected.get(outcome.case.id, outcome.elapsed)
                yield outcome
        finally:
            run.stop()

    def _report(self, run, left):
        """Tells what is waited for; `left`: ids of the cases whose result is due."""
        if self.progress is None:
            return
        waiting = [(name, seconds) for name, seconds in run.waiting() if name in left]
        begun = {name for name, _ in waiting}
        # Cases of a server all run at once; programs take their turns.
        turns = 0.0 if self.spec.server else sum(self.state.expected.get(name, 0.0) for name in left - begun)
        # Programs take their time to start, and implementations may take longer than the library: as those before.
        slower = max(1.0, self.took / self.needed) if self.needed else 1.0
        self.state.waiting, self.state.later = waiting, turns * slower / self.spec.parallel
        self.progress(self.state)

    # --- a server ---

    def _serve(self, run, by_id, scale):
        left = dict(by_id)
        with contextlib.ExitStack() as stack:
            count = f"{len(by_id)} case{'s' * (len(by_id) != 1)}"
            with self.phase(f"again at twice the scale: {count}" if self.state.again else f"starting {self.spec.name}"):
                process = stack.enter_context(Process(self.spec, scale))
            self.ready_after = process.ready_after
            run.start()
            while left:
                result = run.next_result(0.25)
                self._report(run, left.keys())
                if result is not None:
                    yield from_result(left.pop(result.id), result)
                elif words := process.ended():
                    for case in left.values():
                        yield Outcome(case, "error", reason=words)
                    return
            self.last_words = process.output()

    # --- a command ---

    def _commands(self, run, by_id, scale):
        results = queue.Queue()
        with self._surroundings(scale) as workspace:
            command = Command(workspace, self.spec.client_timeout * scale)
            if self.spec.understands_cases:
                command.prove_honest()
            with concurrent.futures.ThreadPoolExecutor(self.spec.parallel) as pool:
                try:
                    for case in by_id.values():
                        pool.submit(self._one_command, run, case, command, results)
                    left = set(by_id)
                    while left:
                        while True:
                            self._report(run, left)
                            try:
                                outcome = results.get(timeout=0.25)
                                break
                            except queue.Empty:
                                continue
                        left.remove(outcome.case.id)
                        yield outcome
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)

    @contextlib.contextmanager
    def _surroundings(self, scale):
        """What the commands work in: a directory, and the server they ask where the target starts one."""
        if not self.spec.start:
            with Workspace(self.spec, scale) as workspace:
                yield workspace
            return
        with Process(self.spec, scale) as process:
            self.ready_after = process.ready_after
            yield process.workspace
            self.last_words = process.output()

    def _one_command(self, run, case, command, results):
        try:
            results.put(self._run_command(run, case, command))
        except Exception as error:  # whatever it is, it must not be lost in a thread
            results.put(Outcome(case, "error", reason=f"{type(error).__name__}: {error}"))

    def _run_command(self, run, case, command):
        path = os.fsdecode(case.path or b"")
        if "\0" in path:
            return Outcome(case, "unsupported", reason="a NUL cannot be in an argument")
        run.begin(case.id)
        verdict, trouble, ended = command.verdict_on(path, case.id)
        # A verdict that never comes is a deviation, as a reply that never comes is; other trouble is a fault.
        silent = trouble.startswith(NO_VERDICT)
        result = run.finish(case.id, verdict, "" if silent else trouble)
        if trouble.startswith(NOT_SUPPORTED):
            return Outcome(case, "unsupported", reason=trouble, timeline=result.timeline, ended=ended)
        seen = from_result(case, result)
        seen.ended = ended
        if silent:
            seen.reason = trouble
        return seen
