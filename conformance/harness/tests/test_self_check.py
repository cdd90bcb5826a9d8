"""The self-check's sentences: each way in which an adapter is commonly wrong gets its own. They run in the lab,
against a small server (adapters/server.py) or the program cbv.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from harness import CONFORMANCE, LAB, PROGRAMS, TARGETS, new_target

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")
pytestmark = [
    pytest.mark.skipif(not hasattr(cbv, "LiveRun"), reason="built without the engine"),
    pytest.mark.skipif(subprocess.run([LAB, "--", "true"], capture_output=True).returncode != 0, reason="no lab here")]

ADAPTERS = pathlib.Path(__file__).parent / "adapters"
TIMES = "dns-timeout = 2\nconnect-timeout = 1\ngreeting-timeout = 2\nehlo-timeout = 2\nmail-timeout = 2\nrcpt-timeout = 2\n" \
        "quit-timeout = 1\nbudget = 6\n"
SERVER = f'''kind = "smtp"
start = ["{sys.executable}", "{ADAPTERS}/server.py", "MODE"]
ready-timeout = 3
capabilities = ["session", "unknown-recipient"]
[timeouts]
{TIMES}[identities]
recipient = "user@target.test"
unknown-recipient = "nobody@target.test"
helo = "verifier.target.test"
'''
COMMAND = f'''kind = "command"
command = ["{PROGRAMS["cbv"]}", "--dns", "{{dns}}", "--dns-try", "0.5s", "--helo", "{{helo}}", "--permit", "198.18.0.0/15", "{{path}}"]
[verdict-by-status]
0 = "pass"
1 = "fail"
3 = "tempfail"
[timeouts]
{TIMES}[identities]
helo = "verifier.target.test"
'''


def harness(*arguments, cwd=None):
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)]))
    return subprocess.run([sys.executable, "-m", "harness", *arguments], capture_output=True, text=True, timeout=120,
                          env=environment, cwd=cwd)


@pytest.fixture
def target(tmp_path):
    """target(text) -> the directory of a target with this target.toml."""
    def make(text):
        directory = tmp_path / "mine"
        directory.mkdir()
        (directory / "target.toml").write_text(text)
        return directory
    return make


def checked(directory, status):
    """The output of a check that ends with this status, without line breaks."""
    done = harness("check", str(directory))
    assert done.returncode == status, done.stdout + done.stderr
    return re.sub(r"\s+", " ", done.stdout)


def test_a_right_server(target):
    words = checked(target(SERVER.replace("MODE", "right")), 0)
    assert "good@check-good.test was accepted after a call" in words
    assert "unknown@check-unknown.test was refused after a call" in words
    assert "temporary@check-temporary.test was deferred after a call" in words
    assert "as declared: unknown-recipient" in words and "0 errors, 0 warnings" in words


@pytest.mark.parametrize("mode, words", [
    ("no-verification", ["without a call, and not one DNS query came. Is the verification switched on"]),
    ("mx-only", ["without a call: it asked the DNS (A mx1.check-good.test", "Does it only look for an MX record?"]),
    ("host-only", ["said no RCPT TO there: the last it said was 'QUIT'. It verifies hosts, not mailboxes"]),
    ("no-consequence", ["refused unknown@check-unknown.test with 550, and the answer was '250 OK' to RCPT: "
                        "the verification has no consequence; does its configuration refuse, or only warn"]),
    ("soft", ["a definite refusal is worded as 4yz, a pattern has to tell it from a temporary one: "
              'definite = "said: 5[0-9][0-9]"']),
    ("swapped", ["451, and the answer was '550 5.1.8 It was deferred' to RCPT: 4yz and 5yz are swapped in its configuration"]),
    ("later", ["capability deferred-verdict and a pattern of this reply, such as "
               'pending = "Sender address check under way, come again"']),
    ("rule", ["'554 5.7.1 Client host rejected' to RCPT, and not one DNS query came: it refused before it verified. "
              "Is user@target.test an address it accepts"]),
    ("unreachable", ["connected to no host, although 198.18.", "permit calling 198.18.0.0/15"]),
    ("silent", ["was not ready after 3 s (ready-timeout): wanted: a greeting with 220 at 192.0.2.25 port 25",
                "the last time: nothing came within 2 s"]),
])
def test_a_server_that_is_wrong(target, mode, words):
    seen = checked(target(SERVER.replace("MODE", mode)), 2)
    for each in words:
        assert each in seen
    assert "the adapter is wrong: no case was run" in seen


@pytest.mark.parametrize("mode, line", [
    ("soft", 'definite = "said: 5[0-9][0-9]"\n'),
    ("later", 'pending = "Sender address check under way, come again"\npoll-interval = 0.2\n'),
])
def test_the_pattern_that_is_proposed_mends_it(target, mode, line):
    text = line + SERVER.replace("MODE", mode)
    checked(target(text.replace('["session"', '["deferred-verdict", "session"') if "pending" in line else text), 0)


def test_a_verdict_that_never_comes(target):
    text = 'pending = "under way"\npoll-interval = 0.3\npoll-limit = 1\n' + SERVER.replace("MODE", "never")
    words = checked(target(text.replace('["session"', '["deferred-verdict", "session"')), 2)
    assert re.search(r"the answer was '450 [^']*' to RCPT, even after [2-9] questions: pending matches a reply that is final", words)


CALLED = 'roles = ["called-host"]\n' + SERVER.replace("MODE", "right").replace(f"[timeouts]\n{TIMES}", "")


def test_a_server_that_is_only_called(target):
    words = checked(target(CALLED), 0)
    assert "user@target.test was accepted from the null reverse-path" in words and "it offers ENHANCEDSTATUSCODES" in words
    assert "as declared: unknown-recipient 0 errors, 0 warnings" in words and "after a call" not in words


@pytest.mark.parametrize("change, status, words", [
    (('recipient = "user@', 'recipient = "nobody@'), 2, "error as a called host it answered '550 5.1.1 No such user here' to RCPT for "
     "nobody@target.test: is that an address it accepts"),
    (('recipient = "nobody@', 'recipient = "user@'), 2, "unknown-recipient is declared, which means: unknown-recipient is refused. But:"),
    (("right", "hangs-up"), 2, "error as a called host: the session ended without a reply to RCPT"),
    (('"unknown-recipient"]', '"unknown-recipient", "pipelining-server"]'), 2, "does not offer PIPELINING"),
    (("right", "no-null-sender"), 0, "warning as a called host it answered '550 5.7.1 No bounces here' to MAIL"),
    (("right", "greylists"), 0, "warning as a called host it answered '450 4.2.0 Come again' to RCPT for user@target.test: it defers"),
])
def test_a_server_that_is_only_called_and_wrong(target, change, status, words):
    assert change[0] in CALLED
    assert words in checked(target(CALLED.replace(*change, 1)), status)


def test_cases_of_another_role_are_one_line_and_not_on_record(target):
    directory = target(CALLED)
    done = harness("run", "--target", str(directory), "--area", "resp", "--area", "dlg", "--record")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ cases are for a verifier, which this target is not", done.stdout, re.MULTILINE)
    assert "dlg-" not in done.stdout and "dlg-" not in (directory / "recorded.toml").read_text()
    done = harness("run", "--target", str(directory), "--expect-recorded", "--level", "should", "-v")
    assert done.returncode == 0, done.stdout
    assert re.search(r"unsupported load-refusal-pause-over .*the target lacks: verifier", done.stdout)  # rather than hold-off


def test_what_only_deviates_is_a_warning(target):
    seen = checked(target(SERVER.replace("MODE", "all-soft")), 0)
    assert "warning" in seen and "it refuses nothing for good" in seen


def test_offers_are_told(target):
    seen = checked(target(SERVER.replace("MODE", "plain")), 0)
    assert "it offers SIZE; without ENHANCEDSTATUSCODES enhanced codes are not judged" in seen


def test_another_name_is_a_warning(target):
    seen = checked(target(SERVER.replace("MODE", "right").replace('helo = "verifier', 'helo = "other')), 0)
    assert 'it greets called hosts as verifier.target.test, and identities says helo = "other.target.test"' in seen


@pytest.mark.parametrize("change, words", [
    (('ready-timeout = 3', 'ready-timeout = 1\nport = 2525'), ["at 192.0.2.25 port 2525", "listening: 192.0.2.25 port 25"]),
    ((sys.executable, "/no/such/program"), ["start: /no/such/program does not exist"]),
    ((f'"{sys.executable}"', '"./server.py"'), ["start: ./server.py does not exist"]),
    ((f'["{sys.executable}"', '["sh", "-c", "no-such-program"'), ["ended with status 127 (a shell says so of a program that is not"]),
    ((f'["{sys.executable}"', '["sh", "-c", "echo oh dear; exit 3"'), ["ended with status 3", "oh dear"]),
    (('"nobody@target.test"', '"user@target.test"'), ["unknown-recipient is declared, which means: unknown-recipient is refused. "
                                                      "But: expected", "or leave the capability out"]),
    (('"unknown-recipient"]', '"unknown-recipient", "smtputf8"]'), [
        "smtputf8 is declared, and the reply to EHLO does not offer SMTPUTF8: switch it on or leave", "it offers ENHANCEDSTATUSCODES "]),
    (('"unknown-recipient"]', '"unknown-recipient", "auth"]'), ["auth needs auth-user, auth-password in [identities]"]),
    (('"unknown-recipient"]', '"deferred-verdict"]'), ["deferred-verdict needs pending"]),
    (('recipient = "user@target.test"\n', ""), ["identities: recipient is missing"]),
    (('[timeouts]', '[files]\n"a.conf" = "a.conf"\n[timeouts]'), ["files:", "a.conf does not exist"]),
])
def test_a_server_that_is_declared_wrong(target, change, words):
    assert change[0] in SERVER
    seen = checked(target(SERVER.replace("MODE", "right").replace(*change, 1)), 2)
    for each in words:
        assert each in seen


@pytest.mark.parametrize("change, words", [
    (('0 = "pass"\n1 = "fail"', '0 = "fail"\n1 = "pass"'), ["pass and fail are swapped in [verdict-by-status]"]),
    ((f'["{PROGRAMS["cbv"]}"', '["sh", "-c", "sleep 60", "{case}"'), ["it had not ended after ", "instead of ending with status 127"]),
    (('3 = "tempfail"\n', ""), ["it ended with status 3 and printed '", "nor [verdict-by-output] says which verdict that is"]),
    (('"{dns}"', '"192.0.2.54"'), ["not one DNS query came. Does it read /etc/resolv.conf", "write {dns} there"]),
    ((', "--permit", "198.18.0.0/15"', ""), ["connected to no host", "Does its configuration permit calling 198.18.0.0/15"]),
    ((f'["{PROGRAMS["cbv"]}"', '["sh", "-c", "no-such-program \\"$0\\""'), ["it ended with status 127", "no-such-program"]),
    ((f'["{PROGRAMS["cbv"]}"', f'["{sys.executable}", "-c", "raise RuntimeError(0)"'),
     ["not one DNS query came", "The command: status 1, and the end of what it printed is 'RuntimeError: 0'"]),
    ((f'["{PROGRAMS["cbv"]}"', '["sh", "-c", "kill -SEGV $$"'), ["command: for good@check-good.test: signal 11 (SIGSEGV) ended it"]),
    ((f'"{PROGRAMS["cbv"]}"', '"my-verifier"'), ["command: no program my-verifier is on the PATH"]),
    ((', "{path}"', ""), ["command: {path} is not in it: how does it learn what to verify?"]),
    ((f'["{PROGRAMS["cbv"]}"', f'["sh", "-c", "exec \\"$@\\"", "{{case}}", "{PROGRAMS["cbv"]}"'), []),
])
def test_a_command_that_is_wrong(target, change, words):
    assert change[0] in COMMAND
    text = COMMAND.replace(*change, 1)
    if "{case}" in text:
        text, words = "understands-cases = true\nclient-timeout = 2\n" + text, words + ["understands cases, but for the case no-such-"]
    seen = checked(target(text), 2)
    for each in words:
        assert each in seen


def test_a_command_without_tempfail_passes_with_a_warning(target):
    seen = checked(target(COMMAND.replace('3 = "tempfail"', '3 = "pass"')), 0)
    assert "its verdict map has no tempfail" in seen


def test_a_new_command_that_is_filled_in_passes(tmp_path):
    directory, _ = new_target.make("mine", "command", tmp_path)
    script = directory / "verify"
    script.write_text(script.read_text().replace("my-verifier", str(PROGRAMS["cbv"])))
    assert "0 errors, 0 warnings" in checked(directory, 0)


def test_no_case_is_run_with_a_wrong_adapter(target):
    directory = target(COMMAND.replace('"{dns}"', '"192.0.2.54"'))
    done = harness("run", "--target", str(directory), "--case", "dlg-null-sender")
    assert done.returncode == 2 and "the adapter of mine is wrong, so no case was run" in done.stderr
    assert "not one DNS query came" in done.stderr and f"check {directory} looks again" in done.stderr
    done = harness("run", "--target", str(directory), "--case", "dlg-null-sender", "--no-self-check")
    assert done.returncode == 1 and "self-check" not in done.stdout


def test_a_run_says_that_it_looked(target):
    done = harness("run", "--target", str(target(COMMAND)), "--case", "dlg-null-sender")
    assert done.returncode == 0 and "self-check: the adapter is right as far as can be seen" in done.stdout


@pytest.mark.parametrize("wrong, status, words", [
    ('or verdict.kind == "fail" else one_line(reply)', 2, "error the called host refused unknown@check-unknown.test with 550, "
     "and the answer was '250 2.1.5 Ok' to RCPT: the verification has no consequence"),
    ('else one_line(reply).replace(b"451 4", b"550 5")', 0, "warning the called host deferred temporary@check-temporary.test "
     "with 451, and the answer was '550 5."),
])
def test_a_policy_server_that_is_wrong(tmp_path, wrong, status, words):
    directory = tmp_path / "mine"
    shutil.copytree(TARGETS / "cbv-policy", directory)
    script = directory / "policy-server"
    right = script.read_text()
    assert "else one_line(reply)" in right
    script.write_text(right.replace("else one_line(reply)", wrong))
    assert words in checked(directory, status)


MILTER = SERVER.replace('"smtp"', '"milter"').replace('server.py", "MODE"', 'milter.py"').replace(
    '["session", "unknown-recipient"]', '["transactions"]')


def test_a_milter(target):
    assert "0 errors, 0 warnings" in checked(target(MILTER), 0)


def test_a_milter_that_negotiates_nothing(target):
    words = checked(target(MILTER.replace('milter.py"', 'milter.py", "deaf"')), 2)
    assert "wanted: an answer to SMFIC_OPTNEG at 192.0.2.25 port 10032" in words and "nothing came within 2 s" in words


def test_a_milter_that_is_an_smtp_server(target):
    words = checked(target(MILTER.replace('milter.py"', 'server.py", "right"').replace('"milter"', '"milter"\nport = 25', 1)), 2)
    assert "to SMFIC_OPTNEG it answered b'220 verifier.target.test" in words


@pytest.mark.parametrize("name", ["refserver", "cbv-cli", "cbv-policy"])
def test_the_targets_of_the_house_are_right(name):
    assert "0 errors, 0 warnings" in checked(name, 0)


def test_the_probes_are_cases_by_the_grammar():
    files = sorted((CONFORMANCE / "selfcheck").glob("*/*.xml"))
    done = subprocess.run(["xmllint", "--noout", "--relaxng", CONFORMANCE / "schema" / "case.rng", *files], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    suite = {path.stem for path in (CONFORMANCE / "cases").glob("*/*.xml")}
    assert files and not suite & {path.stem for path in files}
