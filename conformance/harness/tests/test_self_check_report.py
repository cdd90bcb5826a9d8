"""The self-check's report: when it looks twice, and how it is shown. Nothing runs here."""

import pathlib
import types

import pytest

from harness import self_check, target_file

SPEC = target_file.Spec("mine", pathlib.Path("mine"), "smtp", timeouts=dict.fromkeys(target_file.TIMEOUTS, 2.0))


def report(elapsed, *errors):
    made = self_check.Report(SPEC, outcomes=[types.SimpleNamespace(elapsed=elapsed)])
    made.ok("files")
    made.warn("a warning")
    for error in errors:
        made.fail(error)
    return made


@pytest.mark.parametrize("first, second, scales, wrong", [
    (report(0.1), None, [1.0], False),
    (report(0.1, "swapped"), None, [1.0], True),  # no timer can have had a part in it
    (report(2.5, "deferred"), report(2.6), [1.0, 2.0], False),
    (report(2.5, "deferred"), report(4.6, "deferred"), [1.0, 2.0], True),
])
def test_only_what_may_be_the_clocks_doing_is_looked_at_twice(first, second, scales, wrong, monkeypatch):
    seen = []

    def look(spec, scale):
        seen.append(scale)
        return first if scale == 1.0 else second
    monkeypatch.setattr(self_check, "_look", look)
    assert self_check.examine(SPEC).wrong == wrong and seen == scales


def test_a_run_hears_of_warnings_and_errors_only():
    assert self_check.brief(report(0.1)).splitlines()[0] == "self-check: warning: a warning"
    assert "files" not in self_check.brief(report(0.1))


def test_a_sentence_of_several_lines_keeps_its_place():
    made = report(0.1, "no pattern:\n  definite = 'x'")
    made.last_words = "  | oh"
    lines = self_check.full(made).splitlines()
    assert lines[2:4] == ["  error    no pattern:", "             definite = 'x'"]
    assert lines[-3:-1] == ["the end of what it printed:", "  | oh"] and lines[-1].startswith("1 error, 1 warning, ")
