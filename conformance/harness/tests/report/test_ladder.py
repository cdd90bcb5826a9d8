"""ladder.js without a page around it: which rows a time line has, where they lie, what a finding speaks of."""

import json

import pytest

from harness.report import site

from .makers import EVENTS, finding

KEYS = ("seconds", "leg", "party", "connection", "event", "text")


@pytest.fixture(scope="module")
def ladder(browser):
    """ladder(EXPRESSION, events=[tuple, ...], **names): its value, with CBV.ladder as `ladder`."""
    browser.open("about:blank")
    browser.run((site.ASSETS / "ladder.js").read_text() + "; 0")

    def call(expression, events=EVENTS, **names):
        names = {"events": [dict(zip(KEYS, e)) for e in events], **names}
        variables = "".join(f"const {name} = {json.dumps(value)};" for name, value in names.items())
        return json.loads(browser.run(f"(() => {{ const ladder = CBV.ladder; {variables} return JSON.stringify({expression}); }})()"))
    return call


def texts(ladder, events, **names):
    return ladder("ladder.rows(events).map((r) => [r.style, r.text, r.both])", events, **names)


def host(at, event, text="", party="mx1", connection=1):
    return (at, "host", party, connection, event, text)


def test_the_rows_of_a_call(ladder):
    rows = ladder("ladder.rows(events).map((r) => [r.style, r.from, r.to, r.text])")
    assert rows[:4] == [["open", "client", " target", "connects"], ["received", " target", "client", "220 t ESMTP"],
                        ["sent", "client", " target", "EHLO c"], ["received", " target", "client", "250-t  (+1 lines)"]]
    assert rows[7:9] == [["query", " target", " dns", "MX x.test"], ["open", " target", "mx1", "connects"]]
    assert [row[3] for row in rows if row[0] == "gap"] == ["4.0 s"]
    assert not [row for row in rows if row[0] == "note"]  # that the greeting is done is no row
    assert rows[-3][:3] == ["reset", "mx1", " target"]


@pytest.mark.parametrize("seconds, words", [(0.3999, None), (0.4, "0.4 s"), (9.94, "9.9 s"), (45, "45 s"),
                                            (600, "10 min"), (86405, "24 h"), (90000, "25 h")])
def test_a_pause(ladder, seconds, words):
    rows = texts(ladder, [host(0, "connected"), host(seconds, "received", "QUIT")])
    assert [text for style, text, _ in rows if style == "gap"] == ([words] if words else [])


def test_a_query_without_an_answer_is_dropped_and_a_late_answer_is_its_own_row(ladder):
    query, lost = (0, "dns", "dns", 0, "query", "MX a.test"), (0.01, "dns", "dns", 0, "note", "MX a.test (no answer)")
    assert texts(ladder, [query, lost]) == [["query", "MX a.test", False], ["dropped", "MX a.test (no answer)", False]]
    late = (1.0, "dns", "dns", 0, "answer", "MX a.test NXDOMAIN 0 records")
    assert [row[0] for row in texts(ladder, [query, late])] == ["query", "gap", "answer"]
    other = (0.01, "dns", "dns", 0, "answer", "A a.test NOERROR 1 record")
    assert [row[0] for row in texts(ladder, [query, other])] == ["query", "answer"]


def test_replies_of_several_connections_are_not_joined(ladder):
    rows = texts(ladder, [host(0, "sent", "250-a", connection=1), host(0, "sent", "250 b", connection=2)])
    assert rows == [["received", "#1 250-a", False], ["received", "#2 250 b", False]]


def test_both_sides_close(ladder):
    assert texts(ladder, [host(0, "closed"), host(0.1, "peer-closed")]) == [["close", "closes", True]]
    assert [row[2] for row in texts(ladder, [host(0, "closed"), host(0.1, "closed")])] == [False, False]


def test_unknown_events_and_no_events(ladder):
    assert texts(ladder, [host(0, "note", "4422 octets more"), host(0, "of-tomorrow", "x")]) == [
        ["note", "4422 octets more", False], ["note", "x", False]]
    assert texts(ladder, []) == []
    assert ladder("ladder.layout(events).lanes.length", []) == 1


def test_a_long_text_is_cut_to_its_arrow_and_an_answer_is_kept(ladder):
    name = "a" * 200 + ".test"
    rows = ladder("ladder.layout(events).rows", [(0, "dns", "dns", 0, "query", f"MX {name}"),
                                                 (0, "dns", "dns", 0, "answer", f"MX {name} NXDOMAIN 0 records"),
                                                 host(0, "received", "RCPT TO:<" + name)])
    for row in rows:
        assert len(row["shown"]) * 7.3 <= abs(row["x2"] - row["x1"])
    assert rows[0]["shown"].endswith("\u2026: NXDOMAIN")
    assert rows[1]["lines"] == ["RCPT TO:<" + name]


@pytest.mark.parametrize("room", [0, 300, 639, 640, 1100, 5000])
def test_a_ladder_fills_its_room_and_no_more(ladder, room):
    plan = ladder("ladder.layout(events, { room })", room=room)
    assert plan["width"] <= max(room, 900) if room >= 640 or not room else plan["width"] <= max(room, 330)
    assert all(0 < row["x1"] < plan["width"] and 0 < row["x2"] < plan["width"] for row in plan["rows"] if "x1" in row)
    assert [lane["x"] for lane in plan["lanes"]] == sorted({lane["x"] for lane in plan["lanes"]})


def test_many_parties_share_a_lane_and_a_long_ladder_leaves_out_its_middle(ladder):
    events = [(i / 100, "client", f"client-{i}", 1, "connected", "") for i in range(400)]
    plan = ladder("ladder.layout(events)", events)
    assert [lane["name"] for lane in plan["lanes"]] == [*(f"client-{i}" for i in range(5)), "145 more clients", "target"]
    assert plan["left"] == 250 and len(plan["rows"]) == 151
    assert any(row["shown"].startswith("client-") for row in plan["rows"] if row.get("shown"))


@pytest.mark.parametrize("words, expected", [
    ({"seen": "at 0.008 s mx1#1 received MAIL FROM:<a@x.test>"}, [13]), ({"seen": "2; number 2 at 0.007 s mx1#1 connected"}, [10]),
    ({"seen": "at 0.008 s mx1#2 received X"}, []), ({"seen": "at 9.000 s mx1#1 connected"}, []), ({"seen": "0"}, []),
    ({"expected": "verdict fail at step 2 (RCPT TO:<u@t.test>)", "seen": "250 Accepted"}, [16]),
    ({"expected": "verdict fail at step 2 of client-9 (RCPT TO:<u@t.test>)", "seen": "250 Accepted"}, []),
])
def test_what_a_finding_speaks_of(ladder, make, words, expected):
    assert ladder("[...ladder.marksOf(finding, events, replies)]", finding=finding(**words), replies=make.case()["replies"]) == expected
