"""Waivers, records, counts and exit statuses."""

import datetime

import pytest

from harness import UsageError, outcome, recorded
from harness.waivers import Waiver

TODAY = datetime.date(2026, 1, 1)


def waiver(finding="no-quit", expires=datetime.date(2026, 6, 1), case="dlg-x"):
    return Waiver(case, finding, "known", "bug 1", expires)


def test_a_waived_failure(make):
    seen = make("fail", "no-quit")
    outcome.apply_waivers(seen, [waiver()], TODAY)
    assert (seen.status, seen.problem) == ("waived", "")
    assert "bug 1" in seen.reason


def test_another_finding_is_not_waived(make):
    seen = make("fail", "no-quit", "data-sent")
    outcome.apply_waivers(seen, [waiver()], TODAY)
    assert seen.status == "fail"


def test_an_unexpected_pass(make):
    seen = make("pass")
    outcome.apply_waivers(seen, [waiver()], TODAY)
    assert "unexpected pass" in seen.problem
    assert outcome.Tally([seen]).exit_status() == outcome.UNEXPECTED


def test_one_of_two_waived_findings_is_gone(make):
    seen = make("fail", "no-quit")
    outcome.apply_waivers(seen, [waiver(), waiver("data-sent")], TODAY)
    assert seen.status == "waived" and "data-sent" in seen.problem


def test_an_expired_waiver(make):
    seen = make("fail", "no-quit")
    outcome.apply_waivers(seen, [waiver(expires=datetime.date(2025, 1, 1))], TODAY)
    assert seen.status == "fail" and "expired" in seen.problem


def test_waivers_of_other_cases_do_not_matter(make):
    seen = make("fail", "no-quit")
    outcome.apply_waivers(seen, [waiver(case="dlg-y")], TODAY)
    assert (seen.status, seen.problem) == ("fail", "")


def test_timing_only(make):
    assert outcome.timing_only(make("fail", "answered-late", timing=True))
    assert not outcome.timing_only(make("fail", "no-quit"))
    assert not outcome.timing_only(make("pass"))
    mixed = make("fail", "answered-late", timing=True)
    mixed.findings += make("fail", "no-quit").findings
    assert not outcome.timing_only(mixed)


def test_last_line_and_exit_status(make, case):
    tally = outcome.Tally(seconds=31.2)
    tally.add(make("pass"))
    tally.add(make("note"))
    tally.add(make("fail", "no-quit"))
    tally.add(make("pass", case=case(level="SHOULD")))
    tally.add(make("unsupported", case=case(level="SHOULD")))
    tally.add(make("waived", "no-quit"))
    assert tally.last_line() == ("MUST 2/4 \u00b7 SHOULD 1/1 \u00b7 unsupported 1 \u00b7 waived 1 \u00b7 "
                                 "31.2 s (longest case 1.0 s)")
    assert tally.exit_status() == outcome.FAILED
    tally.add(make("error"))
    assert tally.exit_status() == outcome.FAULT
    assert outcome.Tally([make("pass")]).exit_status() == outcome.CONFORMANT


def as_record(entries, varies=None):
    record = recorded.Record()
    record.update(entries)
    record.varies = varies or {}
    return record


@pytest.mark.parametrize("status, words, record, result", [
    ("fail", ["b", "a"], {"dlg-x": ["a", "b"]}, "recorded"),
    ("fail", ["a"], {"dlg-x": ["a", "b"]}, "fail"),
    ("fail", ["a"], {}, "fail"),
    ("pass", [], {"dlg-x": ["a"]}, "fail"),
    ("pass", [], {}, "pass"),
    ("unsupported", [], {"dlg-x": ["unsupported"]}, "unsupported"),
    ("unsupported", [], {}, "fail"),
    ("error", [], {"dlg-x": ["error"]}, "error"),
])
def test_against_a_record(make, status, words, record, result):
    seen = make(status, *words)
    recorded.apply(seen, as_record(record))
    assert seen.status == result
    if result == "fail":
        assert "recorded:" in seen.reason and "now:" in seen.reason


@pytest.mark.parametrize("record, result", [
    ({}, "unsupported"), ({"dlg-x": ["unsupported"]}, "unsupported"), ({"dlg-x": ["a"]}, "fail")])
