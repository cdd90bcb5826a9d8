"""index.html: the matrix as plain HTML that reads without scripts; report.js adds filters and what a cell opens.
Every text of a result is escaped here, and nothing is put into a script or a style.
"""

import re

from harness.report import page_parts as parts
from harness.report.data import LEVELS, STATES
from harness.report.page_parts import e

SCRIPTS = ("ladder", "draw", "data", "panel", "report")  # in this order: each needs those before it
POLICY = ("default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:; "
          "base-uri 'none'; form-action 'none'")


def sentence(text):
    """A sentence of the draft with its BCP 14 words marked."""
    return re.sub(r"\b(MUST NOT|SHOULD NOT|MUST|SHOULD|MAY)\b", r"<b>\1</b>", e(text))


def _head(matrix):
    cells = "".join(f'<th scope="col" data-column="{e(i.slug)}"><a href="#open={e(i.slug)}">{parts.breakable(i.label)}</a></th>'
                    for i in matrix.implementations)
    return f'<thead><tr><th scope="col" class="first">requirement</th>{cells}</tr></thead>'


def _levels(matrix):
    """The summary: one row a level."""
    rows = []
    for level in LEVELS:
        cells = "".join(f'<td>{parts.share(*parts.level(i, level))}</td>' for i in matrix.implementations)
        rows.append(f'<tr><th scope="row" class="first">{parts.chip(level)} <span class="soft">cases that hold</span></th>'
                    f"{cells}</tr>")
    return f'<tbody class="levels">{"".join(rows)}</tbody>'


def _cell(implementation, row, cell):
    if not cell.state:
        return '<td class="none"></td>'
    word = STATES[cell.state][0]
    share = f"{cell.held}/{cell.judged}" if cell.judged else ""
    return (f'<td class="s {cell.state}"><a href="#open={e(implementation.slug)}/{e(row.id)}">'
            f'<span class="vh">{word} </span>{share}</a></td>')


def _row(matrix, row):
    cells = "".join(_cell(i, row, matrix.cell(i, row)) for i in matrix.implementations)
    return (f'<tr id="{e(row.id)}" data-level="{e(row.level.split()[0])}" data-cases="{e(" ".join(row.cases))}">'
            f'<th scope="row" class="first"><span class="id"><a href="draft.html#{e(row.id)}">{e(row.id)}</a> '
            f'{parts.chip(row.level)}</span><span class="sentence">{sentence(row.sentence)}</span></th>{cells}</tr>')


def _area(matrix, area, rows):
    cells = []
    for implementation in matrix.implementations:
        held, judged = matrix.counts(implementation, area)
        cells.append(f'<td>{held}/{judged}</td>' if judged else "<td>\u2013</td>")
    number, _, title = rows[0].section.partition(" ")
    return (f'<tbody class="area" data-area="{e(area)}"><tr class="group"><th scope="rowgroup" class="first">'
            f'<span class="title">{e(title or area)}</span> <span class="soft">{e(area)}'
            f'{f", section {e(number)}" if number else ""}</span></th>{"".join(cells)}</tr>'
            f'{"".join(_row(matrix, row) for row in rows)}</tbody>\n')


def many(matrix):
    """Whether the columns have to be narrow."""
    return len(matrix.implementations) > 9


def matrix_table(matrix):
    """The table implementations by requirements."""
    areas = "".join(_area(matrix, area, rows) for area, rows in matrix.areas().items())
    return (f'<div class="scroll" id="matrix" role="region" aria-labelledby="matrix-title" tabindex="0">'
            f'<table class="matrix{" many" if many(matrix) else ""}"><caption class="vh">'
            f'Implementations by requirements: cases that hold, of those judged</caption>{_head(matrix)}{_levels(matrix)}\n{areas}</table></div>')


def page(matrix):
    """The page's text. `matrix`: a data.Matrix."""
    count, names = len(matrix.implementations), [i.label for i in matrix.implementations]
    subject = names[0] if count == 1 else f"{count} implementations"
    scripts = "\n".join(f'<script src="{name}.js" defer></script>' for name in SCRIPTS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<title>SMTP call-back verification: conformance of {e(subject)}</title>
<meta name="description" content="{e(parts.description(matrix))}">
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="report.css">
<script src="theme.js"></script>
{scripts}
</head>
<body>
<a class="skip" href="#matrix">Skip to the matrix</a>
<header class="top">
<div><h1>SMTP call-back verification <span>conformance of {e(subject)}</span></h1>
<p>{parts.lead(matrix)}</p></div>
<button type="button" id="theme" hidden>Theme: auto</button>
</header>
<main>
<section aria-labelledby="implementations-title">
<h2 id="implementations-title">Implementations</h2>
{parts.implementations(matrix)}
</section>
<section aria-labelledby="matrix-title">
<h2 id="matrix-title">Requirements</h2>
{parts.legend(matrix)}
{parts.filters(matrix)}
<noscript><p class="hint">With JavaScript, a cell opens its cases with their time lines, and the rows can be filtered.</p></noscript>
{matrix_table(matrix)}
</section>
{parts.unseen(matrix)}
{parts.about(matrix)}
</main>
<dialog id="panel" aria-labelledby="panel-title"></dialog>
</body>
</html>
"""
