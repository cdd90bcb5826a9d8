"""What becomes of a cell, and which files of results are taken."""

import json
import types

import pytest

from harness import UsageError
from harness.report import command, data, markdown

KNOWN = {name: types.SimpleNamespace(id=name, level="MUST NOT", sentence=f"It MUST NOT <{name}>.", section_number="8",
                                     section_title="Dialogue") for name in ("CBV-DLG-005", "CBV-DLG-006", "CBV-DLG-007")}


def matrix(*results):
    return data.Matrix([data.Implementation(r["target"]["name"], r) for r in results], KNOWN)


@pytest.mark.parametrize("statuses, expected", [
    (["pass"], ("pass", 1, 1)), (["pass", "note"], ("note", 2, 2)), (["pass", "fail"], ("fail", 1, 2)),
    (["recorded", "waived"], ("recorded", 0, 2)), (["fail", "recorded"], ("fail", 0, 2)),
    (["unsupported"], ("unsupported", 0, 0)), (["pass", "unsupported"], ("pass", 1, 1)),
    (["pass", "error"], ("error", 1, 2)), (["note", "waived"], ("waived", 1, 2)),
])
def test_a_cell(make, statuses, expected):
    m = matrix(make.result("a", [make.case(f"dlg-{i}", status=s) for i, s in enumerate(statuses)]))
    cell = m.cell(m.implementations[0], m.requirements["CBV-DLG-005"])
    assert (cell.state, cell.held, cell.judged) == expected


def test_a_failure_counts_for_a_further_requirement_only_by_its_own_finding(make):
    both = ("CBV-DLG-005", "CBV-DLG-006")
    other = make.case("dlg-a", both, "fail", [make.finding(requirement="CBV-DLG-005")])
    m = matrix(make.result("a", [other]))
    assert m.cell(m.implementations[0], m.requirements["CBV-DLG-006"]) == data.Cell("unsupported", 0, 0)
    own = make.case("dlg-a", both, "fail", [make.finding(requirement="CBV-DLG-006")])
    m = matrix(make.result("a", [own]))
    assert m.cell(m.implementations[0], m.requirements["CBV-DLG-006"]) == data.Cell("fail", 0, 1)


def test_a_failure_that_differs_from_the_record_is_new(make):
    m = matrix(make.result("a", [make.case(status="fail")], compared_with={"recorded": "2026-11-24", "versions": []}))
    assert m.cell(m.implementations[0], m.requirements["CBV-DLG-005"]).state == "new"


def test_rows_are_those_with_cases_and_the_others_are_named(make):
    m = matrix(make.result("a", [make.case()]), make.result("b", []))
    assert list(m.requirements) == ["CBV-DLG-005"] and [r.id for r in m.unseen] == ["CBV-DLG-006", "CBV-DLG-007"]
    assert m.cell(m.implementations[1], m.requirements["CBV-DLG-005"]).state == ""
    assert m.counts(m.implementations[0], "dlg") == (1, 1)


def test_markdown_keeps_its_columns(make):
    results = [make.result("a|b", [make.case(), make.case("dlg-b", status="fail")]), make.result("c`<x>", [])]
    results[0]["target"]["versions"] = ["x | y\nz"]
    text = markdown.text(matrix(*results))
    assert "| CBV-DLG-005 | MUST NOT | \u2717 1/2 |  |" in text
    for table in text.split("\n\n"):
        if table.startswith("|"):
            widths = {len(line.replace("\\|", "").split("|")) for line in table.splitlines()}
            assert len(widths) == 1, table


@pytest.fixture
def save(tmp_path, make):
    def write(name, value):
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(path)
    return write


@pytest.mark.parametrize("content, words", [
    ("", "is empty: that run did not come to its end"), ("{", "expected the JSON of a run"), ("[]", "expected object, found []"),
    ('{"version": 2}', "is missing"),
])
def test_a_file_that_is_no_result(save, content, words):
    with pytest.raises(UsageError, match="r.json: .*") as error:
        data.load([save("r.json", content)])
    assert words in str(error.value)


def test_results_that_do_not_go_together(save, make):
    one, two = make.result("a"), make.result("b")
    two["suite"]["version"] = "2.0.0"
    with pytest.raises(UsageError, match="only results of the same suite"):
        data.load([save("a.json", one), save("b.json", two)])


def test_two_results_of_one_target_need_names(save, make):
    a, b = save("a.json", make.result("a")), save("b.json", make.result("a"))
    with pytest.raises(UsageError, match="a second result of a: give it a name"):
        data.load([a, b])
    assert [i.label for i in data.load([a, f"newer={b}"])] == ["a", "newer"]


@pytest.mark.parametrize("arguments, words", [
    ([], "at least one"), (["{a}"], "needs --output"), (["{a}", "x={a}", "--badge", "f"], "one result"),
    (["{a}", "--tap", "/none/x"], "--tap /none/x: No such file"), (["/none"], "No such file|needs --output"),
    (["{a}", "--bad"], "--bad"),
])
def test_usage_errors_of_the_verb(save, make, arguments, words):
    pytest.importorskip("cbv", reason="the module cbv is not built")
    a = save("a.json", make.result("a"))
    with pytest.raises(UsageError, match=words):
        command.run([argument.format(a=a) for argument in arguments])


@pytest.mark.parametrize("label, slug", [("exim-4.98", "exim-4.98"), ("../x", "_._x"), ("..", "_."), ("a b/\u00e9", "a_b__"), ("x" * 99, "x" * 80)])
def test_a_label_as_a_file_name(make, label, slug):
    assert data.Implementation(label, make.result()).slug == slug
