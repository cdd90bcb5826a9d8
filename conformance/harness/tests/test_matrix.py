"""The README's matrix is that of the records."""

from harness import matrix


def test_the_readme_has_the_matrix_of_the_records():
    readme = matrix.README.read_text(encoding="utf-8")
    assert matrix.BEGIN in readme and matrix.END in readme
    assert readme == matrix.readme_with_matrix(readme), "the records changed: ./run matrix --write"


def test_every_recorded_case_exists():
    cases = matrix._cases()
    for name, (_, record) in matrix._records().items():
        assert set(record) <= set(cases), name
