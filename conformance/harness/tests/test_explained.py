"""Explanations of deviations: read strictly, matched by rank, complete and not idle."""

import pathlib
import types

import pytest

from harness import TARGETS, UsageError, draft, explained, recorded, report_text

ENTRY = '[[deviation]]\nfinding = "no-quit"\nexplanation = "It just closes."\nsetting = ""\nreference = "manual, 4"\n'
CASES = {name: types.SimpleNamespace(requirements=(requirement,))
         for name, requirement in {"dlg-a": "CBV-DLG-005", "dlg-b": "CBV-DLG-005", "host-a": "CBV-HOST-001"}.items()}
REQUIREMENTS = {"CBV-DLG-005", "CBV-HOST-001"}


def entry(finding="no-quit", **more):
    text = {"explanation": "x", "setting": "", "reference": "", "finding": finding, **more}
    return "[[deviation]]\n" + "".join(f"{key} = {value!r}\n" for key, value in text.items())


def parse(text):
    return explained.parse(text, "mine", pathlib.Path("mine/explained.toml"))


def target(directory, name, text, record="", varies=""):
    """A directory with explanations and a record of these lines."""
    folder = directory / name
    folder.mkdir()
    (folder / "explained.toml").write_text(text)
    (folder / "recorded.toml").write_text(f"recorded = 2026-01-01\n[deviations]\n{record}\n[varies]\n{varies}\n")
    return folder


def test_an_entry_is_read():
    (found,), parent = parse(ENTRY)
    assert (found.finding, found.setting, found.reference, found.cases, parent) == ("no-quit", "", "manual, 4", (), "")
    assert parse('inherits = "other"\n' + ENTRY)[1] == "other"


@pytest.mark.parametrize("text, words", [
    ("deviation = 3", "expected [[deviation]] tables"),
    ("x = 1", "unknown key 'x'"),
    ("[[deviation", "mine/explained.toml"),
    ('inherits = ""', "inherits: expected the name"),
    ("inherits = 3", "inherits: expected the name"),
    (ENTRY + "why = 1", "deviation 1: unknown key 'why'"),
    (ENTRY + 'cases = "dlg-a"', "cases: expected list"),
    (ENTRY + 'cases = [3]', "cases: expected ids"),
    (ENTRY + 'cases = ["dlg-a", "dlg-a"]', "each once"),
    (ENTRY + 'requirement = ""', "requirement is empty"),
    (ENTRY.replace("no-quit", "no-such-word"), "not a word of vocabulary.toml"),
    (ENTRY.replace('setting = ""\n', ""), 'setting is missing ("": there is none)'),
    (ENTRY.replace('reference = "manual, 4"\n', ""), "reference is missing"),
    (ENTRY.replace("It just closes.", ""), "explanation is empty"),
    (ENTRY.replace("It just", "It  just"), "needless blanks"),
    (ENTRY.replace("It just", " It just"), "needless blanks"),
    (ENTRY + ENTRY, "two entries for no-quit of any case"),
    (entry(cases=["dlg-a", "dlg-b"]) + entry(cases=["dlg-b"], requirement="CBV-DLG-005"), "two entries for no-quit of dlg-b"),
    (entry(requirement="CBV-DLG-005") + entry(requirement="CBV-DLG-005"), "of CBV-DLG-005"),
])
def test_mistakes(text, words):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert words in str(caught.value) and "mine/explained.toml" in str(caught.value)


def test_the_most_particular_entry_wins():
    entries, _ = parse(entry() + entry(requirement="CBV-DLG-005") + entry(cases=["dlg-a"]) + entry("data-sent"))
    find = explained.Explanations(entries).find
    assert find("dlg-a", "CBV-DLG-005", "no-quit") is entries[2]
    assert find("dlg-b", "CBV-DLG-005", "no-quit") is entries[1]
    assert find("host-a", "CBV-HOST-001", "no-quit") is entries[0]
    assert find("host-a", "CBV-HOST-001", "data-sent") is entries[3]
    assert find("host-a", "CBV-HOST-001", "no-ehlo") is None


