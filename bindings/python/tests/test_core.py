"""The core in Python: values, tables and the sans-I/O machine, driven without a socket."""

import pytest

import cbv


def test_mailbox():
    box = cbv.parse_mailbox('"a b"@example.org')
    assert (box.local_part, box.domain, box.unquoted_local_part) == ('"a b"', "example.org", "a b")
    assert str(box) == '"a b"@example.org'
    assert cbv.parse_mailbox("a@[192.0.2.1]").literal == "192.0.2.1"
    assert cbv.parse_mailbox("j\u00f6rg@example.org").needs_smtputf8
    assert cbv.parse_mailbox(b"a@b.test") == cbv.parse_mailbox("a@b.test")


@pytest.mark.parametrize("text, fault, offset", [("a@@b", "syntax", 2), ("a\r@b", "control-octet", 1),
                                                 (b"\xff@b", "not-utf8", 0)])
def test_bad_mailbox(text, fault, offset):
    with pytest.raises(cbv.PathError) as caught:
        cbv.parse_mailbox(text)
    assert (caught.value.fault, caught.value.offset) == (fault, offset)
    assert isinstance(caught.value, ValueError)


def test_paths():
    assert cbv.parse_reverse_path("<>").is_null
    routed = cbv.parse_reverse_path("<@a.test,@b.test:c@d.test>")
    assert routed.had_source_route and str(routed.mailbox) == "c@d.test"
    assert cbv.parse_forward_path("<Postmaster>").mailbox.domain == ""
    with pytest.raises(cbv.PathError):
        cbv.parse_forward_path("<>")


def test_replies():
    reply = cbv.parse_reply(b"550-5.1.1 no\r\n550 5.1.1 such\xff user\r\n")
    assert (reply.code, reply.enhanced) == (550, "5.1.1")
    assert reply.lines == [b"5.1.1 no", b"5.1.1 such\xff user"]
    assert "\\xff" in str(reply)
    assert reply == cbv.Reply(550, reply.lines)


def test_reply_parser_takes_any_segmentation():
    octets = b"220-a\r\n220 b\r\n250 c\r\n"
    parser = cbv.ReplyParser()
    replies = [r for i in range(len(octets)) for r in parser.feed(octets[i:i + 1])]
    assert [r.code for r in replies] == [220, 250]
    assert not parser.in_progress


@pytest.mark.parametrize("octets, fault", [(b"250-a\r\n251 b\r\n", "mixed-codes"), (b"hello\r\n", "no-code"),
                                           (b"250 a\r\n250 b\r\n", "more than one reply"),
                                           (b"250-a\r\n", "incomplete")])
def test_bad_replies(octets, fault):
    with pytest.raises(cbv.ReplyError) as caught:
        cbv.parse_reply(octets)
    assert caught.value.fault == fault


def test_decision_table():
    assert cbv.decide("rcpt", cbv.Reply(250)).kind == "pass"
    refused = cbv.decide("rcpt", cbv.Reply(550, [b"5.1.1 no"]))
    assert (refused.kind, refused.why, refused.then) == ("fail", "mailbox-refused", "end")
    assert cbv.decide("ehlo", cbv.Reply(250)).kind is None
    assert cbv.decide("connect", "timeout").kind == "tempfail"
    for stage, event in (("somewhere", "timeout"), ("rcpt", "boredom")):
        with pytest.raises(ValueError):
            cbv.decide(stage, event)


def test_reply_table():
    assert cbv.reply_codes("fail", "mailbox-refused")[0] == 550
    assert cbv.reply_codes("pass", "accepted") is None
    assert cbv.reply_codes("unverifiable", "prober-refused") is None
    assert cbv.reply_codes("unverifiable", "prober-refused", defer_unverifiable=True)[0] == 451
    assert cbv.explain("null-mx")


def test_timeouts():
    timers = cbv.Timeouts(rcpt=1.5)
    assert (timers.rcpt, timers.problem()) == (1.5, None)
    timers.budget = 0
    assert "budget" in timers.problem()
    with pytest.raises(TypeError):
        cbv.Timeouts(patience=3)


def test_address_policy():
    policy = cbv.AddressPolicy()
    assert policy.check("127.0.0.1") == "prohibited" and "Loopback" in policy.explain("127.0.0.1")
    assert policy.check("198.18.0.1") == "prohibited"
    policy.permit("198.18.0.0/15")
    assert policy.check("198.18.0.1") == "allowed"
    policy.add_own("198.18.0.1")
    assert policy.check("198.18.0.1") == "own"
    with pytest.raises(ValueError):
        policy.permit("198.18.0.0/33")
    assert ("127.0.0.0/8", "Loopback") in cbv.special_ranges()


def options():
    o = cbv.Options()
    o.helo_name = "verifier.test"
    o.addresses.permit("198.18.0.0/15")
    return o


def test_verification_by_hand():
    machine = cbv.Verification("user@good.test", options(), now=0.0)
    replies = iter([b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b"221 bye\r\n"])
    sent, now, verdict = [], 0.0, None
    while not machine.finished:
        action = machine.next_action()
        now += 0.1
        if isinstance(action, cbv.QueryDns):
            if action.type == "MX":
                machine.on_dns(action.id, now, mx=[(10, "mx.good.test")])
            else:
                machine.on_dns(action.id, now, addresses=["198.18.0.1"] if action.type == "A" else [])
        elif isinstance(action, cbv.Connect):
            assert (action.address, action.port) == ("198.18.0.1", 25)
            machine.on_connected(action.id, now)
            machine.on_bytes(action.id, b"220 mx\r\n", now)
        elif isinstance(action, cbv.Send):
            sent.append(action.octets)
            machine.on_bytes(action.id, next(replies), now)
        elif isinstance(action, cbv.Done):
            verdict = action.result
        else:
            assert isinstance(action, cbv.Close)
    assert sent == [b"EHLO verifier.test\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<user@good.test>\r\n",
                    b"QUIT\r\n"]
    assert (verdict.kind, verdict.why, verdict.host) == ("pass", "accepted", "mx.good.test")
    assert len(verdict.attempts) == 1 and machine.deadline() is None
    assert cbv.reply_for(verdict, "user@good.test") is None


def test_verification_times_out():
    machine = cbv.Verification("user@good.test", options(), now=0.0)
    query = machine.next_action()
    assert isinstance(query, cbv.QueryDns) and machine.next_action() is None
    machine.on_time(machine.deadline())
    assert machine.result.kind == "tempfail"
    reply = cbv.reply_for(machine.result, "user@good.test")
    assert reply.code == 451


def test_bad_options_are_refused():
    o = options()
    o.max_attempts = 0
    with pytest.raises(ValueError):
        cbv.Verification("user@good.test", o)


@pytest.mark.skipif(not hasattr(cbv, "verify"), reason="built without the drivers")
def test_verify_reports_a_dead_resolver():
    o = options()
    o.timeouts = cbv.Timeouts(dns=0.2)
    events = []
    verdict = cbv.verify("user@good.test", o, servers=["127.0.0.1:1"], dns_try=0.1,
                         observer=lambda *event: events.append(event))
    assert (verdict.kind, verdict.why) == ("tempfail", "dns-failure")
    assert events[0][1] == "query"
