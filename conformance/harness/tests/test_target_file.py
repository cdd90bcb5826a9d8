"""target.toml is read strictly; every mistake names the file and the key."""

import datetime
import pathlib
import re

import pytest

from harness import CONFORMANCE, TARGETS, UsageError, target_file, templates

TIMEOUTS = "[timeouts]\n" + "".join(f"{name} = 2\n" for name in target_file.TIMEOUTS)
IDENTITIES = '[identities]\nrecipient = "user@target.test"\nhelo = "verifier.test"\n'
SMTP = 'kind = "smtp"\nstart = ["server"]\n'
COMMAND = 'kind = "command"\ncommand = ["verify", "{path}"]\n'


def parse(text):
    return target_file.parse(text, "mine", pathlib.Path("mine/target.toml"))


def test_ten_lines_are_enough():
    spec = parse(SMTP + TIMEOUTS + IDENTITIES)
    assert (spec.kind, spec.port, spec.live) == ("smtp", 25, True)


@pytest.mark.parametrize("kind, port", [("policy", 10031), ("milter", 10032)])
def test_a_policy_server_and_a_milter_are_servers(kind, port):
    spec = parse(SMTP.replace("smtp", kind) + 'capabilities = ["transactions"]\npending = "later"\n' + TIMEOUTS + IDENTITIES)
    assert (spec.kind, spec.port, spec.live, spec.server) == (kind, port, True, True)
    assert parse(SMTP.replace("smtp", kind) + "port = 12\n" + TIMEOUTS + IDENTITIES).port == 12


def test_a_command_may_ask_a_server_of_its_own():
    spec = parse(COMMAND + 'start = ["server"]\nport = 12\n' + TIMEOUTS + IDENTITIES + '[verdict-by-status]\n0 = "pass"\n')
    assert (spec.start, spec.port, spec.server) == (["server"], 12, False)


def test_every_capability_that_cases_need_can_be_declared():
    grammar = (CONFORMANCE / "schema" / "case.rnc").read_text(encoding="utf-8")
    needs = re.search(r"^needs =(.*?)}", grammar, re.DOTALL | re.MULTILINE)[1]
    assert set(re.findall(r'"([a-z0-9-]+)"', needs)) <= set(target_file.CAPABILITIES)


def test_a_directory_names_a_target_of_the_users_own(tmp_path, monkeypatch):
    mine = tmp_path / "my mta"
    mine.mkdir()
    (mine / "target.toml").write_text(SMTP + TIMEOUTS + IDENTITIES)
    spec = target_file.load(str(mine))
    assert (spec.name, spec.directory, spec.option) == ("my mta", mine, f"'{mine}'")
    monkeypatch.chdir(tmp_path)
    assert target_file.load("my mta").option == target_file.load("./my mta").option == "'./my mta'"
    assert target_file.load("exim").option == "exim"


def test_a_name_of_the_house_is_not_a_directory_of_the_caller(tmp_path, monkeypatch):
    (tmp_path / "exim").mkdir()
    monkeypatch.chdir(tmp_path)
    assert target_file.load("exim").directory == TARGETS / "exim"
    with pytest.raises(UsageError, match="the directory has no target.toml"):
        target_file.load("./exim")
    with pytest.raises(UsageError, match="there is no such directory"):
        target_file.load("./none")


def test_memory_limits_and_roles_are_optional(tmp_path):
    spec = parse(SMTP + TIMEOUTS + IDENTITIES)
    assert (spec.limits, spec.roles) == ({}, ["verifier"])
    spec = parse(SMTP + 'roles = ["called-host"]\ncapabilities = ["cache"]\n' + TIMEOUTS
                 + "hold-off = 0\npass-lifetime = 86400\n" + IDENTITIES + '"blocked-client" = "198.51.100.9"\n'
                 + "[limits]\nattempts-per-address = 2\n")
    assert (spec.roles, spec.capabilities) == (["called-host"], ["cache"])
    values = templates.values_of(spec, tmp_path)
    assert (values["hold-off"], values["attempts-per-address"]) == ("0", "2")


