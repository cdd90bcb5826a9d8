"""Reads targets/<name>/target.toml strictly: an unknown or ill-typed key is an error that names the
file and the key, because a misspelt key would silently weaken a test.
"""

import pathlib
import re
import shlex
import tomllib
from dataclasses import dataclass, field

from harness import TARGETS, UsageError, meant, waivers

TIMEOUTS = ("dns-timeout", "connect-timeout", "greeting-timeout", "ehlo-timeout", "mail-timeout",
            "rcpt-timeout", "quit-timeout", "budget")
# Of a verifier's memory: a target that declares none of these cannot run the cases that need them.
LIFETIMES = ("pass-lifetime", "fail-lifetime", "hold-off", "refusal-pause", "patience")
LONGEST_LIFETIME = 30 * 86400
LIMITS = ("attempts-per-call", "attempts-per-address", "attempts-in-all", "calls-per-domain", "fails-per-client",
          "calls-per-client")
ROLES = ("verifier", "called-host")
# A target that is only called has no timers of calls; the engine wants some, and no case of a called host looks at them.
NO_CALLS = 30.0
# What a server listens on when its file does not say. A policy server and a milter have no registered port.
PORTS = {"smtp": 25, "policy": 10031, "milter": 10032}
# FORMAT.md says what each means; a misspelt one would make cases unsupported, and nobody would notice.
CAPABILITIES = ("session", "transactions", "deferred-verdict", "smtputf8", "auth", "ipv6", "pipelining-server",
                "local-domain", "unknown-recipient", "allow-list", "do-not-call", "local-rule", "cache", "hold-off",
                "rate-limit", "client-limit", "relay-client", "relayed-domain", "spf-result", "foreground", "background",
                "soft-nxdomain", "null-sender-fails", "control-question", "standing-memory", "ipv4-only")
VERDICTS = ("pass", "fail", "tempfail", "unverifiable", "none")
IDENTITIES = ("recipient", "unknown-recipient", "local-domain", "local-user", "local-unknown", "helo",
              "auth-user", "auth-password", "allow-domain", "allow-client", "allow-path", "do-not-call-domain", "do-not-call-address",
              "do-not-call-idn",
              "blocked-client", "relay-client", "relayed-domain", "relayed-user", "relayed-unknown",
              "spf-pass-client", "spf-softfail-client", "spf-fail-client")


@dataclass
class Spec:
    """What a target.toml says. Times are seconds."""

    name: str
    directory: pathlib.Path
    kind: str  # "library", "smtp", "policy", "milter", "command"
    description: str = ""
    # how to get and run it
    packages: list = field(default_factory=list)  # Debian packages, unpacked, never installed
    start: list = field(default_factory=list)  # a server, or what a command asks: argument list
    command: list = field(default_factory=list)  # command: argument list of one verification
    version: list = field(default_factory=list)  # argument list of what prints its version
    env: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)  # path in {state} -> template, relative to target.toml
    values: dict = field(default_factory=dict)  # further {{names}}; a value may use other {names}
    with_dependencies: bool = False  # of packages: all they depend on, not libraries only
    npm: list = field(default_factory=list)  # npm packages, name@version; package-lock.json beside it pins the rest
    several_users: bool = False  # needs more than one user id in the lab
    stop_signal: str = "TERM"
    ready_timeout: float = 30.0
    # how to talk to it
    address: str = "192.0.2.25"
    port: int = 0  # a server's; PORTS has what it is by default, a command's has none
    roles: list = field(default_factory=lambda: ["verifier"])  # what cases may use it as
    capabilities: list = field(default_factory=list)
    timeouts: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)  # LIMITS -> a count; undeclared: the draft's default
    identities: dict = field(default_factory=dict)
    slack: float = 0.75
    client_timeout: float = 300.0
    start_spread: float = 1.0  # the clients come within this time, not in one burst
    # code map (a server)
    pending: str = ""
    definite: str = ""
    poll_interval: float = 1.0
    poll_limit: float = 120.0
    # verdict map (command)
    verdict_by_status: dict = field(default_factory=dict)  # "0" -> verdict; looked at first
    verdict_by_output: dict = field(default_factory=dict)  # verdict -> regex on what it printed
    understands_cases: bool = False  # {case} is given; an unknown case must exit with 127
    parallel: int = 64
    waivers: list = field(default_factory=list)

    @property
    def live(self):
        """Whether it runs in the lab."""
        return self.kind != "library"

    @property
    def server(self):
        """Whether it is started once and listens."""
        return self.kind in PORTS

    @property
    def only_called(self):
        """Whether it verifies nothing, and others verify against it."""
        return self.roles == ["called-host"]

    @property
    def option(self):
        """What --target takes for it, as a shell wants it: its name, or the directory of a user's own."""
        if self.directory == TARGETS / self.name:
            return self.name
        here = pathlib.Path.cwd()
        near = self.directory.is_relative_to(here) and self.directory != here
        return shlex.quote(f"./{self.directory.relative_to(here)}" if near else str(self.directory))


