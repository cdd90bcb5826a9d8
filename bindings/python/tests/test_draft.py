"""The draft in Python: what the C++ reader finds, unchanged."""

import pathlib

import pytest

import cbv

pytestmark = pytest.mark.skipif(not hasattr(cbv, "load_draft"), reason="built without the draft's reader")
FOLDER = pathlib.Path(__file__).resolve().parents[3] / "draft"


def source():
    """The one draft there is."""
    (file,) = FOLDER.glob("draft-*.xml")
    return file


def test_requirements():
    draft = cbv.load_draft(str(source()))
    assert draft.name == source().stem
    found = {r.id: r for r in draft.requirements}
    null = found["CBV-DLG-005"]
    assert null.level == "MUST" and null.sentence.startswith("The reverse-path of the probe MUST be null")
    assert null.section_title == "Dialogue" and null.section_number.isdigit()
    line = source().read_text("ascii").splitlines()[null.line - 1]
    assert 'anchor="CBV-DLG-005"' in line


def test_tables():
    draft = cbv.load_draft(str(source()))
    table = draft.table("timeout-table")
    assert table.header[0] == "command" and len(table.rows) == len(table.lines)
    assert all(len(row) == len(table.header) for row in table.rows)
    with pytest.raises(KeyError, match="no-such-table"):
        draft.table("no-such-table")


def edited(tmp_path, old, new):
    """A copy of the draft with one edit, loaded."""
    text = source().read_text("ascii")
    assert old in text
    path = tmp_path / source().name
    path.write_text(text.replace(old, new, 1), "ascii")
    return cbv.load_draft(str(path))


def test_a_digest_is_of_the_sentence(tmp_path):
    before = {r.id: r.digest for r in cbv.load_draft(str(source())).requirements}
    after = {r.id: r.digest for r in edited(tmp_path, "The reverse-path of the probe", "The sender").requirements}
    assert {i for i in before if before[i] != after[i]} == {"CBV-DLG-005"}


def test_numbers_of_sections_are_not_in_a_digest(tmp_path):
    before = {r.id: r.digest for r in cbv.load_draft(str(source())).requirements}
    more = '<middle><section anchor="more"><name>More</name><t>x</t></section>'
    after = {r.id: r.digest for r in edited(tmp_path, "<middle>", more).requirements}
    assert before == after


def test_errors_have_a_place(tmp_path):
    with pytest.raises(cbv.DraftError, match="draft-.*xml:[0-9]+:[0-9]+: expected "):
        edited(tmp_path, 'anchor="CBV-DLG-005"', 'anchor="CBV-DLG-5"')
    with pytest.raises(cbv.DraftError, match="a readable file"):
        cbv.load_draft(str(tmp_path / "none.xml"))
