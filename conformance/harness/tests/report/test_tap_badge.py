"""TAP and badge say what the result says, and no text of a result becomes syntax."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from harness.report import badge, tap

HOSTILE = 'a # SKIP "b" </script> \\ \n\x07\u2028 c'


def parsed(text):
    """[(indent, ok, number, description, directive)] of the test points, by TAP 14's rules."""
    found = []
    for line in text.splitlines():
        if match := re.match(r"( *)(not )?ok (\d+) - (.*)$", line):
            description, _, directive = re.sub(r"\\[\\#]", "..", match[4]).partition(" # ")
            found.append((len(match[1]), not match[2], int(match[3]), description, directive))
    return found


def test_each_status_in_tap(make):
    result = make.result("exim", [
        make.case("dlg-a"), make.case("dlg-b", status="fail", words=["no-quit"]),
        make.case("dlg-c", status="unsupported", reason="the target lacks: x"),
        make.case("dlg-d", status="recorded", words=["no-quit"]), make.case("dlg-e", problem="unexpected pass")])
    text = tap.text([("exim", result)])
    assert text.startswith("TAP version 14\n# exim: exim 1.0; suite 1.0.0-rc1, draft-x-00\n1..5\n")
    points = parsed(text)
    assert [point[1] for point in points] == [True, False, True, False, False]  # a TODO is a `not ok` that counts not
    assert points[2][4] == "SKIP the target lacks: x" and points[3][4] == "TODO recorded: no-quit"
    assert "  ---\n  status: fail\n" in text and text.count("  ...\n") == text.count("  ---\n")


def test_several_results_are_subtests(make):
    good, bad = make.result("a", [make.case()]), make.result("b", [make.case(status="fail", words=["no-quit"])])
    text = tap.text([("a", good), ("b", bad)])
    assert [(indent, ok, number) for indent, ok, number, _, _ in parsed(text)] == [
        (4, True, 1), (0, True, 1), (4, False, 1), (0, False, 2)]
    assert text.splitlines()[1:3] == ["1..2", "# Subtest: a"]


def test_hostile_text_stays_text(make):
    case = make.case(status="fail", words=[make.finding(seen=HOSTILE)], title=HOSTILE, reason=HOSTILE)
    text = tap.text([("x", make.result("x", [case]))])
    assert len(parsed(text)) == 1 and parsed(text)[0][4] == ""  # no directive came of it
    assert '    seen: "a # SKIP \\"b\\" </script> \\\\ \\x0a\\x07\\u2028 c"' in text
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("held, judged, words", [(362, 519, "MUST 362/519"), (0, 5, "MUST 0/5")])
def test_a_badge(make, held, judged, words):
    result = make.result()
    result["levels"]["MUST"] = {"held": held, "judged": judged}
    root = ElementTree.fromstring(badge.svg(result))
    assert root.get("aria-label") == f"CBV conformance: {words}" and root.get("role") == "img"
    assert [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")] == ["CBV conformance", words]
    assert "http" not in badge.svg(result).replace("http://www.w3.org/2000/svg", "")


def test_a_badge_of_nothing(make):
    assert "nothing judged" in badge.svg(make.result())


def test_white_on_a_badges_colours_can_be_read():
    def luminance(colour):
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear))
    for colour in (badge._LEFT, badge._NOTHING, *(c for _, c in badge._COLOURS)):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5, colour
