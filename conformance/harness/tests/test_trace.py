"""The trace is whole: every requirement that can be seen from outside has cases, every case and every
citation is of the draft, and the cases were read against the sentences of today. That each check
finds what it is for is shown on doctored copies.
"""

import dataclasses
import json
import re
import shutil

import pytest

from harness import SuiteError, UsageError, cli, draft, generated, outcome, trace

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")


@pytest.fixture(scope="module")
def today():
    """The project's own trace."""
    return trace.Trace()


@pytest.mark.parametrize("check", trace.CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_wrong(today, check):
    assert not (found := check(today)), "\n" + "\n".join(found)


@pytest.fixture
def doctored(tmp_path):
    """doctored(**parts) -> Trace of a copy, into which `edit` of these parts was made:
    draft=(old, new), case=(id, old, new), index=(old, new), reviewed=(pattern, new), citing={file name: text}."""
    def build(**parts):
        changed = {"reviewed": tmp_path / "reviewed.toml"}  # everything reviewed as of today, at first
        trace.record_review(with_project(reviewed=changed["reviewed"]), None)
        if "draft" in parts:
            changed["draft"] = tmp_path / "draft"
            changed["draft"].mkdir()
            for file in (draft.source(), draft.source().with_suffix(".txt"), draft.FOLDER / "RENDERED.sha256",
                         draft.FOLDER / "render_text.py"):
                shutil.copy(file, changed["draft"])
            edit(draft.source(changed["draft"]), *parts["draft"])
        if "case" in parts:
            changed["cases"] = tmp_path / "cases"
            shutil.copytree(trace.CASES, changed["cases"])
            case, old, new = parts["case"]
            (file,) = changed["cases"].glob(f"*/{case}.xml")
            edit(file, re.escape(old), new)
        if "index" in parts:
            changed["index"] = tmp_path / "CASES.md"
            shutil.copy(trace.Project().index, changed["index"])
            edit(changed["index"], *parts["index"])
        if "reviewed" in parts:
            edit(changed["reviewed"], *parts["reviewed"])
        if "citing" in parts:
            changed["citing"] = (tmp_path / "citing",)
            changed["citing"][0].mkdir()
            for name, text in parts["citing"].items():
                (changed["citing"][0] / name).write_text(text)
        if "mutants" in parts:
            changed["mutants"] = tmp_path / "mutants.json"
            changed["mutants"].write_text(json.dumps(parts["mutants"]))
        return with_project(**changed)

    def with_project(**changed):
        return trace.Trace(dataclasses.replace(trace.Project(), **changed))

    def edit(file, old, new):
        text, count = re.subn(old, new, file.read_text("utf-8"), count=1, flags=re.DOTALL)
        assert count == 1, f"{file} has no {old}"
        file.write_text(text, "utf-8")
    return build


def one(found, *words):
    """The one sentence that has all these words."""
    (sentence,) = [text for text in found if all(word in text for word in words)]
    return sentence


def index_row(requirement):
    """Matches a row of the requirement-index, up to before and from after its third cell's text."""
    return rf'(<tr><td><xref target="{requirement}" format="none">{requirement}</xref></td><td>[a-z ]+</td><td>)[a-z]+(</td>)'


DLG_005 = index_row("CBV-DLG-005")


def test_a_requirement_without_a_case(doctored, today):
    caseless = next(row for row in today.rows.values() if row.seen_by == "bindings" and not row.cases + row.further)
    found = trace.without_case(doctored(draft=(index_row(caseless.id), r"\1wire\2")))
    area = caseless.id.split("-")[1].lower()
    assert f"write one in conformance/cases/{area}/" in one(found, f"{caseless.id} ({caseless.level}, wire) has no case")


def test_a_case_less_leaves_a_requirement_without_one(doctored, today):
    lonely = next(row for row in today.rows.values() if len(row.cases) == 1 and not row.further)
    found = trace.without_case(doctored(case=(lonely.cases[0], f'requirement="{lonely.id}',
                                              'requirement="CBV-DLG-005')))
    assert one(found, lonely.id, "has no case")


def test_an_unknown_way_to_see(doctored):
    assert one(trace.without_case(doctored(draft=(DLG_005, r"\1telepathy\2"))), "seen by 'telepathy'")


def test_bindings_without_a_reason_or_a_test(doctored):
    text = doctored(draft=(DLG_005 + r"(<td></td>)?", r"\1bindings\2\3"), citing={"a.md": "CBV-DLG-005"})
    found = trace.without_reason(text)
    assert "last column of the draft's requirement-index" in one(found, "CBV-DLG-005", "give the reason")
    assert one(found, "CBV-DLG-005", "no source or test names it")


def test_a_part_that_is_there_after_all(doctored):
    absent = next(iter(trace.ABSENT))
    found = trace.without_reason(doctored(citing={"hooks.cpp": f"// {absent}"}))
    assert one(found, absent, "hooks.cpp", "take it out of ABSENT")


def test_a_case_of_no_requirement(doctored):
    found = trace.unknown_in_cases(doctored(case=("dlg-null-sender", "CBV-DLG-005", "CBV-NONE-999")))
    assert "correct the attribute requirement" in one(found, "dlg-null-sender.xml", "CBV-NONE-999")


def test_a_changed_sentence_names_the_cases_to_look_at(doctored):
    (sentence,) = trace.changed_since_review(doctored(draft=("The reverse-path of the probe ", "The sender ")))
    assert "CBV-DLG-005: its sentence changed" in sentence and "dlg-null-sender" in sentence
    assert "./run trace --reviewed CBV-DLG-005" in sentence


def test_a_requirement_nobody_reviewed(doctored):
    found = trace.changed_since_review(doctored(reviewed=(r'CBV-DLG-005 = "[0-9a-f]+"\n', "")))
    assert "nobody has yet read" in one(found, "CBV-DLG-005")


def test_a_review_of_no_requirement(doctored):
    found = trace.changed_since_review(doctored(reviewed=("CBV-DLG-005 =", 'CBV-NONE-001 = "0"\nCBV-DLG-005 =')))
    assert one(found, "reviewed.toml", "CBV-NONE-001")


def test_a_review_writes_the_digest(doctored):
    changed = doctored(reviewed=(r'CBV-DLG-005 = "[0-9a-f]+"', 'CBV-DLG-005 = "0"'))
    assert changed.rows["CBV-DLG-005"].review == "changed"
    trace.record_review(changed, ["CBV-DLG-005"])
    assert trace.read_reviewed(changed.project.reviewed) == {row.id: row.digest for row in changed.rows.values()}
    with pytest.raises(UsageError, match="no CBV-NONE-001"):
        trace.record_review(changed, ["CBV-NONE-001"])


def test_a_citation_of_no_requirement(doctored):
    unknown = "CBV-" + "DLG-998"  # not in one piece, or this file were found itself
    found = trace.unknown_citations(doctored(citing={"x.cpp": f"// one\n// {unknown}, CBV-DLG-005, CBV-NONE-001\n",
                                                     "x.bin": unknown}))
    assert len(found) == 1 and f"x.cpp:2: {unknown} is not in the draft" in found[0]


def test_a_page_of_cases_out_of_date(doctored):
    edited = doctored(index=(r"\| CBV-DLG-005 \|", "| other |"), draft=("<middle>", "<middle><!-- the same words -->"))
    assert one(trace.index_out_of_date(edited), "CASES.md is not that of today: ./run trace --write")
    trace.write(edited)
    assert not trace.index_out_of_date(edited)


def test_no_page_of_cases(doctored):
    edited = doctored(index=("# ", "# "))
    edited.project.index.unlink()
    assert trace.index_out_of_date(edited) == ["CASES.md is not that of today: ./run trace --write"]


def test_renderings_out_of_date(doctored):
    edited = doctored(draft=("The reverse-path of the probe ", "The sender "))
    assert one(trace.index_out_of_date(edited), ".txt is not the rendering")


def test_digests_out_of_date(doctored):
    edited = doctored(draft=("<middle>", "<middle><!-- the same words -->"))
    assert trace.index_out_of_date(edited) == ["draft/RENDERED.sha256 has other digests: ./run trace --write"]


def matrix_of(cases):
    return {"idle_cases": [], "mutants": [
        {"id": "a", "requirement": "CBV-DLG-005", "killed": True, "killed_by": {case: ["word"] for case in cases}},
        {"id": "b", "requirement": "CBV-DLG-005", "killed": False, "killed_by": {}}]}


def test_mutants_are_shown(doctored, today):
    text = trace.text(doctored(mutants=matrix_of(today.cases)))
    (line,) = [line for line in text.splitlines() if line.startswith("CBV-DLG-005")]
    assert line.split()[-2:] == ["1/2", "reviewed"]


def test_a_matrix_of_other_cases_is_not_shown(doctored, today):
    text = trace.text(doctored(mutants=matrix_of([*today.cases][1:])))
    assert "the last run was of other cases" in text
    (line,) = [line for line in text.splitlines() if line.startswith("CBV-DLG-005")]
    assert line.split()[-2:] == ["-", "reviewed"]


def test_json(today):
    rows = {row["id"]: row for row in trace.as_json(today)["requirements"]}
    assert "dlg-null-sender" in rows["CBV-DLG-005"]["cases"]
    assert rows["CBV-DLG-005"]["digest"] == today.rows["CBV-DLG-005"].digest


@pytest.mark.parametrize("arguments, words", [
    (["--reviewed"], "takes ids, or --all"), (["--all"], "takes ids, or --all"),
    (["--reviewed", "CBV-DLG-005", "--all"], "takes ids, or --all"), (["--frobnicate"], "unrecognized arguments"),
    (["--reviewed", "CBV-NONE-001"], "the draft has no CBV-NONE-001"), (["--json", "/none/trace.json"], "No such file"),
])
def test_usage(capsys, arguments, words):
    assert cli.main(["trace", *arguments]) == outcome.USAGE
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("text", ["x = 1", "[digests]\na = 1", "[digests"])
def test_a_broken_review_file(tmp_path, text):
    (tmp_path / "reviewed.toml").write_text(text)
    with pytest.raises(SuiteError, match="reviewed.toml"):
        trace.read_reviewed(tmp_path / "reviewed.toml")


def test_the_draft_is_ascii():
    with pytest.raises(SuiteError, match="not ASCII"):
        generated.escaped("\u00e4")
    assert generated.escaped("<>&") == "&lt;&gt;&amp;"
