"""What the last lines of a run say of a machine that had too much to do."""

import types

import pytest

from harness.outcome import Outcome, Tally
from harness.reporter import BUSY, busy


@pytest.mark.parametrize("statuses, load, words", [
    (["fail", "fail"], 25.2, "the machine was busy (load 25 on 2 processors): before you hold one of these against anybody"),
    (["fail"], 25.0, "before you hold it against anybody, run it again when it is quiet"),
    (["fail"], 2 * BUSY, ""),
    (["pass", "recorded", "waived", "error"], 99.0, ""),
])
def test_a_busy_machine(statuses, load, words):
    tally = Tally([Outcome(types.SimpleNamespace(id="x"), status) for status in statuses])
    said = busy(tally, load, 2)
    assert words in said and bool(words) == bool(said)
