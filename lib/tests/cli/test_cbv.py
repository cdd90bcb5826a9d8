"""The program `cbv`: exit status, text, JSON, transcript, messages.

Runs in the lab against fake-mx (world.xml); ctest says where both programs are. What a reply means
is tested in the library.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
HEADER = HERE.parents[1] / "include" / "cbv" / "timeouts.hpp"
DOMAIN = "world.test"

PASS, FAIL, USAGE, TEMPFAIL, UNVERIFIABLE, NONE = range(6)


@pytest.fixture(scope="session", autouse=True)
def world():
    if os.environ.get("CBV_LAB") != "1":
        pytest.fail("to be run in the lab: ctest -R cbv_program_tests")
    command = [os.environ["CBV_FAKE_MX"], HERE / "world.xml", "--dns", os.environ["CBV_LAB_DNS"] + ":53",
               "--smtp-port", "25", "--address-range", "198.18.0.0/24"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        for line in server.stdout:  # ends with the server if that cannot start
            if line.startswith("Ask for the domain"):
                break
        else:
            pytest.fail(f"fake-mx ended with status {server.wait()}")
        yield
        server.terminate()
        server.stdout.read()


def run(*arguments, permit=True):
    options = ["--permit", "198.18.0.0/15", "--permit", "203.0.113.0/24"] if permit else []
    return subprocess.run([os.environ["CBV_PROGRAM"], *options, *arguments],
                          capture_output=True, text=True, timeout=20)


def ask(local_part, *arguments):
    return run(f"{local_part}@{DOMAIN}", *arguments)


def ask_json(local_part, *arguments):
    done = ask(local_part, "--json", *arguments)
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("local_part, status, word", [
    ("ok", PASS, "pass (accepted)"),
    ("no", FAIL, "fail (mailbox-refused)"),
    ("later", TEMPFAIL, "tempfail (temporary-reply)"),
    ("syntax", UNVERIFIABLE, "unverifiable (command-refused)"),
])
def test_exit_status_and_text(local_part, status, word):
    done = ask(local_part)
    assert done.returncode == status
    assert done.stdout.startswith(f"{local_part}@{DOMAIN}: {word} at rcpt, ")
    assert "  rule:  CBV-INT-" in done.stdout or status == TEMPFAIL
    assert "  host:  mx1.world.test [198.18.0." in done.stdout
    assert done.stderr == ""


def test_null_path_needs_no_call():
    done = run("<>")
    assert done.returncode == NONE
    assert done.stdout.startswith("<>: none (null-reverse-path) at eligibility")


def test_path_in_brackets():
    assert run(f"<no@{DOMAIN}>").returncode == FAIL


def test_special_purpose_addresses_are_not_called_unless_permitted():
    done = run(f"ok@{DOMAIN}", permit=False)
    assert done.returncode == FAIL
    assert "hosts-prohibited" in done.stdout
    assert run("ok@[127.0.0.1]", "--permit", "127.0.0.0/8").returncode == FAIL, "loopback stays out"
    assert ask("ok", "--prohibit", "198.18.0.0/15").returncode == FAIL


def test_domain_that_does_not_exist():
    assert run(f"ok@nowhere.{DOMAIN}").returncode == FAIL
    assert run(f"ok@nowhere.{DOMAIN}", "--soft-nxdomain").returncode == TEMPFAIL


def test_silence_ends_by_the_timers():
    done = ask("hang", "--rcpt-timeout", "200ms", "--quit-timeout", "100ms")
    assert done.returncode == TEMPFAIL
    assert "(timeout) at rcpt, 0.2" in done.stdout
    assert run("ok@[203.0.113.7]", "--connect-timeout", "200ms").returncode == TEMPFAIL
    assert "budget-exhausted" in ask("hang", "--budget", "0.2s").stdout


def test_json():
    found = ask_json("no")
    assert found["address"] == f"no@{DOMAIN}"
    assert (found["verdict"], found["cause"], found["stage"]) == ("fail", "mailbox-refused", "rcpt")
    assert found["requirement"] == "CBV-INT-003"
    assert found["host"] == "mx1.world.test"
    assert found["ip"].startswith("198.18.0.")
    assert found["reply"] == {"code": 550, "enhanced": "5.1.1", "lines": ["5.1.1 No such user"]}
    assert found["mx_count"] == 1
    assert 0 < found["seconds"] < 10
    [attempt] = found["attempts"]
    assert attempt["address"] == found["ip"] and attempt["reply"] == found["reply"]
    assert "trace" not in found


def test_json_without_a_call():
    done = run("<>", "--json")
    found = json.loads(done.stdout)
    assert (found["verdict"], found["ip"], found["reply"], found["attempts"]) == ("none", None, None, [])


def test_wire_octets_are_escaped_everywhere():
    done = ask("evil", "--json", "--trace")
    assert done.returncode == FAIL
    text = done.stdout
    assert all(" " <= c <= "~" or c == "\n" for c in text)
    [line] = json.loads(text)["reply"]["lines"]
    assert all(" " <= c <= "~" for c in line)
    assert "[2J" in line and "<b>" in line
    plain = ask("evil", "--trace")
    assert all(" " <= c <= "~" or c == "\n" for c in plain.stdout + plain.stderr)
    assert "[2J" in plain.stderr and "[2J" in plain.stdout


def test_trace_prints_the_dialogue_to_standard_error():
    done = ask("no", "--trace", "--helo", "verifier.example.net")
    lines = [re.sub(r"^ +\d+\.\d{3} #\d+ ", "", line) for line in done.stderr.splitlines()]
    assert lines[0] == f"* query MX {DOMAIN}"
    wire = [line for line in lines if line[0] in "<>"]
    assert wire[0].startswith("< 220 ")
    assert [line for line in wire if line[0] == ">"] == [
        "> EHLO verifier.example.net", "> MAIL FROM:<>", f"> RCPT TO:<no@{DOMAIN}>", "> QUIT"]
    assert "< 550 5.1.1 No such user" in wire
    assert lines[-1] == "* closed"
    assert done.stdout.startswith(f"no@{DOMAIN}: fail")


def test_trace_in_json():
    events = ask_json("ok", "--trace")["trace"]
    assert events[0]["event"] == "query" and events[-1]["event"] == "closed"
    assert {"sent", "received", "connecting", "connected", "answer"} <= {e["event"] for e in events}
    times = [e["seconds"] for e in events]
    assert times == sorted(times)


def test_pipelining_and_noop():
    trace = ask("ok", "--trace", "--pipelining", "--noop", "hello").stderr
    assert "> NOOP hello" in trace
    sent = [line.split("> ", 1)[1] for line in trace.splitlines() if " > " in line]
    assert sent[2:4] == ["MAIL FROM:<>", f"RCPT TO:<ok@{DOMAIN}>"]


def test_source_and_families():
    assert ask("ok", "--source", "198.51.100.7").returncode == PASS
    assert ask("ok", "--ipv4-only").returncode == PASS
    done = ask("ok", "--ipv6-only")
    assert done.returncode == UNVERIFIABLE and "(limit)" in done.stdout
    assert ask("ok", "--dns", os.environ["CBV_LAB_DNS"]).returncode == PASS
    assert ask("ok", "--own-name", f"MX1.{DOMAIN}").returncode == UNVERIFIABLE
    assert ask("ok", "--seed", "7").returncode == PASS


def test_help_and_version():
    done = run("--help")
    assert done.returncode == 0 and "Exit status: 0 pass" in done.stdout
    done = run("--version")
    assert done.returncode == 0 and re.fullmatch(r"cbv \d+\.\d+\.\d+\n", done.stdout)


def test_every_timer_has_an_option_with_its_default():
    fields = re.findall(r"^    duration (\w+) = std::chrono::seconds\{(\d+)\}", HEADER.read_text(), re.M)
    assert {"dns", "budget", "starttls"} <= {name for name, _ in fields}
    text = run("--help").stdout
    for name, seconds in fields:
        option = "--budget" if name == "budget" else f"--{name}-timeout"
        [line] = [line for line in text.splitlines() if line.startswith(f"  {option} ")]
        assert line.endswith((f"({seconds}s)", f"({int(seconds) // 60}m)")), line
        assert run(option, "100ms", "<>").returncode == NONE
        done = run(option, "0", "<>")
        assert done.returncode == USAGE
        assert option in done.stderr and "expected a duration above zero" in done.stderr


@pytest.mark.parametrize("arguments, message", [
    ([], "address is required"),
    (["--bogus", "a@b.test"], "--bogus"),
    (["a@b.test", "extra"], "extra"),
    (["no mailbox"], '"no mailbox" is not an address: expected'),
    (["a@b.test\x1b[2J"], r"is not an address"),
    (["<a@b.test"], "expected > after the mailbox at octet 10"),
    (["<>", "--rcpt-timeout", "soon"], '--rcpt-timeout: "soon": expected a duration'),
    (["<>", "--rcpt-timeout"], "--rcpt-timeout"),
    (["<>", "--budget", "5m"], "the budget must not be above 270 s"),
    (["<>", "--max-attempts", "1"], "expected a whole number from 2 to 1000"),
    (["<>", "--port", "0"], "expected a whole number from 1 to 65535"),
    (["<>", "--port", "25x"], '"25x": expected a whole number'),
    (["<>", "--seed", "-1"], "expected a whole number from 0"),
    (["<>", "--permit", "10/8"], '"10/8": expected a prefix such as 10.0.0.0/8'),
    (["<>", "--prohibit", "x"], '"x": expected a prefix'),
    (["<>", "--own-address", "x"], '"x": expected an IP address'),
    (["<>", "--source", "x"], '"x": expected an IP address'),
    (["<>", "--helo", "a_b"], "the HELO name must be a domain in ASCII"),
    (["<>", "--noop", "a.b"], "the text of NOOP must be"),
    (["<>", "--ipv4-only", "--ipv6-only"], "--ipv4-only excludes --ipv6-only"),
    (["a@b.test", "--dns", "nonsense"], 'DNS server "nonsense": expected ADDRESS'),
    (["a@b.test", "--dns-try", "1us"], "must be between 1 ms and 1 h"),
])
def test_bad_usage_says_what_was_expected(arguments, message):
    done = run(*arguments)
    assert done.returncode == USAGE
    assert message in done.stderr
    assert done.stderr.startswith("cbv: ")
    assert "\x1b" not in done.stderr
    assert done.stdout == ""


def test_standard_output_that_cannot_be_written():
    with open("/dev/full", "w") as full:
        done = subprocess.run([os.environ["CBV_PROGRAM"], "<>"], stdout=full, stderr=subprocess.PIPE,
                              text=True, timeout=20)
    assert done.returncode == USAGE
    assert "cannot write to standard output" in done.stderr
