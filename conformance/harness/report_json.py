"""The result of a run as JSON. The keys are described in result.schema.json and stay as they are; a
new key may be added.
"""

import json

from harness import UsageError, draft, suite

VERSION = 1


def outcome_json(outcome):
    case = outcome.case
    return {
        "id": case.id,
        "requirements": case.requirements,
        "level": case.level,
        "area": case.area,
        "title": case.title,
        "status": outcome.status,
        "seconds": round(outcome.elapsed, 6),
        "reason": outcome.reason,
        "rerun": outcome.rerun,
        "problem": outcome.problem,
        "findings": [{"word": f.word, "requirement": f.requirement, "expected": f.expected, "seen": f.seen,
                      "timing": f.timing, "note": f.note} for f in outcome.findings],
        "replies": [{"client": case.clients[r.client].id, "step": r.step, "code": r.code, "text": r.text, "sent": round(r.sent_at, 6),
                     "replied": round(r.replied_at, 6), "asked": r.asked} for r in outcome.replies],
        "timeline": [{"seconds": round(e.at, 6), "leg": e.leg, "party": e.party, "connection": e.connection,
                      "event": e.kind, "text": e.text} for e in outcome.timeline],
    }


def run_json(spec, versions, tally):
    return {
        "version": VERSION,
        "suite": {"version": suite.version(), "draft": draft.name()},
        "target": {"name": spec.name, "kind": spec.kind, "description": spec.description,
                   "versions": versions},
        "seconds": round(tally.seconds, 3),
        "levels": {level: dict(zip(("held", "judged"), tally.level(level)))
                   for level in ("MUST", "SHOULD", "MAY")},
        "exit_status": tally.exit_status(),
        "cases": [outcome_json(o) for o in sorted(tally.outcomes, key=lambda o: o.case.id)],
    }


def check(path):
    """UsageError now rather than a lost result later, when the file cannot be written."""
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(f"--json {path}: {error.strerror}") from None


def write(path, spec, versions, tally):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(run_json(spec, versions, tally), file, indent=1)
        file.write("\n")
