"""The JSON report says whose reply was seen when a case has several clients, and keeps to its schema."""

import pytest

from harness import outcome, report_json
from harness.report import schema

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")

TWO_CLIENTS = """<case id="dlg-two" requirement="CBV-DLG-005" level="MUST">
  <title>Two clients</title>
  <world><host id="mx1" mx="10"/></world>
  <client><mail from="a@{domain}"/><rcpt verdict="pass"/></client>
  <client start="1s"><mail from="b@{domain}"/><rcpt verdict="pass"/></client>
</case>
"""


@pytest.fixture
def report(tmp_path):
    """The report of a case with two clients."""
    file = tmp_path / "dlg" / "dlg-two.xml"
    file.parent.mkdir()
    file.write_text(TWO_CLIENTS)
    target = cbv.library_target()
    case = cbv.load_case(str(file), target)
    return report_json.outcome_json(outcome.from_result(case, cbv.run_virtual(case, target)))


def test_a_reply_is_a_clients(report):
    assert report["status"] == "pass"
    assert [reply["client"] for reply in report["replies"]].count("client-2") == len(report["replies"]) / 2
    assert {event["party"] for event in report["timeline"] if event["leg"] == "client"} == {"client", "client-2"}


def test_the_report_keeps_to_its_schema(report):
    case = schema.document()["$defs"]["case"]
    assert set(report) == set(case["required"]) | {"why"} == set(case["properties"]) - {"command"}  # only a command has it
    assert schema.problem(report, case) is None
    for part, name in (("replies", "reply"), ("timeline", "event")):
        item = schema.document()["$defs"][name]
        assert set(report[part][0]) == set(item["required"]) == set(item["properties"]), part
