"""Results as TAP, version 14: one result flat, several as subtests named after the implementations. A waived
or recorded deviation is a TODO, an unsupported case a SKIP, a fault of the suite bails nothing out: it is a
plain `not ok` with its reason.
"""

import re

HELD = ("pass", "note")
KNOWN = ("waived", "recorded")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _plain(text):
    """One line; what TAP would read as a directive or an escape is escaped."""
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace("#", "\\#")


def _quoted(text):
    """A YAML double-quoted scalar, ASCII only."""
    def escape(match):
        code = ord(match[0])
        return {'"': '\\"', "\\": "\\\\"}.get(match[0]) or (f"\\x{code:02x}" if code < 256 else
                                                        f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
    return '"' + re.sub(r'["\\]|[^ -~]', escape, text) + '"'


def _diagnostics(case):
    """The YAML block of a case with something to say."""
    yield "---"
    yield f"status: {case['status']}"
    yield f"level: {case['level']}"
    for key in ("reason", "rerun", "problem"):
        if case[key]:
            yield f"{key}: {_quoted(case[key])}"
    if case["findings"]:
        yield "findings:"
    for finding in case["findings"]:
        yield f"  - finding: {_quoted(finding['word'])}"
        yield f"    requirement: {_quoted(finding['requirement'] or case['requirements'][0])}"
        yield f"    expected: {_quoted(finding['expected'])}"
        yield f"    seen: {_quoted(finding['seen'])}"
        if finding["note"]:
            yield "    note: true"
    yield "..."


def _directive(case):
    words = ", ".join(dict.fromkeys(f["word"] for f in case["findings"] if not f["note"]))
    if case["status"] == "unsupported":
        return f" # SKIP {_plain(case['reason'])}"
    if case["status"] in KNOWN and not case["problem"]:
        return f" # TODO {case['status']}: {_plain(words)}"
    return ""


def _lines(result):
    """One result without its version line."""
    yield (f"# {_plain(result['target']['name'])}: {_plain(', '.join(result['target']['versions']) or 'this tree')}; "
           f"suite {_plain(result['suite']['version'])}, {_plain(result['suite']['draft'])}")
    yield f"1..{len(result['cases'])}"
    for number, case in enumerate(result["cases"], start=1):
        good = case["status"] in (*HELD, "unsupported") and not case["problem"]
        yield (f"{'ok' if good else 'not ok'} {number} - {_plain(case['requirements'][0])} {case['id']}: "
               f"{_plain(case['title'])}{_directive(case)}")
        if case["status"] not in ("pass", "unsupported") or case["problem"]:
            yield from (f"  {line}" for line in _diagnostics(case))


def _good(result):
    return all(case["status"] not in ("fail", "error") and not case["problem"] for case in result["cases"])


def text(results):
    """The TAP of results, [(label, result as of --json)]."""
    lines = ["TAP version 14"]
    if len(results) == 1:
        lines += _lines(results[0][1])
    else:
        lines.append(f"1..{len(results)}")
        for number, (label, result) in enumerate(results, start=1):
            lines.append(f"# Subtest: {_plain(label)}")
            lines += (f"    {line}" for line in _lines(result))
            lines.append(f"{'ok' if _good(result) else 'not ok'} {number} - {_plain(label)}")
    return "\n".join(lines) + "\n"
