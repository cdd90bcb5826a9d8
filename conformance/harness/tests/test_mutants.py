"""The kill matrix in words: what is missing is said, and the reports are whole and self-contained."""

import html.parser
import pathlib

import pytest

from harness import SuiteError, UsageError, case_files, mutants


def case(name, *requirements):
    return case_files.CaseFile(name, name.partition("-")[0], "MUST", requirements, frozenset(requirements), "A <title>",
                               pathlib.Path(name + ".xml"))


CASES = {c.id: c for c in (case("dlg-a", "CBV-DLG-005"), case("dlg-b", "CBV-DLG-005", "CBV-DLG-006"),
                           case("int-c", "CBV-INT-001"))}


def mutant(name="m", killed_by=None, killed=True, requirement="CBV-DLG-005"):
    return {"id": name, "requirement": requirement, "sentence": "does <wrong>", "expected": ["no-quit", "data-sent"],
            "killed_by": {"dlg-a": ["no-quit"]} if killed_by is None else killed_by, "killed": killed, "live": False}


def matrix(*found, idle=(), unsupported=(), failing=()):
    return mutants.matrix_of({"cases": len(CASES), "mutants": list(found), "idle_cases": list(idle), "survivors": [],
                              "unsupported_cases": list(unsupported), "failing_cases": list(failing)}, CASES)


def test_proven():
    proven = matrix(mutant(), mutant("n", {"dlg-a": ["no-quit"], "int-c": ["x"], "dlg-b": ["data-sent"]}))
    assert not proven.problems()
    assert proven.summary().startswith("2 of 2 mutants found out by 3 cases of suite ")
    assert proven.fails() == {"dlg-a": 2, "int-c": 1, "dlg-b": 1}


@pytest.mark.parametrize("made, words", [
    (matrix(mutant("m", {}, False)), "survivor m (CBV-DLG-005): it does <wrong>, and no case notices: a case of "
                                     "CBV-DLG-005 must find no-quit or data-sent"),
    (matrix(mutant("m", {"int-c": ["x", "y"]}, False)), "wrong words m (CBV-DLG-005): 1 case (int-c) found x, y; a case"),
    (matrix(mutant(), idle=["int-c"]), "idle case int-c: no mutant breaks CBV-INT-001: make one"),
    (matrix(mutant(), idle=["dlg-b"]), "idle case dlg-b: it finds out none of the 1 mutant of CBV-DLG-005, CBV-DLG-006 (m)"),
    (matrix(mutant(), idle=["dlg-b"], unsupported=["dlg-b"]), "the library cannot run it"),
    (matrix(mutant(), failing=["dlg-a"]), "failing case dlg-a: the unchanged library fails it"),
])
def test_what_is_missing_is_said(made, words):
    (problem,) = made.problems()
    assert words in problem
    assert words in mutants.markdown(made)


@pytest.mark.parametrize("data", [[], {}, {"mutants": [{}]}, {"mutants": []}])
def test_a_matrix_of_another_form(data):
    with pytest.raises(SuiteError, match="kill matrix"):
        mutants.matrix_of(data, CASES)


class Page(html.parser.HTMLParser):
    """Looks for unclosed elements and for anything from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.open, self.foreign, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)
        if tag in ("script", "link", "img", "iframe") or any(name in ("src", "href") for name, _ in attrs):
            self.foreign.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_is_whole_and_asks_nobody(tmp_path):
    made = matrix(mutant(), mutant("n", {}, False), idle=["int-c"])
    mutants.write(made, tmp_path)
    text = (tmp_path / "mutants.html").read_text("utf-8")
    page = Page(text)
    assert not page.open and not page.foreign and "url(" not in text and "@import" not in text
    assert "prefers-color-scheme: dark" in text
    for words in ("does <wrong>", "A <title>", "no case fails it", "idle case int-c"):
        assert any(words in data for data in page.text), words
    assert (tmp_path / "mutants.md").read_text("utf-8").count("\n| CBV-") == 2


def test_usage(monkeypatch, tmp_path):
    with pytest.raises(UsageError, match="unknown option --frob"):
        mutants.run(["--frob"])
    monkeypatch.setattr(mutants, "BUILD", tmp_path)
    with pytest.raises(UsageError, match="./run build cbv-engine"):
        mutants.run([])
