"""Fixtures of the harness's own tests."""

import types

import pytest

from harness import outcome


def make_case(name="dlg-x", level="MUST", requirement="CBV-DLG-005"):
    """Something with a case's attributes, so that these tests need no engine."""
    return types.SimpleNamespace(id=name, level=level, requirements=[requirement], area="dlg",
                                 title="A title", why="", file="dlg-x.xml")


def make_finding(word, timing=False, note=False):
    return types.SimpleNamespace(word=word, timing=timing, note=note, requirement="", expected="e", seen="s")


@pytest.fixture
def make():
    """make(status, words...) -> Outcome."""
    def build(status, *words, case=None, timing=False):
        return outcome.Outcome(case or make_case(), status, [make_finding(w, timing) for w in words],
                               elapsed=1.0)
    return build


@pytest.fixture
def case():
    return make_case
