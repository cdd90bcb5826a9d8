"""A failure in words: what the draft says, what was expected and seen, the time line, and how to see
it again.
"""

from harness import command, draft, explained


def replay_command(case_id, target):
    return command("replay", case_id, "--target", target)


def time_line(outcome):
    """The time line as lines of text, the client's leg at the margin."""
    return [f"    {event}" for event in outcome.timeline] or ["    (nothing happened)"]


def known(case, finding, explanations):
    """What the target's explained.toml says of it, as lines."""
    entry = explained.of(explanations, case, finding)
    if not entry:
        return []
    return [f"    known:    {entry.explanation}", *([f"    setting:  {entry.setting}"] if entry.setting else []),
            f"    see:      {entry.reference}"]


def findings(outcome, explanations=None):
    """One block of lines for each finding."""
    lines = []
    for finding in outcome.findings:
        kind = "note" if finding.note else "timing" if finding.timing else "finding"
        lines.append(f"  {kind} {finding.word}")
        requirement = finding.requirement or outcome.case.requirements[0]
        lines.append(f"    {requirement}: {draft.sentence(requirement) or 'not in the draft'}")
        lines.append(f"    expected: {finding.expected}")
        lines.append(f"    seen:     {finding.seen}")
        lines += known(outcome.case, finding, explanations)
    return lines


def describe(outcome, target, explanations=None):
    """Everything about one case's outcome; `explanations`: the target's explained.Explanations, if it has any."""
    case = outcome.case
    lines = [f"{case.id} ({case.requirements[0]}, {case.level}): {case.title}"]
    if not outcome.findings:
        lines.append(f"  {case.requirements[0]}: {draft.sentence(case.requirements[0]) or 'not in the draft'}")
    for text in (outcome.reason, outcome.rerun, outcome.problem):
        if text:
            lines.append(f"  {text}")
    lines += findings(outcome, explanations)
    if outcome.ended:
        lines.append(f"  the command: {outcome.ended}")
    lines += ["  time line (seconds, leg, < received, > sent)"] + time_line(outcome)
    lines.append(f"  replay:  {replay_command(case.id, target)}")
    return "\n".join(lines)
