"""What the site's scripts load when a cell is opened: a catalogue of requirements, cases and words, and for each
implementation and area the cases with their time lines. A file is a script that makes one call, because a page
opened from a disk may load scripts but fetch nothing. Everything is ASCII, and no `<` stands for itself.
"""

import json

from harness.report.data import STATES

_LEGS = {"client": 0, "dns": 1, "host": 2}


def script(function, *arguments):
    """`CBV.function(arguments);` as a file's text."""
    def plain(value):
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return f"CBV.{function}({','.join(map(plain, arguments))});\n"


def _deviations(implementation, vocabulary):
    """What an implementation does otherwise, by finding and by what is known of it, in the vocabulary's order."""
    groups = {}
    for case in implementation.cases.values():
        for finding in case["findings"]:
            if not finding["note"] and case["status"] in ("fail", "recorded", "waived"):
                known = finding.get("known")
                group = groups.setdefault((finding["word"], json.dumps(known)), {"word": finding["word"], "known": known, "cases": []})
                if case["id"] not in group["cases"]:
                    group["cases"].append(case["id"])
    order = {word: place for place, word in enumerate(vocabulary)}
    return sorted(groups.values(), key=lambda group: (order.get(group["word"], len(order)), -len(group["cases"])))


def catalogue(matrix, vocabulary):
    """catalogue.js"""
    return script("catalogue", {
        "draft": matrix.suite["draft"],
        "states": STATES,
        "implementations": {i.slug: {
            "label": i.label, "description": i.result["target"]["description"],
            "versions": i.result["target"]["versions"], "date": i.result.get("date", ""),
            "replay": i.result["target"].get("replay", ""),
            "compared": "compared_with" in i.result, "record": i.result.get("compared_with", {}).get("recorded", ""),
            "seconds": i.result["seconds"], "levels": i.result["levels"],
            "unsupported": sum(case["status"] == "unsupported" for case in i.cases.values()),
            "deviations": _deviations(i, vocabulary),
            "areas": sorted({case["area"] for case in i.cases.values()}),
        } for i in matrix.implementations},
        "requirements": {row.id: {"level": row.level, "sentence": row.sentence, "section": row.section,
                                  "cases": row.cases} for row in matrix.requirements.values()},
        "cases": {name: {"title": case["title"], "why": case.get("why", ""), "area": case["area"],
                         "level": case["level"], "requirements": case["requirements"]}
                  for name, case in sorted(matrix.cases.items())},
        "words": vocabulary,
    })


def _packed(events, strings):
    """The time line as one flat list: microseconds since the event before, leg, party, connection, event, text;
    the last two and the party as places in `strings`, which is {string: place}."""
    packed, before = [], 0
    for event in events:
        now = round(event["seconds"] * 1_000_000)
        packed += [now - before, _LEGS[event["leg"]], strings.setdefault(event["party"], len(strings)),
                   event["connection"], strings.setdefault(event["event"], len(strings)),
                   strings.setdefault(event["text"], len(strings))]
        before = now
    return packed


def area(implementation, name):
    """data/SLUG/AREA.js: the cases of one area."""
    strings, cases = {}, {}
    for case in implementation.cases.values():
        if case["area"] == name:
            kept = {key: case[key] for key in ("status", "seconds", "reason", "rerun", "problem", "command", "findings",
                                               "replies") if case.get(key)}
            cases[case["id"]] = {**kept, "timeline": _packed(case["timeline"], strings)}
    return script("area", implementation.slug, name, {"strings": list(strings), "cases": cases})
