"""How long a case will take: not guessed but played, against the library in virtual time with the timeouts the
target declares. An implementation that departs from the draft may take longer; the line that waits for it then
says so.
"""

import cbv


def stand_in(spec, scale=1.0):
    """The library in the place of a target: what it declares, and whatever else a case may need."""
    library = cbv.library_target()
    recipient = spec.identities["recipient"]  # cases name it, so the library must take it for its own
    identities = {**library.identities, "local-user": recipient, "local-domain": recipient.rpartition("@")[2], **spec.identities}
    return cbv.Target(name=spec.name, kind="library", roles=set(spec.roles), timeouts=dict(spec.timeouts),
                      capabilities=set(spec.capabilities) | library.capabilities, limits=dict(spec.limits),
                      identities=identities, scale=scale)


def of_cases(spec, cases, scale=1.0):
    """{case id: seconds} of cases that were loaded for the target at this scale. A target that answers later
    (deferred-verdict) takes a poll for each recipient, and its slack."""
    target, found = stand_in(spec, scale), {}
    for case in cases:
        try:
            seconds = cbv.run_virtual(case, target).elapsed
        except (ValueError, RuntimeError):  # it says nothing of the case: it will be waited for without a number
            continue
        found[case.id] = seconds + _polling(spec, case, scale)
    return found


def _polling(spec, case, scale):
    """Seconds that answers come later than their verdict."""
    if "deferred-verdict" not in spec.capabilities:
        return 0.0
    most = max((sum(kind == "rcpt" for kind, _ in client.steps) for client in case.clients), default=0)
    return most * spec.poll_interval * scale + spec.slack


def grace(spec):
    """Seconds after which a case that should be over is called overdue."""
    return spec.slack + 1.0
