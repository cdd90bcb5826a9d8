"""The README's matrix, the scoreboard and the draft's results are those of the records."""

import shutil

import pytest

from harness import SuiteError, case_files, draft, generated, matrix, recorded


def test_the_readme_has_the_matrix_of_the_records():
    readme = matrix.README.read_text(encoding="utf-8")
    assert matrix.BEGIN in readme and matrix.END in readme
    assert readme == matrix.readme_with_matrix(readme), "the records changed: ./run matrix --write"


def test_the_scoreboard_is_that_of_the_records():
    assert matrix.SCOREBOARD.read_text("utf-8") == matrix.scoreboard(), "the records changed: ./run matrix --write"
    of = matrix.records()
    next(iter(of.values())).clear()
    assert matrix.scoreboard() != matrix.scoreboard(of)


@pytest.mark.parametrize("versions, release", [
    (["exim4-daemon-light 4.96-15+deb12u10"], "4.96"), (["email-verify 0.2.1"], "0.2.1"), (["opensmtpd 6.8.0p2-4+b4"], "6.8.0p2"),
    ([], "-"), (["unknown"], "-"),
])
def test_a_release_is_shown_by_its_own_number(versions, release):
    record = recorded.Record()
    record.versions = versions
    assert matrix._release(record) == release


def test_the_draft_has_the_results_of_the_records():
    assert not matrix.draft_problems()


def doctored(tmp_path, part):
    """A copy of the draft with this in place of the results."""
    source = draft.source()
    text = source.read_text("ascii")
    (tmp_path / source.name).write_text(generated.with_part(text, "results", part), "ascii")
    shutil.copy(source.parent / "render_text.py", tmp_path)
    return tmp_path


def test_other_results_are_seen(tmp_path):
    lines = matrix.draft_lines()
    assert not matrix.draft_problems(doctored(tmp_path, lines))
    (problem,) = matrix.draft_problems(doctored(tmp_path, [line.replace("<td>exim</td>", "<td>other</td>")
                                                           for line in lines]))
    assert "./run matrix --write" in problem


def test_every_recorded_case_exists():
    cases = case_files.load()
    for name, record in matrix.records().items():
        assert set(record) <= set(cases), name


def test_more_deviations_than_cases_are_an_error():
    cases = case_files.load()
    id, case = next(iter(cases.items()))
    record = recorded.Record()
    record[id], record.judged = ["no-quit"], {case.level: 1}
    assert matrix._held(cases, record, case.level) == "0/1"
    record.judged[case.level] = 0
    assert matrix._held(cases, record, case.level) == "-"
    record[next(other for other in cases if other != id and cases[other].level == case.level)] = ["no-quit"]
    record.judged[case.level] = 1
    with pytest.raises(SuiteError, match="2 deviations of 1"):
        matrix._held(cases, record, case.level)


@pytest.mark.parametrize("record, words", [
    ({}, "No deviation is on record."),
    ({"a": ["unsupported"]}, "No deviation is on record."),
    ({"a": ["no-quit"], "b": ["no-quit", "data-sent"]}, 'findings: "the connection was not ended with QUIT" (2 cases), "DATA'),
])
def test_the_sentence_names_the_most_frequent_findings(record, words):
    assert words in matrix._sentence(record, matrix._meanings())
