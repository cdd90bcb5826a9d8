"""What the self-check makes of the declarations: offers in the reply to EHLO, the name it greets called
hosts with, and the probes that look at one capability each. A probe's level says how much it matters:
MUST is an error, because it is the adapter's fact; SHOULD is a warning, because it may be the
implementation's doing.
"""

import re

from harness.self_check.called import PROBE as CALLED
from harness.self_check.paths import PATHS
from harness.target_file import ROLES

# capability -> the keyword of EHLO that shows it
OFFERED = {"smtputf8": "SMTPUTF8", "pipelining-server": "PIPELINING", "auth": "AUTH"}
CALLED_HOST = ("pipelining-server",)  # those of them that cases of a called host ask for
ENHANCED = "ENHANCEDSTATUSCODES"
OFFER_PROBES = ("check-offers", CALLED)  # the first that was run
ELSEWHERE = {*(f"check-{name}" for name in PATHS), *OFFER_PROBES}


def judge(report, seen):
    """Adds what declarations are kept, and which are not, to the report."""
    if probe := next((seen[name] for name in OFFER_PROBES if name in seen), None):
        _offers(report, probe)
    if "check-good" in seen:
        _name(report, seen["check-good"])
    kept = []
    for name, probe in seen.items():
        if name not in ELSEWHERE:
            _one(report, probe, kept)
    if kept:
        report.ok(f"as declared: {', '.join(sorted(kept))}")
    looked_at = {word for probe in seen.values() for word in probe.case.needs} | (set(OFFERED) if "check-offers" in seen else set())
    if unseen := sorted(set(report.spec.capabilities) - looked_at):
        report.ok(f"declared, and not looked at here: {', '.join(unseen)}")


def _offers(report, probe):
    replies = {kind: answer for answer, (kind, _) in zip(probe.outcome.replies, probe.case.steps)}
    if probe.outcome.status == "error" or "ehlo" not in replies or replies["ehlo"].code != 250:
        what = probe.outcome.reason or f"{replies['ehlo'].code} {replies['ehlo'].text}"
        report.fail(f"EHLO was not answered with 250: {what}")
        return
    offered = {line.split(" ")[0].upper() for line in replies["ehlo"].text.split("\\n")[1:]}
    unjudged = "" if ENHANCED in offered else f"; without {ENHANCED} enhanced codes are not judged"
    report.ok(f"it offers {', '.join(sorted(offered)) or 'nothing'}{unjudged}")
    askable = OFFERED if "verifier" in report.spec.roles else CALLED_HOST
    for capability, keyword in OFFERED.items():
        if capability in report.spec.capabilities and keyword not in offered:
            report.fail(f"capabilities: {capability} is declared, and the reply to EHLO does not offer {keyword}: "
                        "switch it on or leave the capability out")
        elif capability in askable and capability not in report.spec.capabilities and keyword in offered and capability != "auth":
            report.warn(f"capabilities: it offers {keyword}: with {capability} declared more cases can be run")


def _name(report, probe):
    wanted, name = report.spec.identities["helo"], probe.greeting_name
    if name and name.lower() != wanted.lower():
        report.warn(f"it greets called hosts as {name}, and identities says helo = \"{wanted}\": write the name it is configured "
                    "with, or configure it with this one ({{helo}} in a file)")


def _one(report, probe, kept):
    """A probe of one capability."""
    capability = " ".join(sorted(probe.case.needs - {"session", "transactions", *ROLES}))
    outcome = probe.outcome
    if outcome.status in ("pass", "note"):
        kept += [capability] * (capability not in kept)
        return
    what = outcome.reason if outcome.status in ("error", "unsupported") else "; ".join(
        f"expected {f.expected}, seen {f.seen}" for f in outcome.findings if not f.note)
    say = report.fail if probe.case.level == "MUST" else report.warn
    title = probe.case.title[0].lower() + probe.case.title[1:]
    title = probe.case.title if re.match(r"[A-Z]{2}", probe.case.title) else title
    say(f"capabilities: {capability} is declared, which means: {title}. But: {what}. {' '.join(probe.case.why.split())}")
