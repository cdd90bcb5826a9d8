"""What the self-check makes of a target as the server that is called: whether it takes a recipient of its own from
the null reverse-path. How it words refusals is for the cases.
"""

PROBE = "check-called"


def judge(report, seen):
    """Adds what the probe shows to the report; without the role there is none."""
    if PROBE not in seen:
        return
    probe = seen[PROBE]
    kind, code, text = probe.reply
    if probe.without_answer or not code:
        report.fail(f"as a called host: {probe.outcome.reason or 'the session ended without a reply to RCPT'}")
        return
    recipient = report.spec.identities["recipient"]
    answer = f"as a called host it answered '{code} {text}' to {kind.upper()}"
    if kind != "rcpt":
        report.warn(f"{answer}, with the null reverse-path: cases of a called host will say so")
    elif code // 100 == 2:
        report.ok(f"{recipient} was accepted from the null reverse-path")
    elif code // 100 == 4:
        report.warn(f"{answer} for {recipient}: it defers a recipient of its own, for the null reverse-path or for clients it does "
                    "not know yet")
    else:
        report.fail(f"{answer} for {recipient}: is that an address it accepts (identities: recipient)? May a client of "
                    "198.51.100.0/24 send to it?")
