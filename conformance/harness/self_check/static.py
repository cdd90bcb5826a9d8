"""The part of the self-check that starts nothing: files, programs, and declarations that contradict each
other. What target_file.py refuses is not looked at again.
"""

import ipaddress
import os
import pathlib
import shutil

from harness import UsageError, packages, versions
from harness.process import Workspace

# capability -> the identities it promises
PROMISED = {"unknown-recipient": ("unknown-recipient",), "local-domain": ("local-domain", "local-user", "local-unknown"),
            "auth": ("auth-user", "auth-password"), "allow-list": ("allow-domain", "allow-client", "allow-path"),
            "do-not-call": ("do-not-call-domain", "do-not-call-address", "do-not-call-idn"), "local-rule": ("blocked-client",),
            "relay-client": ("relay-client",), "relayed-domain": ("relayed-domain", "relayed-user", "relayed-unknown"),
            "spf-result": ("spf-pass-client", "spf-softfail-client", "spf-fail-client")}
ADDRESSES = ("allow-client", "do-not-call-address", "blocked-client", "relay-client", "spf-pass-client",
             "spf-softfail-client", "spf-fail-client")
MAILBOXES = ("recipient", "unknown-recipient", "local-user", "local-unknown", "allow-path", "relayed-user", "relayed-unknown")
STAGES = ("dns-timeout", "connect-timeout", "greeting-timeout", "ehlo-timeout", "mail-timeout", "rcpt-timeout")
LONG = 60.0  # seconds of a budget that make a run long


def look(report):
    """Adds what it finds to the report."""
    before = len(report.lines)
    _identities(report)
    _capabilities(report)
    _times(report)
    _program(report)
    if not any(kind == "error" for kind, _ in report.lines[before:]):
        report.ok("its files, programs and declarations are in order")


def _identities(report):
    identities = report.spec.identities
    for name in sorted({"recipient", "helo"} - set(identities)):
        report.fail(f"identities: {name} is missing: " + {
            "recipient": "without an address it accepts hardly a case can be run",
            "helo": "the name it greets called hosts with; cases compare it, and the fake DNS knows its address"}[name])
    for name in MAILBOXES:
        if name in identities and "@" not in identities[name]:
            report.fail(f"identities: {name}: expected an address such as user@target.test, found {identities[name]!r}")
    for name in ADDRESSES:
        if name in identities and not _is_address(identities[name]):
            report.fail(f"identities: {name}: expected an IP address, found {identities[name]!r}")


def _is_address(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _capabilities(report):
    spec = report.spec
    for capability, names in PROMISED.items():
        missing = [name for name in names if name not in spec.identities]
        if capability in spec.capabilities and missing:
            report.fail(f"capabilities: {capability} needs {', '.join(missing)} in [identities]")
    if "deferred-verdict" in spec.capabilities and not spec.pending:
        report.fail("capabilities: deferred-verdict needs pending: a pattern of the reply that is not final")
    if spec.pending and "deferred-verdict" not in spec.capabilities:
        report.fail("pending: say also that verdicts may come later: capability deferred-verdict")
    needed = {"smtp": "session", "policy": "transactions", "milter": "transactions"}.get(spec.kind)
    if needed and needed not in spec.capabilities:
        report.warn(f"capabilities: without {needed} most cases are unsupported: what does it lack?")
    if spec.kind == "command" and not any("{path}" in word or "{case}" in word for word in spec.command):
        report.fail("command: {path} is not in it: how does it learn what to verify?")


def _times(report):
    times = report.spec.timeouts
    for name in STAGES:
        if times[name] > times["budget"]:
            report.warn(f"timeouts: {name} = {times[name]:g} can never elapse: budget = {times['budget']:g} is less")
    if times["budget"] > LONG:
        report.warn(f"timeouts: budget = {times['budget']:g}: a run waits longer than that for its longest case; set the "
                    "implementation's timers to a few seconds and declare those")


def _program(report):
    """Renders the files, and looks whether what shall be started can be."""
    spec = report.spec
    try:
        if spec.version:
            report.ok(f"its version is {versions.of(spec)[0]}")
    except UsageError as error:
        report.fail(str(error).removeprefix(f"{spec.directory}/target.toml: "))
    if (spec.packages or spec.npm) and not packages.versions(spec):
        report.fail(f"packages: {', '.join(spec.packages + spec.npm)} are not at {packages.prefix_of(spec)}")
    key = "start" if spec.server else "command"
    try:
        with Workspace(spec) as workspace:
            words = workspace.arguments(key, **({} if spec.server else {"path": "user@check.test", "case": "check"}))
            if not words:
                report.fail(f"{key}: it is empty")
            elif trouble := _not_executable(words[0], workspace.state, spec):
                report.fail(f"{key}: {trouble}")
    except UsageError as error:
        report.fail(str(error).removeprefix(f"{spec.directory}/target.toml: "))


def _not_executable(program, state, spec):
    """'' or what is wrong with the program of an argument list."""
    if "/" not in program:
        if shutil.which(program):
            return ""
        mine = " ({targetdir}/%s is there: write that)" % program if (spec.directory / program).exists() else ""
        return f"no program {program} is on the PATH{mine}"
    path = pathlib.Path(state, program)
    if not path.exists():
        if (spec.directory / program).exists():
            return f"{program} does not exist in {{state}}, where it is started; write {{targetdir}}/{program.removeprefix('./')}"
        return f"{path if program.startswith('/') else program} does not exist"
    if path.is_dir() or not os.access(path, os.X_OK):
        return f"{path} is not executable: chmod +x {path}"
    return _no_interpreter(path)


def _no_interpreter(path):
    """'' or what is wrong with the first line of a script."""
    try:
        with open(path, "rb") as file:
            line = file.readline(256)
    except OSError:
        return ""  # it may be run without being read
    words = line[2:].split() if line.startswith(b"#!") else []
    if words and not os.access(os.fsdecode(words[0]), os.X_OK):
        return f"{path}: its interpreter {os.fsdecode(words[0])} does not exist or is not executable"
    return ""
