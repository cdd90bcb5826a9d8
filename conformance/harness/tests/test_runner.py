"""What a run does with a failure that a machine under load may have caused: once more at twice the scale, and what
that shows counts. The engine is played.
"""

import types

import pytest

pytest.importorskip("cbv", reason="the module cbv is not built")

from harness import runner  # noqa: E402
from harness.outcome import Outcome  # noqa: E402

TIMERS = {"greeting-timeout": 2.0, "quit-timeout": 1.0, "budget": 8.0}


def finding(word, timing=False):
    return types.SimpleNamespace(word=word, timing=timing, note=False)


class Played(runner.Runner):
    """Its cases need a second; they end as `first` says, and when they are run again as `again` says."""

    def __init__(self, first, again, **more):
        cases = [types.SimpleNamespace(id=name, needs=set()) for name in first]
        super().__init__(types.SimpleNamespace(kind="smtp", timeouts=TIMERS), types.SimpleNamespace(capabilities=set()), cases, **more)
        self.first, self.again, self.scales = first, again, []

    def _live(self, target, cases, scale):
        self.scales.append((scale, [case.id for case in cases]))
        self.state.expected = {case.id: 1.0 for case in cases}
        for case in cases:
            status, elapsed, *found = (self.first if scale == 1.0 else self.again)[case.id]
            yield Outcome(case, status, list(found), elapsed=elapsed)


@pytest.fixture
def play(monkeypatch):
    monkeypatch.setattr(runner.cbv, "missing_capability", lambda case, target: "")

    def run(first, again=None, **more):
        played = Played(first, again or {}, **more)
        monkeypatch.setattr(runner, "load_cases", lambda spec, scale: (played.target, played.cases))
        return {outcome.case.id: outcome for outcome in played.outcomes()}, played.scales
    return run


def test_a_timing_finding_is_looked_at_again(play):
    late = finding("timer-missing", timing=True)
    seen, scales = play({"a": ("fail", 1.0, late), "b": ("fail", 1.0, late), "c": ("fail", 1.0, finding("no-quit"))},
                        {"a": ("pass", 2.0), "b": ("fail", 2.0, late)})
    assert scales == [(1.0, ["a", "b", "c"]), (2.0, ["a", "b"])]
    assert {name: outcome.status for name, outcome in seen.items()} == {"a": "pass", "b": "fail", "c": "fail"}
    assert seen["a"].rerun == "missed a time bound at first (timer-missing), held at twice the scale"
    assert seen["b"].rerun == "missed a time bound at first (timer-missing), and again at twice the scale"
    assert seen["c"].rerun == ""


def test_so_is_a_failure_that_took_too_long(play):
    deferred = finding("good-path-deferred")
    seen, scales = play({"quick": ("fail", 1.4, deferred), "slow": ("fail", 1.6, deferred), "good": ("pass", 9.0)},
                        {"slow": ("fail", 2.0, deferred)})
    assert scales[1:] == [(2.0, ["slow"])]  # half a second too long is half of the shortest timer
    assert seen["slow"].rerun == "took 1.6 s at first (good-path-deferred), and failed at twice the scale"


def test_what_is_on_record_is_not(play):
    _, scales = play({"slow": ("fail", 9.0, finding("no-quit"))}, surprising=lambda outcome: False)
    assert len(scales) == 1


def test_so_is_a_case_that_held_late_and_is_on_record_as_failing(play):
    seen, scales = play({"slow": ("pass", 9.0), "good": ("pass", 9.0)}, {"slow": ("fail", 2.0, finding("call-not-shared"))},
                        surprising=lambda outcome: outcome.case.id == "slow")
    assert scales[1:] == [(2.0, ["slow"])]
    assert seen["slow"].rerun == "took 9.0 s at first (the case held), and failed at twice the scale"


def test_what_is_left_is_reckoned_by_what_it_took_so_far():
    spec = types.SimpleNamespace(kind="command", server=False, parallel=2, timeouts={}, slack=0.0)
    seen = []
    run = runner.Runner(spec, None, [], progress=lambda state: seen.append(state.later))
    run.state.expected = {"a": 1.0, "b": 2.0, "c": 4.0}
    waiting = types.SimpleNamespace(waiting=lambda: [("b", 0.5)])
    run._report(waiting, {"b", "c"})
    run.took, run.needed = 3.0, 1.0
    run._report(waiting, {"b", "c"})
    assert seen == [2.0, 6.0]  # four seconds of two at a time, then three times as much
