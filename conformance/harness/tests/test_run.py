"""Whole runs against the library in virtual time: selection, exit statuses, reports, the draft."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from harness import CONFORMANCE, draft
from harness import suite as suite_data
from harness.report import schema

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")
pytestmark = pytest.mark.skipif(not hasattr(cbv, "LiveRun"), reason="built without the engine")


def suite(*arguments, cwd=None):
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)])
    return subprocess.run([sys.executable, "-m", "harness", *arguments], capture_output=True, text=True,
                          env=environment, timeout=120, cwd=cwd)


def test_file_names_count_from_the_folder_of_the_caller(tmp_path):
    run = suite("run", "--target", "library", "--case", "dlg-null-sender", "--json", "r.json", cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads((tmp_path / "r.json").read_text())["exit_status"] == 0


def test_a_report_that_cannot_be_written_is_refused_at_once(tmp_path):
    run = suite("run", "--target", "library", "--json", str(tmp_path / "none" / "r.json"))
    assert run.returncode == 2
    assert "No such file or directory" in run.stdout + run.stderr


def test_one_case(tmp_path):
    out = tmp_path / "r.json"
    junit = tmp_path / "r.xml"
    run = suite("run", "--target", "library", "--case", "dlg-null-sender", "--json", str(out),
                f"--junitxml={junit}")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith("MUST 1/1 \u00b7 ")
    result = json.loads(out.read_text())
    assert schema.problem(result) is None
    case = result["cases"][0]
    assert result["suite"] == {"version": suite_data.version(), "draft": draft.name()}
    assert f"suite {suite_data.version()} " in run.stdout
    assert (case["id"], case["status"]) == ("dlg-null-sender", "pass")
    assert any(e["text"] == "MAIL FROM:<>" and e["leg"] == "host" for e in case["timeline"])
    tree = xml.etree.ElementTree.parse(junit)
    assert tree.find("testsuite").get("name") == "library"
    assert {p.get("name"): p.get("value") for p in tree.findall("testsuite/properties/property")}["draft"] == draft.name()
    cases = tree.findall(".//testcase")
    assert {p.get("name"): p.get("value") for p in cases[0].iter("property")}["level"] == "MUST"
    assert [(c.get("classname"), c.get("name")) for c in cases] == [("CBV-DLG-005", "dlg-null-sender")]


def test_a_selection_leaves_the_rest_of_a_record_alone(tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "target.toml").write_text('kind = "library"\ndescription = "a copy"\n')
    record = target / "recorded.toml"
    whole = suite("run", "--target", str(target), "--record")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    written = record.read_text()
    assert "MUST = " in written
    record.write_text(written.replace("[deviations]", '[deviations]\ndlg-null-sender = ["no-quit"]\n'
                                      'dlg-quit-after-greeting-554 = ["no-quit"]'))
    assert suite("run", "--target", str(target), "--record", "--case", "dlg-null-sender").returncode == 0
    assert record.read_text() == written.replace("[deviations]", '[deviations]\ndlg-quit-after-greeting-554 = ["no-quit"]')


def test_replay_shows_the_time_line():
    run = suite("replay", "dlg-null-sender", "--target", "library")
    assert run.returncode == 0
    assert "< MAIL FROM:<>" in run.stdout


@pytest.mark.parametrize("arguments", [
    ["run", "--target", "library", "-k", "no_such_word"],
    ["run", "--target", "library", "--case", "no-such-case"],
    ["run", "--target", "no-such-target"],
    ["run", "--target", "library", "--frobnicate"],
    ["frobnicate"],
    ["show", "no-such-id"],
    ["replay"],
])
def test_usage_errors(arguments):
    run = suite(*arguments)
    assert run.returncode == 2, run.stdout + run.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--frobnicate"], "cbv-conformance: unrecognized arguments: --frobnicate"),
    (["--case", "no-such-case"], "cbv-conformance: --case names no-such-case, and there is no such case"),
    (["dlg-null-sender"], "cbv-conformance: unexpected 'dlg-null-sender'"),
])
def test_a_usage_error_is_one_line(arguments, words):
    run = suite("run", "--target", "library", *arguments)
    assert run.returncode == 2
    assert run.stderr.startswith(words) and len(run.stderr.splitlines()) == 1 and not run.stdout.strip()


def test_selection():
    run = suite("run", "--target", "library", "--level", "must", "--area", "dlg", "--collect-only")
    lines = [line for line in run.stdout.splitlines() if line.startswith("dlg-")]
    assert lines and all(line.split()[2] == "MUST" for line in lines)
    by_word = suite("run", "--target", "library", "-k", "CBV-DLG-005", "--collect-only").stdout
    assert "dlg-null-sender " in by_word and "addr-" not in by_word


def test_list_and_show():
    assert "dlg-null-sender " in suite("list").stdout
    assert "refserver" in suite("targets").stdout
    shown = suite("show", "dlg-null-sender")
    assert "MUST be null" in shown.stdout and "<case" in shown.stdout
    assert "dlg-null-sender" in suite("show", "CBV-DLG-005").stdout


def test_a_difference_from_the_record_fails(tmp_path):
    record = tmp_path / "recorded.toml"
    record.write_text('recorded = 2026-01-01\n[deviations]\ndlg-null-sender = ["null-sender-violated"]\n')
    run = suite("run", "--target", "library", "--case", "dlg-null-sender", "--expect-recorded", str(record))
    assert run.returncode == 1
    assert "recorded: null-sender-violated; now: the case holds" in run.stdout
    assert "./run conformance replay dlg-null-sender --target library" in run.stdout


def test_every_requirement_of_a_case_is_in_the_draft():
    cases = cbv.load_cases(str(CONFORMANCE / "cases"), cbv.library_target())
    unknown = {(c.id, r) for c in cases for r in c.requirements if r not in draft.requirements()}
    assert not unknown
    assert draft.sentence("CBV-DLG-005").startswith('"The reverse-path of the probe MUST be null')
