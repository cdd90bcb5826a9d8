"""`fake-mx --demo` over loopback: every word of its list is played, and what it prints is what it says it prints.

It needs no rights and no lab. Verdicts of a real verifier are in fake-mx/lab/test_demo_verdicts.py.
"""

import concurrent.futures
import json
import os
import pathlib
import pty
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time

import pytest

from demo_client import A, AAAA, MX, PATIENCE, PROGRAM, ROOT, Client, Demo, ask, converse, listed, send

# What becomes of a message to each example of the list. The list and this table must have the same keys.
LOCAL = {
    "good": "taken", "user": "taken", "alice": "taken",
    "550-5.1.1": "rcpt: 550 5.1.1", "rcpt-451": "rcpt: 451", "rcpt-drop": "rcpt: closed",
    "mail-slow-1s": "rcpt: 550 5.1.1", "data-554": "data: 554", "message-451-4.3.0": "message: 451 4.3.0",
    "quit-drop": "quit: closed", "any-slow-100ms": "taken", "slow-1s.451-4.3.0": "rcpt: 451 4.3.0",
    "rcpt-550-5.1.1+list-7": "rcpt: 550 5.1.1",
    "bad": "rcpt: 550 5.1.1", "disabled": "rcpt: 550 5.2.1", "moved": "rcpt: 551 5.1.6", "full": "rcpt: 452 4.2.2",
    "overquota": "rcpt: 552 5.2.2", "busy": "rcpt: 450 4.2.1", "policy": "rcpt: 550 5.7.1",
    "relay": "rcpt: 554 5.7.1", "smtputf8": "rcpt: 553 5.6.7", "needs-auth": "rcpt: 530 5.7.0",
    "needs-tls": "rcpt: 530 5.7.0",
    "closing": "rcpt: 421 4.3.2", "spam": "message: 554 5.7.1", "toobig": "message: 552 5.3.4",
    "slow-2s": "taken", "drip-20ms": "taken", "split": "taken", "multiline": "taken: 250 2.1.5x3",
    "longline": "taken: 250 2.1.5 longline", "bare-lf": "taken", "mixed": "rcpt: mixed", "half": "rcpt: half, closed",
    "garbage": "rcpt: garbage", "endless": "rcpt: endless", "drop": "rcpt: closed", "reset": "rcpt: reset",
    "silent": "rcpt: silent", "grey": "rcpt: 451 4.7.1", "limit-1": "taken",
}
DOMAIN = {
    "banner-554": "greeting: 554", "banner-421": "greeting: 421", "banner-521": "greeting: 521",
    "banner-silent": "greeting: silent", "ehlo-502": "taken", "auth-535": "taken", "mail-550": "mail: 550", "mail-451": "mail: 451",
    "550-5.1.1": "rcpt: 550 5.1.1", "any-slow-100ms": "taken", "banner-slow-1s.mail-451": "mail: 451",
    "nxdomain": "MX: NXDOMAIN", "servfail": "MX: SERVFAIL", "dns-refused": "MX: REFUSED", "dns-formerr": "MX: FORMERR",
    "dns-notimp": "MX: NOTIMP", "dns-silent": "MX: silent", "dns-slow-300ms": "taken", "dns-truncate": "taken",
    "dns-wrong-id": "MX: wrong id", "dns-garbage": "MX: garbage", "dns-empty": "MX: empty", "nullmx": "null MX",
    "no-mx": "taken", "no-address": "no address", "mx-nxdomain": "no address", "mx-servfail": "address: SERVFAIL",
    "mx-alias": "taken", "mx-literal": "no address", "alias": "taken", "loopback-mx": "taken",
    "private-mx": None, "unspecified-mx": None,  # they lead out of loopback, so nobody goes there
    "v6only": "taken", "dual-stack": "taken", "refused": "greeting: refused", "blackhole": "greeting: connecting hangs",
    "many-refused": "greeting: refused", "first-refused": "taken", "no-smtputf8": "taken", "catch-all": "taken",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_every_word_is_played(demo):
    examples = {word["example"] for word in listed()}
    expected = {f"{words}@demo.test": outcome for words, outcome in LOCAL.items()}
    expected |= {f"user@{labels}.demo.test": outcome for labels, outcome in DOMAIN.items()}
    assert examples == set(expected)
    if not has_ipv6():
        del expected["user@v6only.demo.test"], expected["user@dual-stack.demo.test"]
    expected = {address: outcome for address, outcome in expected.items() if outcome}
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        seen = dict(zip(expected, pool.map(lambda address: send(demo, address), expected)))
    assert seen == expected


def test_the_addresses_that_are_not_gone_to(demo):
    assert ask(demo.dns_port, "mx.private-mx.demo.test", A) == ("NOERROR", [(A, "10.0.0.1")])
    assert ask(demo.dns_port, "mx.unspecified-mx.demo.test", A) == ("NOERROR", [(A, "0.0.0.0")])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_both_families(demo, address):
    if ":" in address and not has_ipv6():
        pytest.skip("no IPv6")
    assert converse(address, demo.port, "user@demo.test") == "taken"
    assert converse(address, demo.port, "full@example.org") == "rcpt: 452 4.2.2"


def test_greylisting_ends(demo):
    tries = [converse("127.0.0.1", demo.port, "grey-2x@demo.test", "a@b.example") for _ in range(4)]
    assert tries == ["rcpt: 451 4.7.1"] * 2 + ["taken"] * 2


def test_a_library_of_others(demo):
    with smtplib.SMTP("127.0.0.1", demo.port, local_hostname="client.example") as client:
        refused = client.sendmail("me@example.org", ["user@demo.test", "550-5.1.1@demo.test"], "Subject: x\r\n\r\nx")
        assert refused == {"550-5.1.1@demo.test": (550, b"5.1.1 Mailbox unavailable (550-5.1.1)")}
        with pytest.raises(smtplib.SMTPDataError, match="looks like spam"):
            client.sendmail("me@example.org", ["spam@demo.test"], "Subject: x\r\n\r\nx")
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("451@example.org", ["user@demo.test"], "x")


def test_authentication(demo):
    def log_in(name, auth="plain"):
        with smtplib.SMTP("127.0.0.1", demo.port, local_hostname="client.example") as client:
            client.ehlo()
            client.user, client.password = name, "secret"
            said = client.auth(auth, getattr(client, f"auth_{auth}"))
            return said, client.sendmail("me@example.org", ["user@demo.test"], "Subject: x\r\n\r\nx")

    assert log_in("alice") == ((235, b"2.7.0 Welcome"), {})
    assert log_in("somebody@example.org", "login") == ((235, b"2.7.0 Welcome"), {})
    assert log_in("slow-10ms", "login")[0] == (235, b"2.7.0 Welcome")
    for auth in ("plain", "login"):
        with pytest.raises(smtplib.SMTPAuthenticationError, match="535, b'5.7.8 Authentication credentials"):
            log_in("535-5.7.8@example.org", auth)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            log_in("auth-drop", auth)
        with pytest.raises(smtplib.SMTPSenderRefused):
            log_in("mail-451", auth)
    client = Client("127.0.0.1", demo.port)
    client.reply()
    for line, code in [("AUTH CRAM-MD5", b"504"), ("AUTH PLAIN !", b"501"), ("AUTH PLAIN", b"334"), ("*", b"501"),
                       ("AUTH LOGIN", b"334"), ("\xff", b"501"), ("AUTH PLAIN eA==", b"501"), ("NOOP", b"250"),
                       ("AUTH", b"504"), ("FOO", b"500")]:
        assert client.say(line)[0][:3] == code, line
    client.close()


HOSTILE = [b"RCPT TO:<" + b"a" * 100_000 + b"@demo.test>", b"RCPT TO:<a\0b@demo.test>", b"RCPT TO:<\xff\xfe@demo.test>",
           b"RCPT TO:<\x1b[31m@demo.test>", b"RCPT TO:<{name}{line}@demo.test>", b"RCPT TO:<" + b"550." * 15 + b"550@demo.test>",
           b"RCPT TO:<slow-" + b"9" * 40 + b"s@demo.test>", b"RCPT TO:<user@" + b"a." * 100 + b"demo.test>",
           b"RCPT TO:", b"RCPT", b"\0\0\0\0", b"\xff" * 3000, b"", b"MAIL FROM:<\x01@x>"]


def test_hostile_input_gets_a_plain_refusal(demo):
    for line in HOSTILE:
        client = Client("127.0.0.1", demo.port)
        client.reply()
        client.say("MAIL FROM:<>")
        reply = client.say(line)
        assert reply[0][:1] == b"5", (line, reply)
        assert all(0x20 <= octet < 0x7F for octet in reply[0]) and len(reply[0]) < 512, (line, reply)
        assert client.say("NOOP")[0].startswith(b"250")
        client.close()


def test_a_wrong_name_in_the_dns(demo):
    assert ask(demo.dns_port, "nxdomian.demo.test", MX)[0] == "NXDOMAIN"
    assert ask(demo.dns_port, "demo.test", MX) == ("NOERROR", [(MX, (10, "mx.demo.test"))])
    assert ask(demo.dns_port, "example.org", MX)[0] == "NXDOMAIN"


def test_json_log(tmp_path):
    with Demo(tmp_path) as demo:
        converse("127.0.0.1", demo.port, "slow-100ms.full@demo.test", "\x07@x")
        converse("127.0.0.1", demo.port, "slow-100ms.full@demo.test", "a@b.example")
        converse("127.0.0.1", demo.port, "message-slow-10ms@demo.test", "a@b.example")
        ask(demo.dns_port, "demo.test", MX)
        log = demo.log()
    assert log[0] == demo.ready and log[0]["kind"] == "ready"
    assert log[-1] == {"kind": "end", "connections": 3, "messages": 1, "faults": 2, "queries": 1}
    faults = [(e["client"], e["words"], e["stage"], e["whose"]) for e in log if e["kind"] == "fault"]
    assert faults == [(2, "slow-100ms.full", "RCPT", "slow-100ms.full@demo.test"),
                      (3, "message-slow-10ms", "the message", "message-slow-10ms@demo.test")]
    message, = (e for e in log if e["kind"] == "message")
    assert (message["subject"], message["recipients"], message["taken"]) == ("x", ["message-slow-10ms@demo.test"], True)
    assert {"client": 1, "text": "MAIL FROM:<\\x07@x>"}.items() <= next(
        e for e in log if e["kind"] == "received" and "MAIL" in e["text"]).items()
    times = [e["at"] for e in log[1:-1]]
    assert times == sorted(times)


def test_text_log(tmp_path):
    with Demo(tmp_path, json_log=False) as demo:
        converse("127.0.0.1", demo.port, "full@demo.test", "a@b.example")
        converse("127.0.0.1", demo.port, "user@demo.test", "a@b.example")
        text = demo.stop(signal.SIGTERM)
    assert "\x1b" not in text
    assert f"SMTP  127.0.0.1 port {demo.port}" in text and f"DNS   127.0.0.1 port {demo.dns_port}" in text
    assert re.search(r"^ +\d+\.\d{3}  #1   < RCPT TO:<full@demo.test>$", text, re.MULTILINE)
    assert re.search(r"#1   \* full at RCPT: says 452 4.2.2 Mailbox full$", text, re.MULTILINE)
    assert re.search(r"#2   -- message of 17 octets taken and dropped, for 1 recipient; Subject: x$", text, re.MULTILINE)
    assert text.endswith("\n2 connections, 1 message taken, 1 fault played, 0 DNS queries.\n")


def on_a_terminal(tmp_path, options, **environment):
    """What a demo that is ended at once prints on a terminal."""
    leader, follower = pty.openpty()
    ready = tmp_path / "ready"
    process = subprocess.Popen([PROGRAM, "--demo", "--smtp-port", "0", "--dns", "none", "--ready-file", ready, *options],
                               stdout=follower, env=dict(os.environ, TERM="xterm") | environment)
    os.close(follower)
    seen = b""
    while b"Ctrl-C ends" not in seen:
        seen += os.read(leader, 4096)
    converse("127.0.0.1", json.loads(ready.read_text())["smtp_port"], "full@demo.test")
    process.send_signal(signal.SIGINT)
    while True:
        try:
            octets = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not octets:
            break
        seen += octets
    assert process.wait(20) == 0
    os.close(leader)
    return seen


@pytest.mark.parametrize("options, environment, coloured", [
    ([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"TERM": "dumb"}, False),
    (["--color", "never"], {}, False), (["--color", "always"], {"NO_COLOR": "1"}, True)])
def test_colours(tmp_path, options, environment, coloured):
    environment.setdefault("NO_COLOR", "")
    assert (b"\x1b[" in on_a_terminal(tmp_path, options, **environment)) == coloured


def test_a_signal_during_a_write_loses_nothing(tmp_path):
    """Ctrl-C while whoever reads the output is slow: the line under way and the last one still come."""
    def becomes(holds):
        end = time.monotonic() + PATIENCE
        while not holds():
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.01)

    def proc(name):
        return pathlib.Path(f"/proc/{process.pid}/{name}").read_text()

    def pending():
        return sum(int(mask, 16) for mask in re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)", proc("status"), re.MULTILINE))

    end, start = os.pipe()
    ready = tmp_path / "ready"
    process = subprocess.Popen([PROGRAM, "--demo", "--smtp-port", "0", "--dns", "none", "--ready-file", ready],
                               stdout=start, stderr=subprocess.PIPE)
    try:
        seen = b""
        while b"Ctrl-C ends it.\n\n" not in seen:
            seen += os.read(end, 4096)
        # Opened anew, so that it is this end alone that does not block.
        filler = os.open(f"/proc/self/fd/{start}", os.O_WRONLY | os.O_NONBLOCK)
        os.close(start)
        filled = 0
        with pytest.raises(BlockingIOError):
            while True:
                filled += os.write(filler, b"x")
        os.close(filler)
        with socket.create_connection(("127.0.0.1", json.loads(ready.read_text())["smtp_port"])):
            becomes(lambda: proc("syscall").split()[1:2] == ["0x1"])  # a call about descriptor 1: a write
            process.send_signal(signal.SIGINT)
            becomes(lambda: pending() == 0)  # so the write was interrupted
            seen = b""
            while octets := os.read(end, 65536):
                seen += octets
        assert (process.wait(PATIENCE), process.stderr.read()) == (0, b"")
    finally:
        process.kill()
        process.communicate()
        os.close(end)
    lines = seen[filled:].decode().splitlines()
    assert "connected from 127.0.0.1" in lines[0]
    assert lines[-1].startswith("1 connection, 0 messages taken")


