"""The published schema is a good JSON Schema, and our small check agrees with a real validator."""

import copy

import pytest

from harness.report import schema

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")


@pytest.fixture
def good(make):
    return make.result("exim", [make.case(words=["null-sender-violated"], status="fail")],
                       compared_with={"recorded": "2026-11-24", "versions": []})


def both(value):
    """(our sentence or None, whether the real validator takes it)"""
    return schema.problem(value), jsonschema.Draft202012Validator(schema.document()).is_valid(value)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema.document())


def test_a_good_result_and_one_with_further_keys(good):
    assert both(good) == (None, True)
    good["cases"][0]["further"] = {"key": 1}
    assert both(good) == (None, True)


@pytest.mark.parametrize("place, value, words", [
    (("version",), 2, "version: expected 1, found 2"),
    (("version",), True, "version: expected 1, found true"),
    (("date",), "yesterday", "date: expected ^"),
    (("target", "name"), "", "target.name: is empty"),
    (("target", "kind"), "web", "target.kind: expected"),
    (("target", "versions"), [1], "target.versions[0]: expected string, found 1"),
    (("seconds",), -1, "seconds: expected at least 0"),
    (("levels", "MUST", "held"), 1.5, "levels.MUST.held: expected integer"),
    (("exit_status",), "0", "exit_status: expected 0 or"),
    (("cases",), {}, "cases: expected array, found {}"),
    (("cases", 0, "id"), "../x", "cases[0].id: expected ^"),
    (("cases", 0, "requirements"), [], "cases[0].requirements: is empty"),
    (("cases", 0, "timeline", 2, "event"), "shouted", "cases[0].timeline[2].event: expected"),
    (("cases", 0, "findings", 0, "note"), 0, "cases[0].findings[0].note: expected boolean, found 0"),
])
def test_a_bad_value(good, place, value, words):
    bad = copy.deepcopy(good)
    inner = bad
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    sentence, valid = both(bad)
    assert sentence is not None and sentence.startswith(words) and not valid


@pytest.mark.parametrize("place", [("version",), ("suite", "draft"), ("cases", 0, "timeline"), ("cases", 0, "replies", 0, "text")])
def test_a_missing_key(good, place):
    inner = good
    for key in place[:-1]:
        inner = inner[key]
    del inner[place[-1]]
    sentence, valid = both(good)
    assert sentence.endswith(f"{place[-1]} is missing") and not valid


def test_a_key_word_it_does_not_know_is_refused_rather_than_passed_over():
    with pytest.raises(ValueError, match="oneOf"):
        schema.problem(1, {"oneOf": []})
