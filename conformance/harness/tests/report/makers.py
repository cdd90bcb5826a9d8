"""Results made up for the tests of what is made of results."""

import copy

EVENTS = [
    (0.0, "client", "client", 1, "connected", ""), (0.001, "client", "client", 1, "received", "220 t ESMTP"),
    (0.001, "client", "client", 1, "sent", "EHLO c"), (0.002, "client", "client", 1, "received", "250-t"),
    (0.002, "client", "client", 1, "received", "250 HELP"), (0.003, "client", "client", 1, "sent", "MAIL FROM:<a@x.test>"),
    (0.004, "client", "client", 1, "received", "250 ok"), (0.005, "client", "client", 1, "sent", "RCPT TO:<u@t.test>"),
    (0.006, "dns", "dns", 0, "query", "MX x.test"), (0.006, "dns", "dns", 0, "answer", "MX x.test NOERROR 1 record"),
    (0.007, "host", "mx1", 1, "connected", ""), (0.007, "host", "mx1", 1, "sent", "220 mx1 ESMTP"),
    (0.007, "host", "mx1", 1, "greeting-done", ""), (0.008, "host", "mx1", 1, "received", "MAIL FROM:<a@x.test>"),
    (4.008, "host", "mx1", 1, "sent", "250 ok"), (4.009, "host", "mx1", 1, "reset", ""),
    (4.010, "client", "client", 1, "received", "250 Accepted"), (4.011, "client", "client", 1, "closed", ""),
]


def finding(word="null-sender-violated", **keys):
    return {"word": word, "requirement": "CBV-DLG-005", "expected": "exactly 1 line MAIL FROM:<> at mx1",
            "seen": "0", "timing": False, "note": False, **keys}


def case(name="dlg-null-sender", requirements=("CBV-DLG-005",), status="pass", words=(), **keys):
    found = [finding(word, requirement=requirements[0]) if isinstance(word, str) else word for word in words]
    return {"id": name, "requirements": list(requirements), "level": "MUST", "area": name.partition("-")[0],
            "title": "A title", "why": "A reason.", "status": status, "seconds": 4.0, "reason": "", "rerun": "",
            "problem": "", "findings": found,
            "replies": [{"client": "client", "step": 2, "code": 250, "text": "Accepted", "sent": 0.005,
                         "replied": 4.010, "asked": 1}],
            "timeline": [dict(zip(("seconds", "leg", "party", "connection", "event", "text"), e)) for e in EVENTS],
            **keys}


def result(name="exim", cases=(), **keys):
    cases = copy.deepcopy(list(cases))
    levels = {}
    for level in ("MUST", "SHOULD", "MAY"):
        judged = [c for c in cases if c["level"] == level and c["status"] != "unsupported"]
        levels[level] = {"held": sum(c["status"] in ("pass", "note") for c in judged), "judged": len(judged)}
    return {"version": 1, "date": "2026-11-24T12:00:00Z", "suite": {"version": "1.0.0-rc1", "draft": "draft-x-00"},
            "target": {"name": name, "kind": "smtp", "description": f"{name}, described", "versions": [f"{name} 1.0"],
                       "replay": f"./run conformance replay {{case}} --target {name}"},
            "seconds": 9.5, "levels": levels, "exit_status": 0, "cases": cases, **keys}