def test_who_is_only_called_has_no_timers():
    spec = parse(SMTP + 'roles = ["called-host"]\n' + IDENTITIES)
    assert spec.only_called and set(spec.timeouts) == set(target_file.TIMEOUTS)
    spec = parse(SMTP + 'roles = ["called-host"]\n' + IDENTITIES + "[timeouts]\nbudget = 3\n")
    assert (spec.timeouts["budget"], spec.timeouts["dns-timeout"]) == (3, target_file.NO_CALLS)


@pytest.mark.parametrize("name", target_file.names())
def test_targets_of_the_house(name, tmp_path):
    spec = target_file.load(name)
    assert spec.description
    if spec.live:
        values = templates.values_of(spec, tmp_path)
        templates.write_files(spec, tmp_path, values)
        for path in spec.files:
            assert "{{" not in (tmp_path / path).read_text()
        for word in spec.start + [w for w in spec.command if w != "{path}"]:
            templates.expand(word, values, name)


@pytest.mark.parametrize("text, words", [
    ('kind = "smtp"\nstart = ["x"]\nsatrt = 1\n', "target.toml:3: unknown key 'satrt'; is start meant?"),
    ('kind = "smtp"\nstart = ["x"]\nxyzzy = 1\n', "target.toml:3: unknown key 'xyzzy'; the guide has a table of every key"),
    ('kind = smtp\n', "column 8): 'kind = smtp'; expected TOML: key = \"words in quotes\""),
    (COMMAND.replace('["verify", "{path}"]', '"verify"'), "target.toml:2: command: expected a list, [...], found"),
    ('kind = "pop3"\n', "kind: expected"),
    ('kind = "library"\nport = 25\n', "port: a target of kind library does not have it"),
    (SMTP + 'port = "25"\n', "port: expected a whole number"),
    (SMTP, "timeouts is missing"),
    (SMTP + 'roles = ["verifier", "called-host"]\n' + IDENTITIES, "timeouts is missing"),
    (SMTP + IDENTITIES + "[timeouts]\nbudget = 3\n", "timeouts: dns-timeout is missing"),
    (SMTP + IDENTITIES + TIMEOUTS + "courage = 3\n", "timeouts: unknown key 'courage'"),
    (SMTP + TIMEOUTS.replace("= 2", "= 0", 1) + IDENTITIES, "dns-timeout: expected seconds"),
    (SMTP + TIMEOUTS + IDENTITIES + 'name = "x"\n', "identities: unknown key 'name'"),
    (SMTP + 'pending = "("\n' + TIMEOUTS + IDENTITIES, "pending: "),
    (SMTP + 'roles = ["mx"]\n' + TIMEOUTS + IDENTITIES, "roles: expected verifier or called-host, found 'mx'"),
    (SMTP + "roles = []\n" + TIMEOUTS + IDENTITIES, "roles: expected each role once"),
    (SMTP + 'roles = ["verifier", "verifier"]\n' + TIMEOUTS + IDENTITIES, "roles: expected each role once"),
    (SMTP + 'capabilities = ["called-host"]\n' + TIMEOUTS + IDENTITIES, "called-host is a role"),
    (SMTP.replace("smtp", "milter") + 'roles = ["called-host"]\n' + TIMEOUTS + IDENTITIES, "a milter can only be a verifier"),
    (SMTP.replace("smtp", "policy") + 'capabilities = ["session"]\n' + TIMEOUTS + IDENTITIES,
     "a policy has no SMTP session of its own; what it can be asked through the suite's own MTA is transactions"),
    (COMMAND + 'capabilities = ["session"]\n' + TIMEOUTS + IDENTITIES, "a command has no SMTP session of its own"),
    (COMMAND + 'capabilities = ["transactions"]\n' + TIMEOUTS + IDENTITIES, "a command verifies one path"),
    (SMTP + 'capabilities = ["utf8"]\n' + TIMEOUTS + IDENTITIES, "capabilities: unknown word 'utf8'; there are session, "),
    (SMTP + "port = 0\n" + TIMEOUTS + IDENTITIES, "port: expected 1 to 65535, found 0"),
    (COMMAND + "start-spread = 1\n" + TIMEOUTS + IDENTITIES, "start-spread: a target of kind command does not have it"),
    (COMMAND + 'roles = ["called-host"]\n' + TIMEOUTS + IDENTITIES, "a command can only be a verifier"),
    (SMTP + TIMEOUTS + 'hold-off = "1m"\n' + IDENTITIES, "hold-off: expected seconds"),
    (SMTP + TIMEOUTS + "pass-lifetime = -1\n" + IDENTITIES, "pass-lifetime: expected seconds"),
    (SMTP + TIMEOUTS + "rcpt-timeout-2 = 1\n" + IDENTITIES, "there are dns-timeout, "),
    (SMTP + TIMEOUTS + IDENTITIES + "[limits]\nattempts = 2\n", "limits: unknown key 'attempts'"),
    (SMTP + TIMEOUTS + IDENTITIES + "[limits]\ncalls-per-domain = 0\n", "expected a count from 1, found 0"),
    ('kind = "library"\nroles = ["verifier"]\n', "a target of kind library does not have it"),
    (COMMAND + TIMEOUTS + IDENTITIES, "verdict-by-status or verdict-by-output is needed"),
    (COMMAND + TIMEOUTS + IDENTITIES + '[verdict-by-status]\n127 = "fail"\n', "127"),
    (COMMAND + TIMEOUTS + IDENTITIES + '[verdict-by-output]\nmaybe = "x"\n', "verdict-by-output: expected"),
    (COMMAND + "understands-cases = true\n" + TIMEOUTS + IDENTITIES + '[verdict-by-status]\n0 = "pass"\n',
     "without {case}"),
    (SMTP + 'packages = ["post fix"]\n' + TIMEOUTS + IDENTITIES, "expected a Debian package"),
    (SMTP + 'packages = ["-o=x"]\n' + TIMEOUTS + IDENTITIES, "expected a Debian package"),
    (SMTP + 'packages = ["postfix", "postfix=3.7.11-0+deb12u1"]\n' + TIMEOUTS + IDENTITIES, "each package once"),
    (SMTP + "with-dependencies = true\n" + TIMEOUTS + IDENTITIES, "there are no packages"),
    (COMMAND + 'npm = ["email-verify"]\n' + TIMEOUTS + IDENTITIES, "npm: expected name@version with an exact version"),
    (COMMAND + 'npm = ["email-verify@^0.2.1"]\n' + TIMEOUTS + IDENTITIES, "with an exact version, found 'email-verify@^0.2.1'"),
    (COMMAND + 'npm = ["@a/b@1.0.0", "@a/b@1.0.1"]\n' + TIMEOUTS + IDENTITIES, "npm: expected each package once"),
    (COMMAND + 'start = ["server"]\n' + TIMEOUTS + IDENTITIES + '[verdict-by-status]\n0 = "pass"\n', "port is missing: where"),
    ("kind = ", "mine/target.toml"),
])
def test_mistakes(text, words):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert "mine/target.toml" in str(caught.value)


