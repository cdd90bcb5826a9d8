"""The suite's version is one, has its entry in the changelog, and is in every report."""

import re

import pytest

from harness import CONFORMANCE, SuiteError, suite

CHANGELOG = (CONFORMANCE / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = ("Tightened", "Relaxed", "Fixed", "Added")


def entries():
    """{version: [headings of its entry]}"""
    parts = re.split(r"^## (.+)$", CHANGELOG, flags=re.MULTILINE)[1:]
    return {version: re.findall(r"^### (.+)$", body, re.MULTILINE) for version, body in zip(parts[::2], parts[1::2])}


def test_the_version_has_an_entry():
    assert suite.version() in entries(), f"describe {suite.version()} in conformance/CHANGELOG.md"
    assert suite.version() == next(iter(entries())), "the newest entry comes first"


def test_entries_have_the_four_headings():
    for version, headings in entries().items():
        assert suite.SEMVER.fullmatch(version), f"CHANGELOG.md: {version}: expected a version"
        assert headings and len(headings) == len(set(headings)), version
        for heading in headings:
            assert heading in HEADINGS, f"CHANGELOG.md: {version}: {heading}: expected {', '.join(HEADINGS)}"


@pytest.mark.parametrize("text, words", [
    ('version = "1.0"', "expected a semantic version"), ("version = 1", "expected a semantic version"),
    ("", "expected a semantic version"), ('version = "1.0.0"\nname = "x"', "unknown key 'name'"),
    ("version = ", "suite.toml"),
])
def test_mistakes(text, words):
    with pytest.raises(SuiteError, match=words):
        suite.parse(text, "suite.toml")
