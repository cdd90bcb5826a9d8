"""The page of known deviations is that of the records and explanations."""

import json
import types

import pytest

from harness import UsageError, deviations, outcome, cli

CASES = {name: types.SimpleNamespace(requirements=(requirement,))
         for name, requirement in {"dlg-a": "CBV-DLG-005", "dlg-b": "CBV-DLG-006", "host-a": "CBV-HOST-001"}.items()}
ENTRY = ('[[deviation]]\nfinding = "no-quit"\nrequirement = "CBV-DLG-005"\nexplanation = "A | bar_ and <x>."\n'
         'setting = "quit = yes | no"\nreference = "manual, 4"\n')


def target(directory, name, record, explanations=None):
    folder = directory / name
    folder.mkdir()
    (folder / "target.toml").write_text(f'description = "The {name}"\n')
    (folder / "recorded.toml").write_text(
        f'recorded = 2026-01-01\nversions = ["thing 1.0", "lib 2"]\nunsupported = ["host-a"]\n[deviations]\n{record}\n')
    if explanations is not None:
        (folder / "explained.toml").write_text(explanations)
    return folder


def test_the_page_is_that_of_the_records():
    assert deviations.PAGE.read_text(encoding="utf-8") == deviations.page(), \
        "records or explanations changed: ./run deviations --write"


def test_a_targets_data(tmp_path):
    folder = target(tmp_path, "x", 'dlg-b = ["no-quit"]\ndlg-a = ["data-sent", "no-quit"]', ENTRY)
    found = deviations.of_target(folder, CASES)
    assert (found["target"], found["description"], found["versions"], found["recorded"], found["cases"]) == (
        "x", "The x", ["thing 1.0", "lib 2"], "2026-01-01", 2)
    rows = [(row["finding"], row["requirements"], row["cases"], row["explanation"]) for row in found["deviations"]]
    assert rows == [("data-sent", ["CBV-DLG-005"], ["dlg-a"], ""),
                    ("no-quit", ["CBV-DLG-005"], ["dlg-a"], "A | bar_ and <x>."),
                    ("no-quit", ["CBV-DLG-006"], ["dlg-b"], "")]
    assert deviations.of_target(tmp_path, CASES) is None, "no record"


def test_a_targets_section(tmp_path):
    folder = target(tmp_path, "x", 'dlg-a = ["no-quit"]', ENTRY)
    page = deviations.page([deviations.of_target(folder, CASES)])
    assert "## x\n\nThe x. thing 1.0, recorded on 2026-01-01: 1 case deviates.\n" in page
    assert ("| `no-quit` | CBV-DLG-005 | <details><summary>1</summary>dlg-a</details> | A \\| bar\\_ and &lt;x>. "
            "| `quit = yes \\| no` | manual, 4 |") in page


def test_a_section_of_a_target_that_inherits_tells_the_difference(tmp_path):
    old = target(tmp_path, "old", 'dlg-a = ["no-quit"]\ndlg-b = ["no-quit"]', ENTRY + ENTRY.replace("005", "006"))
    new = target(tmp_path, "new", 'dlg-a = ["no-quit"]', 'inherits = "old"\n')
    more = target(tmp_path, "more", 'dlg-a = ["no-quit"]\ndlg-b = ["data-sent"]', 'inherits = "old"\n')
    entries = [deviations.of_target(folder, CASES) for folder in (old, new, more)]
    _, _, of_new, of_more = deviations.page(entries).split("\n## ")
    assert "As `old`, but these cases hold: dlg-b." in of_new and "|" not in of_new
    assert "As `old`.\n" in of_more and "| `data-sent` |" in of_more and "| `no-quit` |" not in of_more


def test_the_verb(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(deviations, "PAGE", tmp_path / "page.md")
    assert cli.main(["deviations", "--write", "--json", str(tmp_path / "d.json")]) == outcome.CONFORMANT
    assert (tmp_path / "page.md").read_text() == deviations.page() and not capsys.readouterr().out
    assert json.loads((tmp_path / "d.json").read_text()) == deviations.data()
    assert cli.main(["deviations", "--json"]) == outcome.CONFORMANT
    assert json.loads(capsys.readouterr().out) == deviations.data()
    assert cli.main(["deviations", "--json", str(tmp_path / "none" / "d.json")]) == outcome.USAGE
    with pytest.raises(UsageError, match="unrecognized arguments"):
        cli.show_deviations(["--wirte"])