def test_cases_of_another_role_are_not_on_record(make, record, result):
    seen = make("unsupported")
    seen.role = "verifier"
    assert recorded.of_run([seen]) == {}
    old = as_record(record)
    old.judged = {"MUST": 5}
    assert recorded.updated(old, [seen]) == record and recorded.updated(old, [seen]).judged == {"MUST": 5}
    recorded.apply(seen, as_record(record))
    assert seen.status == result


def test_record_is_read_as_written(make, case, tmp_path):
    outcomes = [make("fail", "b", "a", case=case("dlg-z")), make("pass", case=case("dlg-y")),
                make("unsupported", case=case("dlg-w"))]
    path = tmp_path / "recorded.toml"
    record = recorded.of_run(outcomes)
    assert record == {"dlg-z": ["a", "b"], "dlg-w": ["unsupported"]}
    record.judged = recorded.judged_in(outcomes)
    assert record.judged == {"MUST": 2, "dlg": 2}
    recorded.merged(record, [make("pass", case=case("dlg-z")), make("fail", "c", case=case("dlg-y"))])
    path.write_text(recorded.text("exim", ["exim4 4.96"], record, TODAY))
    again = recorded.read(path)
    assert (again.date, again.versions) == (TODAY, ["exim4 4.96"]) and again.judged == record.judged
    assert again == record and again.varies == {"dlg-z": [[]], "dlg-y": [["c"]]}


def test_a_new_record_keeps_what_varies():
    old = as_record({"dlg-x": ["a"], "dlg-y": ["c"]}, {"dlg-x": [[]], "dlg-y": [["c"]]})
    record = as_record({"dlg-y": ["c"]})
    recorded.keep_variants(record, old)
    assert record.varies == {"dlg-x": [["a"]]}


def test_a_record_of_some_cases_keeps_the_others_and_the_counts(make, case):
    old = as_record({"dlg-x": ["a"], "dlg-y": ["unsupported"], "dlg-z": ["b"], "dlg-gone": ["c"]}, {"dlg-x": [[]]})
    old.judged, old.date, old.versions = {"MUST": 9, "dlg": 4}, TODAY, ["exim4 4.96"]
    seen = [make("pass", case=case("dlg-x")), make("fail", "d", case=case("dlg-y")),
            make("error", "error", case=case("dlg-z")), make("unsupported", case=case("dlg-gone")),
            make("fail", "e", case=case("dlg-other"))]
    record = recorded.updated(old, seen)
    assert record == {"dlg-y": ["d"], "dlg-z": ["b"], "dlg-gone": ["unsupported"], "dlg-other": ["e"]}
    assert record.judged == {"MUST": 9, "dlg": 4}  # one more, one less
    assert recorded.updated(old, seen[:2]).judged == {"MUST": 10, "dlg": 5}
    assert recorded.updated(old, seen[3:]).judged == {"MUST": 8, "dlg": 3}
    assert record.varies == {"dlg-x": [["a"]]} and (record.date, record.versions) == (TODAY, ["exim4 4.96"])


def test_a_varying_case(make):
    record = as_record({"dlg-x": ["a"]}, {"dlg-x": [[]]})
    for seen, result in ((make("pass"), "pass"), (make("fail", "a"), "recorded"), (make("fail", "b"), "fail")):
        recorded.apply(seen, record)
        assert seen.status == result


@pytest.mark.parametrize("text", ["x = 1", "deviations = 3 4", '[deviations]\na = "b"', "[deviations]\na = []",
                                  "[varies]\na = []", '[varies]\na = ["b"]', "", 'recorded = "today"',
                                  '[judged]\na = "b"'])
def test_a_broken_record(tmp_path, text):
    path = tmp_path / "recorded.toml"
    path.write_text(("" if text == "" or "recorded" in text else "recorded = 2026-01-01\n") + text)
    with pytest.raises(UsageError, match="recorded.toml"):
        recorded.read(path)


def test_a_missing_record(tmp_path):
    with pytest.raises(UsageError, match="--record"):
        recorded.read(tmp_path / "none.toml")


def test_a_run_that_judged_nothing_is_not_conformant(make):
    tally = outcome.Tally()
    tally.add(make("unsupported"))
    assert tally.exit_status() == outcome.USAGE
    tally.add(make("pass"))
    assert tally.exit_status() == outcome.CONFORMANT
