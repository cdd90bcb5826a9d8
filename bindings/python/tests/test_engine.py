"""The engine in Python: cases, virtual runs, errors. Live runs are the harness's to test."""

import pathlib
import socket

import pytest

import cbv

if not hasattr(cbv, "LiveRun"):
    pytest.skip("built without the engine", allow_module_level=True)

CASES = pathlib.Path(__file__).parents[3] / "conformance" / "cases"
NULL_SENDER = CASES / "dlg" / "dlg-null-sender.xml"


@pytest.fixture
def target():
    return cbv.library_target()


def test_a_case(target):
    case = cbv.load_case(str(NULL_SENDER), target)
    assert (case.id, case.area, case.level, case.domain) == (
        "dlg-null-sender", "dlg", "MUST", "dlg-null-sender.test")
    assert case.requirements[0] == "CBV-DLG-005"
    assert case.path == b"good@dlg-null-sender.test"
    assert ("mail", "MAIL FROM:<good@dlg-null-sender.test>") in case.steps
    assert [(c.id, c.start, c.address, c.steps) for c in case.clients] == [("client", 0.0, None, case.steps)]
    assert case.hosts[0][0] == "mx1"
    assert cbv.missing_capability(case, target) is None


def test_a_virtual_run(target):
    result = cbv.run_virtual(cbv.load_case(str(NULL_SENDER), target), target)
    assert (result.id, result.status, result.findings) == ("dlg-null-sender", "pass", [])
    assert [r.code for r in result.replies][-1] in (221, 250)
    lines = [e.raw for e in result.timeline if e.leg == "host" and e.kind == "received"]
    assert lines[1] == b"MAIL FROM:<>"
    assert any("< MAIL FROM:<>" in str(e) for e in result.timeline)


def test_several_clients(target, tmp_path):
    directory = tmp_path / "load"
    directory.mkdir()
    file = directory / "load-two.xml"
    file.write_text("""<case id="load-two" requirement="CBV-LOAD-001" level="MUST">
  <title>Two clients, one after the other</title>
  <world><host id="mx1" mx="10"/></world>
  <client times="2"><mail from="user{n}@{domain}"/><rcpt verdict="pass"/></client>
  <client id="late" start="3s" address="198.51.100.9"><mail from="user1@{domain}"/><rcpt verdict="pass"/></client>
</case>
""")
    case = cbv.load_case(str(file), target)
    assert [(c.id, c.start, c.address) for c in case.clients] == [
        ("client-1", 0.0, None), ("client-2", 0.0, None), ("late", 3.0, "198.51.100.9")]
    assert case.needs == {"transactions", "verifier"}
    result = cbv.run_virtual(case, target)
    assert result.status == "pass"
    assert {r.client for r in result.replies} == {0, 1, 2}
    assert {e.party for e in result.timeline if e.leg == "client"} == {"client-1", "client-2", "late"}
    unable = cbv.Target(kind="smtp", roles={"called-host"}, capabilities={"session"})
    assert cbv.missing_capability(case, unable) == "verifier"
    for kind in ("policy", "milter"):
        assert cbv.missing_capability(case, cbv.Target(kind=kind)) is None


def test_a_broken_case_names_its_place(target, tmp_path):
    directory = tmp_path / "dlg"
    directory.mkdir()
    (tmp_path / "vocabulary.toml").write_text((CASES.parent / "vocabulary.toml").read_text())
    file = directory / "dlg-broken.xml"
    file.write_text('<case id="dlg-broken" requirement="CBV-DLG-005" level="MUST">\n  <titel/>\n</case>\n')
    with pytest.raises(cbv.CaseError) as caught:
        cbv.load_cases(str(tmp_path), target)
    assert f"{file}:2:" in str(caught.value) and "titel" in str(caught.value)


def test_a_world(tmp_path):
    file = tmp_path / "demo.xml"
    file.write_text("""<world>
  <host id="mx1" mx="10" address="198.18.0.9" keywords="PIPELINING">
    <rule at="rcpt" delay="rcpt-timeout * 2" reply="550 no"/>
  </host>
  <host id="dead" mx="20" reach="blackhole"/>
</world>
""")
    world = cbv.load_world(str(file), times={"rcpt-timeout": 3.0})
    assert (world.id, world.domain) == ("demo", "demo.test")
    assert [(h.id, h.reach, h.rules) for h in world.hosts] == [("mx1", "listen", 1), ("dead", "blackhole", 0)]
    assert ("demo.test", "MX", "10 mx1.demo.test.") in world.records
    assert ("mx1.demo.test", "A", "198.18.0.9") in world.records
    with pytest.raises(cbv.CaseError, match="demo.xml:3:"):
        cbv.load_world(str(file))


def test_a_target():
    declared = cbv.Target(name="mine", kind="smtp", address="192.0.2.25", timeouts={"budget": 8.0},
                          capabilities={"session"}, scale=2.0)
    assert (declared.kind, declared.timeouts, declared.scale) == ("smtp", {"budget": 8.0}, 2.0)
    assert declared.capabilities == {"session", "verifier"}
    assert [cbv.Target(kind=k).kind for k in ("policy", "milter")] == ["policy", "milter"]
    limits = cbv.Target(limits={"attempts-in-all": 7}).limits
    assert limits == {"attempts-per-call": 4, "attempts-per-address": 2, "attempts-in-all": 7,
                      "calls-per-domain": 10, "calls-per-client": 30, "fails-per-client": 30}
    for wrong, error in (({"kind": "pop3"}, ValueError), ({"address": "nowhere"}, ValueError),
                         ({"patience": 1}, TypeError), ({"roles": {"caller"}}, ValueError)):
        with pytest.raises(error):
            cbv.Target(**wrong)


def test_a_live_run_names_the_address_in_use(target):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = cbv.LiveRun([], target, dns_address="127.0.0.1", dns_port=port)
        with pytest.raises(RuntimeError, match=f"127.0.0.1.*{port}"):
            run.open()
        run.stop()