# key -> (type, kinds that may have it)
_SERVERS = tuple(PORTS)
_LIVE = (*_SERVERS, "command")
_ALL = ("library", *_LIVE)
_KEYS = {
    "kind": (str, _ALL), "description": (str, _ALL), "waivers": (list, _ALL), "slack": (float, _ALL),
    "packages": (list, _LIVE), "version": (list, _LIVE), "env": (dict, _LIVE), "files": (dict, _LIVE), "values": (dict, _LIVE),
    "several-users": (bool, _LIVE), "capabilities": (list, _LIVE), "roles": (list, _LIVE),
    "timeouts": (dict, _LIVE), "limits": (dict, _LIVE),
    "identities": (dict, _LIVE), "client-timeout": (float, _LIVE), "address": (str, _LIVE),
    "start": (list, _LIVE), "stop-signal": (str, _LIVE), "ready-timeout": (float, _LIVE),
    "port": (int, _LIVE), "start-spread": (float, _SERVERS), "pending": (str, _SERVERS),
    "definite": (str, _SERVERS), "poll-interval": (float, _SERVERS), "poll-limit": (float, _SERVERS),
    "command": (list, ("command",)), "verdict-by-status": (dict, ("command",)),
    "verdict-by-output": (dict, ("command",)), "understands-cases": (bool, ("command",)),
    "parallel": (int, ("command",)),
    "with-dependencies": (bool, _LIVE), "npm": (list, _LIVE),
}
# What is expected, in words.
_TYPES = {str: "a string in quotes", float: "a number", int: "a whole number", bool: "true or false", list: "a list, [...]",
          dict: "a table of names and values"}
_REQUIRED = {
    "library": ("kind",),
    **{kind: ("kind", "start", "timeouts", "identities") for kind in _SERVERS},
    "command": ("kind", "command", "timeouts", "identities"),
}


def names():
    """Every target of the house."""
    return sorted(p.parent.name for p in TARGETS.glob("*/target.toml"))


def directory_of(name):
    """Where the target is: one of the house by its name, any other by its directory. UsageError says what
    is missing."""
    if (TARGETS / name / "target.toml").is_file() and "/" not in name:
        return TARGETS / name
    path = pathlib.Path(name)
    if "/" not in name and not path.is_dir():
        raise UsageError(f"no target {name!r}: there are {', '.join(names())}, and a directory of your own, such as "
                         f"./{name}, which `new-target {name}` makes")
    if not path.is_dir():
        raise UsageError(f"no target {name!r}: there is no such directory")
    if not (path / "target.toml").is_file():
        raise UsageError(f"no target {name!r}: the directory has no target.toml")
    return path.resolve()


