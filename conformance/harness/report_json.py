"""The result of a run as JSON. The keys are described in conformance/schema/result.schema.json and stay as
they are; a new key may be added. What this writes, harness.report reads.
"""

import datetime
import json

from harness import UsageError, draft, explained, report_text, suite

VERSION = 1


def _finding_json(case, finding, explanations):
    data = {"word": finding.word, "requirement": finding.requirement, "expected": finding.expected,
            "seen": finding.seen, "timing": finding.timing, "note": finding.note}
    entry = explained.of(explanations, case, finding)
    if entry:
        data["known"] = {"explanation": entry.explanation, "setting": entry.setting, "reference": entry.reference}
    return data


def outcome_json(outcome, explanations=None):
    """One case; `explanations`: the target's explained.Explanations, if it has any."""
    case = outcome.case
    return {
        "id": case.id,
        "requirements": case.requirements,
        "level": case.level,
        "area": case.area,
        "title": case.title,
        "why": " ".join(case.why.split()),
        "status": outcome.status,
        "seconds": round(outcome.elapsed, 6),
        "reason": outcome.reason,
        "rerun": outcome.rerun,
        "problem": outcome.problem,
        **({"command": str(outcome.ended)} if outcome.ended else {}),
        "findings": [_finding_json(case, finding, explanations) for finding in outcome.findings],
        "replies": [{"client": case.clients[r.client].id, "step": r.step, "code": r.code, "text": r.text, "sent": round(r.sent_at, 6),
                     "replied": round(r.replied_at, 6), "asked": r.asked} for r in outcome.replies],
        "timeline": [{"seconds": round(e.at, 6), "leg": e.leg, "party": e.party, "connection": e.connection,
                      "event": e.kind, "text": e.text} for e in outcome.timeline],
    }


def run_json(spec, versions, tally, record=None):
    """The whole run; `record`: what it was compared with, a recorded.Record."""
    explanations = explained.read(spec.directory)
    result = {
        "version": VERSION,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "suite": {"version": suite.version(), "draft": draft.name()},
        "target": {"name": spec.name, "kind": spec.kind, "description": spec.description, "versions": versions,
                   "replay": report_text.replay_command("{case}", spec.option)},
        "seconds": round(tally.seconds, 3),
        "levels": {level: dict(zip(("held", "judged"), tally.level(level)))
                   for level in ("MUST", "SHOULD", "MAY")},
        "exit_status": tally.exit_status(),
        "cases": [outcome_json(o, explanations) for o in sorted(tally.outcomes, key=lambda o: o.case.id)],
    }
    if record is not None:
        result["compared_with"] = {"recorded": str(record.date), "versions": record.versions}
    return result


def check(path, option="--json"):
    """UsageError now rather than a lost result later, when the file cannot be written."""
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from None


def text(result):
    """What run_json() made, as a file's text."""
    return json.dumps(result, indent=1) + "\n"


def save(path, content):
    """Writes a report."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