def test_quiet(tmp_path):
    with Demo(tmp_path, "--quiet", json_log=False) as demo:
        assert converse("127.0.0.1", demo.port, "full@demo.test") == "rcpt: 452 4.2.2"
        assert demo.stop() == ""


def test_always_and_domain(tmp_path):
    with Demo(tmp_path, "--always", "mail-451.no-size", "--domain", "My.Example.", "--dns", "none") as demo:
        assert demo.ready["dns_port"] == 0
        assert demo.ready["hosts"][0]["name"] == "mx.my.example"
        assert converse("127.0.0.1", demo.port, "user@my.example") == "mail: 451"
        client = Client("127.0.0.1", demo.port)
        client.reply()
        assert b"250-SIZE" not in client.say("EHLO x")
        client.close()


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20)


def test_a_port_in_use_is_an_error(demo):
    said = run("--demo", "--smtp-port", str(demo.port), "--dns", "none")
    assert said.returncode == 1
    assert said.stderr.startswith(f"fake-mx: 127.0.0.1 port {demo.port}: address in use\n")
    assert "--smtp-port" in said.stderr
    said = run("--demo", "--smtp-port", "0", "--dns", f"127.0.0.1:{demo.dns_port}")
    assert said.returncode == 1
    assert said.stderr.startswith(f"fake-mx: 127.0.0.1 port {demo.dns_port}: address in use\n")