def load(name):
    """The Spec of a target, which is named by its name or its directory; UsageError when there is none or
    its file is at fault."""
    directory = directory_of(name)
    path = directory / "target.toml"
    try:
        return parse(path.read_text(encoding="utf-8"), directory.name, path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None


def parse(text, name, path):
    """As load(), from text; `path` stands for the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}{_text_at(text, str(error))}") from None
    kind = data.get("kind")
    if kind not in _REQUIRED:
        raise UsageError(f"{path}: kind: expected {', '.join(_ALL[:-1])} or {_ALL[-1]}, found {kind!r}")
    spec = Spec(name=name, directory=path.parent, kind=kind, port=PORTS.get(kind, 0))
    for key, value in data.items():
        if key not in _KEYS:
            more = meant(key, _KEYS) or "; the guide has a table of every key"
            raise UsageError(f"{path}{_line(text, key)}: unknown key {key!r}{more}")
        wanted, kinds = _KEYS[key]
        if kind not in kinds:
            raise UsageError(f"{path}: {key}: a target of kind {kind} does not have it")
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted:
            raise UsageError(f"{path}{_line(text, key)}: {key}: expected {_TYPES[wanted]}, found {value!r}")
        setattr(spec, key.replace("-", "_"), value)
    for key in _REQUIRED[kind]:
        if key not in data and not (key == "timeouts" and spec.only_called):
            raise UsageError(f"{path}: {key} is missing")
    _check(spec, path)
    spec.waivers = waivers.of_tables(spec.waivers, path)
    return spec


def _text_at(text, error):
    """What stands in the line where the parser gave up."""
    found = re.search(r"\(at line (\d+)", error)
    lines = text.splitlines()
    if not found or int(found[1]) > len(lines):
        return ""
    return f": {lines[int(found[1]) - 1].strip()!r}; expected TOML: key = \"words in quotes\", [\"a list\"], a number, true or false; each key once"


def _line(text, key):
    """':7', where the key of the top level stands; '' where it cannot be said."""
    found = re.search(rf"(?m)^[ \t]*(\[+ *)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", text)
    return f":{text.count(chr(10), 0, found.end()) + 1}" if found else ""


def _check(spec, path):
    """What a type alone does not say."""
    for key in ("packages", "npm", "start", "command", "version", "capabilities", "roles"):
        if not all(isinstance(item, str) for item in getattr(spec, key)):
            raise UsageError(f"{path}: {key}: expected a list of strings")
    for key in ("env", "files", "values", "identities"):
        if not all(isinstance(item, str) for item in getattr(spec, key).values()):
            raise UsageError(f"{path}: {key}: expected strings")
    for key in spec.identities:
        if key not in IDENTITIES:
            raise UsageError(f"{path}: identities: unknown key {key!r}; there are {', '.join(IDENTITIES)}")
    if spec.live:
        _check_packages(spec, path)
        _check_roles(spec, path)
        _check_capabilities(spec, path)
        _check_numbers(spec, path)
    if spec.kind == "command":
        spec.identities.setdefault("recipient", "user@target.test")  # cases name it; nobody asks the command for it
        _check_verdicts(spec, path)
    for key in ("pending", "definite"):
        _check_regex(getattr(spec, key), f"{path}: {key}")
    if spec.stop_signal not in ("TERM", "INT", "KILL", "QUIT"):
        raise UsageError(f"{path}: stop-signal: expected TERM, INT, QUIT or KILL")


def _check_packages(spec, path):
    """Names go to apt and npm as arguments: nothing else may come through."""
    for package in spec.packages:
        if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+(=[A-Za-z0-9.+:~-]+)?", package):
            raise UsageError(f"{path}: packages: expected a Debian package, as name or name=version, found {package!r}")
    for package in spec.npm:
        if not re.fullmatch(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*@\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", package):
            raise UsageError(f"{path}: npm: expected name@version with an exact version, found {package!r}")
    for key, separator in (("packages", "="), ("npm", "@")):
        named = [package.rpartition(separator)[0] or package for package in getattr(spec, key)]
        if len(set(named)) != len(named):
            raise UsageError(f"{path}: {key}: expected each package once")
    if spec.with_dependencies and not spec.packages:
        raise UsageError(f"{path}: with-dependencies: there are no packages")


def _check_roles(spec, path):
    for role in spec.roles:
        if role not in ROLES:
            raise UsageError(f"{path}: roles: expected {' or '.join(ROLES)}, found {role!r}")
    if not spec.roles or len(set(spec.roles)) != len(spec.roles):
        raise UsageError(f"{path}: roles: expected each role once, and at least one")
    if spec.kind != "smtp" and spec.roles != ["verifier"]:
        raise UsageError(f"{path}: roles: a {spec.kind} can only be a verifier")
    for word in ROLES:
        if word in spec.capabilities:
            raise UsageError(f"{path}: capabilities: {word} is a role: it belongs into roles")


def _check_capabilities(spec, path):
    for word in spec.capabilities:
        if word not in CAPABILITIES:
            raise UsageError(f"{path}: capabilities: unknown word {word!r}; there are {', '.join(CAPABILITIES)}")
    if spec.kind != "smtp" and "session" in spec.capabilities:
        other = "" if spec.kind == "command" else "; what it can be asked through the suite's own MTA is transactions"
        raise UsageError(f"{path}: capabilities: a {spec.kind} has no SMTP session of its own{other}")
    if spec.kind == "command" and "transactions" in spec.capabilities:
        raise UsageError(f"{path}: capabilities: a command verifies one path and has no transactions")


def _check_numbers(spec, path):
    """Seconds of the timers, which all must be there, and of the lifetimes; counts of the limits."""
    if spec.start and not spec.server and not spec.port:
        raise UsageError(f"{path}: port is missing: where what `start` starts listens")
    if (spec.server or spec.start) and not 0 < spec.port < 65536:
        raise UsageError(f"{path}: port: expected 1 to 65535, found {spec.port}")
    for key, value in spec.timeouts.items():
        if key not in TIMEOUTS + LIFETIMES:
            raise UsageError(f"{path}: timeouts: unknown key {key!r}; there are "
                             f"{', '.join(TIMEOUTS + LIFETIMES)}")
        good = type(value) in (int, float)
        if key in TIMEOUTS and not (good and 0 < value <= 3600):
            raise UsageError(f"{path}: timeouts: {key}: expected seconds, found {value!r}")
        if key in LIFETIMES and not (good and 0 <= value <= LONGEST_LIFETIME):
            raise UsageError(f"{path}: timeouts: {key}: expected seconds (0: kept for no time), found {value!r}")
    for key in TIMEOUTS:
        if spec.only_called:
            spec.timeouts.setdefault(key, NO_CALLS)
        if key not in spec.timeouts:
            raise UsageError(f"{path}: timeouts: {key} is missing")
    for key, value in spec.limits.items():
        if key not in LIMITS:
            raise UsageError(f"{path}: limits: unknown key {key!r}; there are {', '.join(LIMITS)}")
        if type(value) is not int or value < 1:
            raise UsageError(f"{path}: limits: {key}: expected a count from 1, found {value!r}")


def _check_verdicts(spec, path):
    if not spec.verdict_by_status and not spec.verdict_by_output:
        raise UsageError(f"{path}: verdict-by-status or verdict-by-output is needed")
    for status, verdict in spec.verdict_by_status.items():
        if not re.fullmatch(r"[0-9]{1,3}", status) or verdict not in VERDICTS or status == "127":
            raise UsageError(f"{path}: verdict-by-status: {status} = {verdict!r}: expected an exit "
                             f"status other than 127 and one of {', '.join(VERDICTS)}")
    for verdict, pattern in spec.verdict_by_output.items():
        if verdict not in VERDICTS:
            raise UsageError(f"{path}: verdict-by-output: expected {', '.join(VERDICTS)}, found {verdict!r}")
        _check_regex(pattern, f"{path}: verdict-by-output: {verdict}")
    if spec.understands_cases and not any("{case}" in word for word in spec.command):
        raise UsageError(f"{path}: understands-cases without {{case}} in command")


def _check_regex(pattern, where):
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"{where}: {error}") from None