def test_entries_of_another_target_hold_too(tmp_path):
    target(tmp_path, "old", entry(explanation="old") + entry("data-sent", explanation="old")
           + entry("no-ehlo", cases=["dlg-a"], explanation="old"))
    own = target(tmp_path, "new", 'inherits = "old"\n' + entry(explanation="new") + entry("no-ehlo", explanation="new"))
    find = explained.read(own).find
    assert find("dlg-a", "CBV-DLG-005", "no-quit").explanation == "new", "the own one of two alike"
    assert find("dlg-a", "CBV-DLG-005", "data-sent").explanation == "old"
    assert find("dlg-a", "CBV-DLG-005", "no-ehlo").explanation == "old", "the more particular one"
    assert explained.read(own).own == [e for e in explained.read(own).entries if e.target == "new"]


def test_inheritance_that_leads_nowhere(tmp_path):
    target(tmp_path, "a", 'inherits = "b"\n')
    with pytest.raises(UsageError, match="target 'b' has no explained.toml"):
        explained.read(tmp_path / "a")
    target(tmp_path, "b", 'inherits = "a"\n')
    with pytest.raises(UsageError, match="inherits from this one"):
        explained.read(tmp_path / "a")
    assert explained.read(tmp_path) is None


def problems(tmp_path, text, record='dlg-a = ["no-quit"]', varies=""):
    return explained.problems(target(tmp_path, "x", text, record, varies), REQUIREMENTS, CASES)


@pytest.mark.parametrize("text, record, varies, words", [
    (entry(), 'dlg-a = ["no-quit"]', "", []),
    (entry(requirement="CBV-DLG-005"), 'dlg-a = ["no-quit"]\ndlg-b = ["no-quit"]', "", []),
    (entry(), 'dlg-a = ["data-sent", "no-quit"]', "", ["no entry for data-sent of dlg-a (CBV-DLG-005)"]),
    (entry(), 'dlg-a = ["no-quit"]', 'dlg-b = [[], ["no-ehlo"]]', ["no entry for no-ehlo of dlg-b"]),
    (entry() + entry("data-sent"), 'dlg-a = ["no-quit"]', "", ["data-sent (any case): nothing on record needs"]),
    (entry() + entry(requirement="CBV-DLG-005"), 'dlg-a = ["no-quit"]', "", ["no-quit (any case): nothing on record"]),
    (entry(cases=["dlg-a", "dlg-b"]), 'dlg-a = ["no-quit"]', "", ["dlg-b has no such finding on record"]),
    (entry(cases=["dlg-a", "dlg-z"]), 'dlg-a = ["no-quit"]', "", ["there is no case dlg-z", "dlg-z has no such"]),
    (entry() + entry(requirement="CBV-NONE-999"), 'dlg-a = ["no-quit"]', "", ["the draft has no CBV-NONE-999", "nothing on"]),
])
def test_what_is_wrong_with_explanations(tmp_path, text, record, varies, words):
    found = problems(tmp_path, text, record, varies)
    assert len(found) == len(words), found
    for sentence, expected in zip(found, words):
        assert expected in sentence


def test_a_record_without_explanations(tmp_path):
    folder = target(tmp_path, "x", "", 'dlg-a = ["no-quit"]')
    (folder / "explained.toml").unlink()
    (problem,) = explained.problems(folder, REQUIREMENTS, CASES)
    assert "does not exist" in problem


@pytest.mark.parametrize("record", sorted(TARGETS.glob("*/recorded.toml")), ids=lambda path: path.parent.name)
def test_every_recorded_deviation_is_explained(record):
    if not explained.deviations(recorded.read(record)):
        return
    assert not explained.problems(record.parent, draft.requirements())


def test_a_finding_in_words_has_its_explanation():
    case = types.SimpleNamespace(id="dlg-a", requirements=["CBV-DLG-005"])
    finding = types.SimpleNamespace(word="no-quit", note=False)
    entries = explained.Explanations([explained.Entry("no-quit", "It hangs up.", "quit = yes", "manual, 3")])
    assert report_text.known(case, finding, entries) == ["    known:    It hangs up.", "    setting:  quit = yes", "    see:      manual, 3"]
    assert report_text.known(case, types.SimpleNamespace(word="data-sent", note=False), entries) == []
    assert report_text.known(case, finding, None) == []