@pytest.mark.parametrize("arguments, complaint", [
    ([], "expected a FILE, or --demo"),
    (["--demo", "world.xml"], "expected a FILE or --demo, not both"),
    (["--demo", "--always", "slwo-5s"], "--always: slwo-5s is no word for a domain; near: slow"),
    (["--demo", "--always", "nxdomain"], "--always: words for the DNS"),
    (["--demo", "--domain", "a b"], "expected a domain such as demo.test"),
    (["--demo", "--listen", "localhost"], "expected an IP address"),
    (["--demo", "--listen", "0.0.0.0", "--dns", "127.0.0.1:0"], "expected --dns none"),
    (["--demo", "--dns", "x"], "expected ADDRESS:PORT or none"),
    (["--demo", "--address-range", "x"], "expected a prefix such as 127.0.0.0/8"),
    (["--demo", "--set", "budget=1s"], "--set is for a FILE"),
    (["--demo", "--list", "xml"], "expected one of json markdown text"),
    (["--demo", "--quiet", "--log-json"], "expected --log-json or --quiet, not both"),
    (["--always", "451", "x.xml"], "--always is for --demo"),
])
def test_usage_errors(arguments, complaint):
    said = run(*arguments)
    assert (said.returncode, said.stdout) == (2, "")
    assert complaint in said.stderr and said.stderr.startswith("fake-mx: ")


