"""The kill matrix as one self-contained page: mutants by requirement, areas of the suite across, in each
cell how many cases of the area fail the mutant. No script, nothing from elsewhere.
"""

import html

from harness import draft

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fdfdfb; --line: #d8dcd6; --soft: #5e6b78;
  --hit: 42 121 92; --bad: #b3261e; --band: #f1f3ee; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe5e8; --paper: #14181b; --line: #31393f;
  --soft: #93a0aa; --hit: 72 187 142; --bad: #ff8a80; --band: #1b2125; } }
body { margin: 2rem auto; max-width: 84rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { max-width: 60rem; } .soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
code, td.id { font-family: ui-monospace, monospace; font-size: .86em; }
th.n { text-align: right; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .2rem .5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { position: sticky; top: 0; background: var(--paper); font-weight: 600; font-size: .85em; }
tr.group th { background: var(--band); font-weight: 600; } tr.group .soft { font-weight: 400; }
td.n { text-align: right; font-variant-numeric: tabular-nums; min-width: 1.6rem;
  background: rgb(var(--hit) / var(--a, 0)); }
summary { cursor: pointer; } details ul { margin: .3rem 0 .3rem 1rem; padding: 0; font-size: .9em; }
"""
DARKEST = 12  # cases of one area from which a cell is no darker


def _e(text):
    return html.escape(str(text))


def _cell(count):
    if not count:
        return '<td class="n"></td>'
    return f'<td class="n" style="--a:{0.15 + 0.5 * min(count, DARKEST) / DARKEST:.2f}">{count}</td>'


def _kills(m):
    """What a mutant was found out by, folded away."""
    if not m.killed_by:
        return '<span class="bad">no case fails it</span>'
    cases = "".join(f"<li><code>{_e(case)}</code> {_e(', '.join(words))}</li>" for case, words in m.killed_by.items())
    mark = "" if m.killed else '<span class="bad">only with other words</span> '
    words = " or ".join(f"<code>{_e(word)}</code>" for word in m.expected)
    return (f"<details><summary>{mark}{len(m.by_expected)} of {len(m.killed_by)} with {words}</summary>"
            f"<ul>{cases}</ul></details>")


def _rows(matrix, areas):
    group = None
    for m in matrix.mutants:
        if m.requirement != group:
            group = m.requirement
            yield (f'<tr class="group"><th colspan="{len(areas) + 3}" id="{_e(group)}">{_e(group)} '
                   f'<span class="soft">{_e(draft.sentence(group))}</span></th></tr>')
        counts = {area: 0 for area in areas}
        for case in m.killed_by:
            if case in matrix.cases:
                counts[matrix.cases[case].area] += 1
        yield (f'<tr><td class="id">{_e(m.id)}</td><td>{_e(m.sentence)}</td><td>{_kills(m)}</td>'
               + "".join(_cell(counts[area]) for area in areas) + "</tr>")


def _case_rows(matrix):
    fails = matrix.fails()
    for case in matrix.cases.values():
        count = fails[case.id]
        shown = str(count) if count else f'<span class="bad">none</span>: {_e(matrix.idle.get(case.id, ""))}'
        yield (f'<tr><td class="id">{_e(case.id)}</td><td>{_e(", ".join(case.requirements))}</td>'
               f"<td>{_e(case.title)}</td><td>{shown}</td></tr>")


def page(matrix):
    """The page's text."""
    areas = sorted({case.area for case in matrix.cases.values()})
    problems = "".join(f"<li>{_e(text)}</li>" for text in matrix.problems())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mutants and cases</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Mutants and cases</h1>
<p>{_e(matrix.summary())}.</p>
<p class="soft">A mutant is the library with one rule of the draft broken. It counts as found out when a case of that
rule fails with one of the words expected of it: "1 of 2 with <code>word</code>" says that two cases fail it, one of them so; open it
for their names. A cell says how many cases of an area fail the mutant. What a word means is in
<code>conformance/vocabulary.toml</code>; <code>./run mutants --mutant ID</code> runs one mutant alone.</p>
{f"<h2 class='bad'>What is missing</h2><ul>{problems}</ul>" if problems else ""}
<h2>Mutants</h2>
<div class="scroll"><table>
<thead><tr><th>mutant</th><th>what it does wrong</th><th>found out by</th>
{"".join(f'<th class="n">{_e(area)}</th>' for area in areas)}</tr></thead>
<tbody>
{chr(10).join(_rows(matrix, areas))}
</tbody>
</table></div>
<h2>Cases</h2>
<div class="scroll"><table>
<thead><tr><th>case</th><th>requirements</th><th>title</th><th>mutants it fails</th></tr></thead>
<tbody>
{chr(10).join(_case_rows(matrix))}
</tbody>
</table></div>
</body>
</html>
"""
