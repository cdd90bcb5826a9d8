"""Every case names requirements of the draft, and the level of the first is the case's own."""

import xml.etree.ElementTree as ElementTree

import pytest

from harness import CASES, draft

FILES = sorted(CASES.glob("*/*.xml"))
def test_there_are_cases():
    assert len(FILES) >= 80


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_case_is_of_the_draft(file):
    root = ElementTree.parse(file).getroot()
    requirements = root.get("requirement").split()
    for requirement in requirements:
        assert requirement in draft.sentences(), f"{file}: the draft has no {requirement}"
    assert root.get("level") == draft.level(requirements[0]), f"{file}: {requirements[0]} has another level"