WAIVER = '[[waivers]]\ncase = "dlg-x"\nfinding = "no-quit"\nreason = "r"\nreference = "bug 1"\n'


def test_waivers():
    spec = parse('kind = "library"\n' + WAIVER + "expires = 2030-01-01\n")
    assert spec.waivers[0].expires == datetime.date(2030, 1, 1)
    for bad in (WAIVER, WAIVER + 'expires = "soon"\n', WAIVER + "expires = 2030-01-01\nwhy = 1\n"):
        with pytest.raises(UsageError, match="waivers"):
            parse('kind = "library"\n' + bad)


def test_unknown_target_names_the_known_ones():
    with pytest.raises(UsageError, match="library"):
        target_file.load("no-such-target")


def test_templates():
    values = {"a": "1", "long-name": "2"}
    assert templates.expand("{a}{long-name} {A} {}", values, "f") == "12 {A} {}"
    assert templates.render("{a} {{a}}", values, "f") == "{a} 1"
    with pytest.raises(UsageError, match="f:2: unknown name {{b}}"):
        templates.render("x\n{{b}}", values, "f")


def test_timeouts_are_scaled_in_templates(tmp_path):
    spec = parse(SMTP + TIMEOUTS.replace("rcpt-timeout = 2", "rcpt-timeout = 1.25") + IDENTITIES)
    assert templates.values_of(spec, tmp_path)["rcpt-timeout"] == "1.25"
    assert templates.values_of(spec, tmp_path, scale=2.0)["rcpt-timeout"] == "2.5"
