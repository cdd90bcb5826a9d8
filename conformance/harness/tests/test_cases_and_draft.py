"""The level of a case is that of its first requirement in the draft."""

import pytest

from harness import case_files, draft

pytest.importorskip("cbv", reason="the module cbv is not built")
CASES = list(case_files.load().values())


def test_there_are_cases():
    assert len(CASES) >= 400


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_case_is_of_the_draft(case):
    for requirement in case.cited:
        assert requirement in draft.requirements(), f"{case.path}: the draft has no {requirement}"
    first = case.requirements[0]
    assert case.level == draft.level(first), f"{case.path}: {first} has another level"
    assert case.path.stem == case.id
