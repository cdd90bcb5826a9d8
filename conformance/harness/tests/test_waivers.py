"""Waivers: read strictly, from a target and from a user's file; what they do in whole runs."""

import datetime
import os
import pathlib
import subprocess
import sys

import pytest

from harness import CONFORMANCE, UsageError, outcome, waivers

TODAY = datetime.date(2026, 1, 1)
TABLE = '[[waivers]]\ncase = "dlg-x"\nfinding = "no-quit"\nreason = "r"\nreference = "bug 1"\nexpires = 2030-01-01\n'


def read(tmp_path, text):
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    return waivers.read(path)


def waiver(finding="no-quit", expires=TODAY, case="dlg-x", reason="r"):
    return waivers.Waiver(case, finding, reason, "bug 1", expires)


def test_a_file(tmp_path):
    assert read(tmp_path, TABLE) == [waiver(expires=datetime.date(2030, 1, 1))]


@pytest.mark.parametrize("text, words", [
    ("", "expected [[waivers]] tables"),
    ("waivers = 3", "expected [[waivers]] tables"),
    ("waivers = [3]", "expected [[waivers]] tables"),
    ("[[waivers", "waivers.toml"),
    ('kind = "smtp"\n' + TABLE, "unknown key 'kind'"),
    (TABLE + "why = 1", "unknown key 'why'; there are case, finding"),
    (TABLE.replace("no-quit", "no-such-word"), "'no-such-word' is not a word of vocabulary.toml"),
    (TABLE.replace("no-quit", "no-quits"), "is not a word of vocabulary.toml; is no-quit meant?"),
    (TABLE.replace('"r"', '""'), "reason is empty"),
    (TABLE.replace("2030-01-01", '"soon"'), "expires: expected a date without quotes, such as 2027-03-31, found 'soon' (of dlg-x)"),
    (TABLE.replace("2030-01-01", "2030-01-01T00:00:00"), "expires: expected a date without quotes"),
    (TABLE.replace("expires = 2030-01-01\n", ""), "expires is missing (of dlg-x)"),
    (TABLE + TABLE, "no-quit of dlg-x is waived twice"),
])
def test_mistakes(tmp_path, text, words):
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value) and "waivers.toml" in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(UsageError, match="--waivers .*No such file"):
        waivers.read(pathlib.Path(tmp_path / "none.toml"))


def test_the_users_waiver_stands_before_the_targets():
    own, other = waiver(), waiver("data-sent")
    mine = waiver(reason="mine")
    assert waivers.joined([own, other], [mine]) == [other, mine]
    assert waivers.joined([own], []) == [own]


@pytest.mark.parametrize("days, words", [(-1, None), (0, "today"), (1, "tomorrow"), (12, "in 12 days"), (30, "in 30 days"),
                                         (31, None)])
def test_an_end_is_announced(days, words):
    lines = waivers.endings([waiver(expires=TODAY + datetime.timedelta(days))], {"dlg-x"}, TODAY)
    if words is None:
        assert lines == []
    else:
        (line,) = lines
        assert f"dlg-x                              no-quit expires {words} (" in line


def test_ends_of_cases_that_were_not_run_are_not_announced_and_the_soonest_is_first():
    later, soon = waiver(expires=TODAY + datetime.timedelta(9)), waiver("data-sent", TODAY + datetime.timedelta(2))
    other = waiver(case="dlg-y", expires=TODAY)
    assert [line.split()[2] for line in waivers.endings([later, soon, other], {"dlg-x"}, TODAY)] == ["data-sent", "no-quit"]


def test_a_waiver_is_pinned_to_its_finding(make):
    for words, status in ((["no-quit"], "waived"), (["data-sent"], "fail"), (["data-sent", "no-quit"], "fail")):
        seen = make("fail", *words)
        outcome.apply_waivers(seen, [waiver(expires=TODAY)], TODAY)
        assert seen.status == status
        assert ("not found although waived: no-quit" in seen.problem) == ("no-quit" not in words)


# --- whole runs, against the library in virtual time ---

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")


def run(tmp_path, text, *arguments):
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)])
    return subprocess.run([sys.executable, "-m", "harness", "run", "--target", "library", "--waivers", str(path), *arguments],
                          capture_output=True, text=True, env=environment, timeout=120)


MINE = TABLE.replace("dlg-x", "dlg-null-sender")


def test_an_unexpected_pass_fails(tmp_path):
    done = run(tmp_path, MINE, "--case", "dlg-null-sender")
    assert done.returncode == outcome.UNEXPECTED
    assert "unexpected pass: no-quit is waived (bug 1)" in done.stdout


def test_a_waiver_for_a_case_that_is_not_run_is_no_error(tmp_path):
    assert run(tmp_path, MINE, "--case", "dlg-quit-after-greeting-554").returncode == outcome.CONFORMANT


def test_an_expired_waiver_fails(tmp_path):
    done = run(tmp_path, MINE.replace("2030", "2020"), "--case", "dlg-null-sender")
    assert done.returncode == outcome.UNEXPECTED and "expired on 2020-01-01" in done.stdout


def test_the_end_of_a_waiver_is_shown(tmp_path):
    soon = datetime.date.today() + datetime.timedelta(12)
    done = run(tmp_path, MINE.replace("2030-01-01", str(soon)), "--case", "dlg-null-sender")
    lines = done.stdout.splitlines()
    assert f"waiver      dlg-null-sender                    no-quit expires in 12 days ({soon})" in lines[-2]
    assert "expires in" not in run(tmp_path, MINE, "--case", "dlg-null-sender").stdout


@pytest.mark.parametrize("text, words", [
    (TABLE, "a waiver names dlg-x, and there is no such case"),
    (MINE.replace("no-quit", "no-such-word"), "is not a word of vocabulary.toml"),
])
def test_unknown_words_are_an_error(tmp_path, text, words):
    done = run(tmp_path, text, "--case", "dlg-null-sender")
    assert done.returncode == outcome.USAGE and words in done.stderr


def test_a_record_and_waivers_are_not_mixed(tmp_path):
    record = tmp_path / "recorded.toml"
    record.write_text("recorded = 2026-01-01\n")
    done = run(tmp_path, MINE, "--expect-recorded", str(record))
    assert done.returncode == outcome.USAGE and "judged by one of them" in done.stderr
