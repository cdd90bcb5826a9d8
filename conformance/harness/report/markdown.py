"""The matrix as Markdown: implementations with their versions and levels, areas, requirements."""

import re

from harness.report.data import LEVELS, STATES


def _cell(text):
    """Text that stays text in a table's cell."""
    return re.sub(r"([\\`*_{}\[\]<>|#~&])", r"\\\1", " ".join(text.split()))


def _row(*cells):
    return "| " + " | ".join(cells) + " |"


def _share(held, judged):
    return f"{held}/{judged}" if judged else "\u2013"


def _mark(cell):
    if not cell.state:
        return ""
    sign = STATES[cell.state][1]
    return f"{sign} {cell.held}/{cell.judged}" if cell.judged else sign


def text(matrix):
    """The Markdown of a data.Matrix."""
    names = [_cell(i.label) for i in matrix.implementations]
    lines = ["# Conformance of SMTP call-back verification", "",
             f"Suite {_cell(matrix.suite['version'])}, {_cell(matrix.suite['draft'])}. "
             "A number is cases that hold, of those judged.", "",
             _row("implementation", "version", *LEVELS, "date", "seconds"),
             _row("---", "---", *("---:" for _ in LEVELS), "---", "---:")]
    for name, i in zip(names, matrix.implementations):
        levels = i.result["levels"]
        lines.append(_row(name, _cell(", ".join(i.result["target"]["versions"])),
                          *(_share(*(levels.get(level, {}).get(key, 0) for key in ("held", "judged"))) for level in LEVELS),
                          i.result.get("date", "")[:10], f"{i.result['seconds']:.0f}"))
    seen = {matrix.cell(i, row).state for i in matrix.implementations for row in matrix.requirements.values()}
    marks = "; ".join(f"`{sign}` {word}" for state, (word, sign) in STATES.items() if state in seen)
    lines += ["", f"Marks: {marks}.", "", _row("requirement", "level", *names),
              _row("---", "---", *("---:" for _ in names))]
    for area, rows in matrix.areas().items():
        lines.append(_row(f"**{_cell(rows[0].section)}**", area.upper(),
                          *(f"**{_share(*matrix.counts(i, area))}**" for i in matrix.implementations)))
        for row in rows:
            lines.append(_row(row.id, row.level, *(_mark(matrix.cell(i, row)) for i in matrix.implementations)))
    return "\n".join(lines) + "\n"