def test_a_ready_file_that_cannot_be_written(tmp_path):
    said = run("--demo", "--smtp-port", "0", "--dns", "none", "--ready-file", tmp_path / "none" / "x")
    assert said.returncode == 1
    assert "expected a file that can be written" in said.stderr


def test_output_that_cannot_be_written():
    with open("/dev/full", "w") as full:
        said = subprocess.run([PROGRAM, "--list"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
    assert said.returncode == 1
    assert "cannot write to standard output" in said.stderr


def test_a_file_gets_the_same_output_options(tmp_path):
    ready = tmp_path / "ready"
    world = tmp_path / "shop.xml"
    world.write_text('<world><host id="mx1" mx="10"><rule at="message" reply="554 5.6.0 no"/></host></world>')
    process = subprocess.Popen([PROGRAM, world, "--smtp-port", "0", "--dns", "127.0.0.1:0", "--log-json", "--ready-file",
                                ready], stdout=subprocess.PIPE, text=True)
    first = json.loads(process.stdout.readline())
    assert first == json.loads(ready.read_text())
    assert converse(first["hosts"][0]["address"], first["smtp_port"], "a@shop.test") == "message: 554 5.6.0"
    process.send_signal(signal.SIGTERM)
    rest = [json.loads(line) for line in process.communicate(timeout=20)[0].splitlines()]
    assert process.returncode == 0
    assert rest[0]["kind"] == "connected" and rest[-1]["kind"] == "end"


def test_the_readme_has_the_list():
    text = (ROOT / "fake-mx/README.md").read_text()
    begin, end = "<!-- words:begin (fake-mx --list markdown) -->\n", "<!-- words:end -->"
    assert begin in text and end in text
    written = text.split(begin)[1].split(end)[0].strip()
    assert written == listed("markdown").strip(), "fake-mx/README.md: put the output of fake-mx --list markdown there"


def test_the_readmes_scripts_are_good(tmp_path):
    scripts = re.findall(r"```xml\n(.*?)```", (ROOT / "fake-mx/README.md").read_text(), re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        (tmp_path / "world.xml").write_text(script)
        assert run("--check", tmp_path / "world.xml").stderr == ""


def test_the_readmes_test_works(tmp_path):
    """The pytest example of the README, as it stands."""
    text = (ROOT / "fake-mx/README.md").read_text()
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    (tmp_path / "test_example.py").write_text(example)
    environment = dict(os.environ, PATH=f"{PROGRAM.parent}:{os.environ['PATH']}")
    said = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path], cwd=tmp_path,
                          env=environment, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stdout
