"""The parts of index.html around the matrix: lead, implementations, legend, filters, what cannot be seen, how to
replay.
"""

import html
import re

from harness.report.data import HELD, LEVELS, STATES


DASH = "\u2013"


# Controls and what changes the direction of text would hide what a text really says.
_INVISIBLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]")


def e(text):
    """Text for HTML, with everything in it visible."""
    return html.escape(_INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(text)))


def breakable(label):
    """A name that may be broken after its hyphens and dots."""
    return re.sub(r"([-._])", r"\1<wbr>", e(label))


def chip(level):
    return f'<span class="chip {e(level.split()[0].lower())}">{e(level)}</span>'


def level(implementation, name):
    """(held, judged)"""
    counts = implementation.result["levels"].get(name, {})
    return counts.get("held", 0), counts.get("judged", 0)


def share(held, judged):
    """held/judged with a bar."""
    if not judged:
        return '<span class="soft">\u2013</span>'
    return (f'<span class="share">{held}/{judged}</span><svg class="bar" viewBox="0 0 100 3" preserveAspectRatio="none" '
            f'aria-hidden="true"><rect class="rest" width="100" height="3"/>'
            f'<rect class="held" width="{100 * held / judged:.1f}" height="3"/></svg>')


def description(matrix):
    """One sentence for search engines and previews."""
    return (f"Which requirements of {matrix.suite['draft']} hold for "
            f"{', '.join(i.label for i in matrix.implementations)}, case by case, with time lines.")


def lead(matrix):
    """What this page is, in a paragraph."""
    return (f'What mail servers and address checkers do when they call a sender\u2019s mail host to ask whether a return path '
            f'could take a bounce, held against the <strong>{len(matrix.requirements)}</strong> requirements of the '
            f'<a href="draft.html">draft</a> that its cases look at. <strong>{len(matrix.cases)}</strong> cases, suite '
            f'{e(matrix.suite["version"])}.')


def _count(implementation, *statuses):
    return sum(case["status"] in statuses for case in implementation.result["cases"])


def implementations(matrix):
    """The table of implementations: what, which version, when, and how it fares."""
    rows = []
    for i in matrix.implementations:
        target, date = i.result["target"], i.result.get("date", "")
        levels = "".join(f'<td data-label="{name}">{share(*level(i, name))}</td>' for name in LEVELS)
        day = f'<time datetime="{e(date)}">{e(date[:10])}</time>' if date else DASH
        rows.append(
            f'<tr><th scope="row"><a class="name" href="#open={e(i.slug)}">{e(i.label)}</a> <span class="soft">{e(target["description"])}</span></th>'
            f'<td class="versions" data-label="version">{_versions(i)}</td>{levels}'
            f'<td class="n" data-label="not asked">{_count(i, "unsupported") or DASH}</td>'
            f'<td class="n" data-label="run">{day} <span class="soft">{e(_duration(i.result["seconds"]))}</span></td></tr>')
    heads = "".join(f'<th scope="col">{name}</th>' for name in LEVELS)
    return (f'<table class="implementations"><thead><tr><th scope="col">implementation</th><th scope="col">version</th>{heads}'
            f'<th scope="col" class="n">not asked</th><th scope="col" class="n">run</th></tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table>')


def _versions(implementation):
    """The implementation's own version; what else was fetched for it stands behind."""
    target = implementation.result["target"]
    if not target["versions"]:
        return '<span class="soft">of the suite\u2019s own tree</span>' if target["kind"] == "library" else DASH
    first, *others = map(e, target["versions"])
    if len(others) <= 2:
        return "".join([first, *(f'<br><span class="soft">{other}</span>' for other in others)])
    return (f'{first}<details><summary class="soft">and {len(others)} further packages</summary>'
            f'<span class="soft">{"<br>".join(others)}</span></details>')


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def legend(matrix):
    """What the signs say, of those that occur."""
    seen = {matrix.cell(i, row).state for i in matrix.implementations for row in matrix.requirements.values()}
    items = "".join(f'<li><span class="s {state}"><i>{sign}</i></span> {word}</li>'
                    for state, (word, sign) in STATES.items() if state in seen)
    return (f'<p class="hint">A cell says how many of the requirement\u2019s cases hold, of those that could be judged; '
            f'open it for the cases, what was found and what went over the wire.</p><ul class="legend">{items}</ul>')


def filters(matrix):
    """The form that report.js shows and works."""
    levels = "".join(f'<label><input type="checkbox" name="level" value="{name}" checked> {name}</label>' for name in LEVELS)
    areas = "".join(f'<option value="{e(area)}">{e(rows[0].section.partition(" ")[2] or area)} ({e(area)})</option>'
                    for area, rows in matrix.areas().items())
    columns = "".join(f'<label><input type="checkbox" name="column" value="{e(i.slug)}" checked> {e(i.label)}</label>'
                      for i in matrix.implementations)
    which = "" if len(matrix.implementations) < 2 else '<option value="differ">where they differ</option>'
    return (f'<form class="filters" id="filters" hidden aria-label="Filters">'
            f'<fieldset><legend class="vh">Levels</legend>{levels}</fieldset>'
            f'<label>area <select name="area"><option value="">all</option>{areas}</select></label>'
            f'<label>show <select name="show"><option value="">every requirement</option>{which}'
            f'<option value="deviate">where one deviates</option></select></label>'
            f'<label class="words">find <input type="search" name="q" placeholder="word, requirement or case" autocomplete="off"></label>'
            f'<details class="columns"><summary>columns</summary><fieldset><legend class="vh">Implementations shown</legend>'
            f"{columns}</fieldset></details>"
            f'<button type="reset" id="clear" hidden>clear</button><output id="count" aria-live="polite"></output></form>')


def unseen(matrix):
    """Requirements no case can see."""
    if not matrix.unseen:
        return ""
    rows = "".join(f'<li><a href="draft.html#{e(row.id)}">{e(row.id)}</a> {chip(row.level)} {e(row.sentence)}</li>'
                   for row in matrix.unseen)
    return (f'<section><details class="unseen"><summary><h2>Not seen from outside: {len(matrix.unseen)} requirements</h2></summary>'
            f'<p class="hint">No case can observe these from outside an implementation; the draft says why.</p><ul>{rows}</ul>'
            f"</details></section>")


def about(matrix):
    """How to replay, and what the page is made of."""
    commands = {i.result["target"].get("replay", "") for i in matrix.implementations}
    command = next((c for c in sorted(commands) if c), "")
    some = next((name for i in matrix.implementations for name, case in i.cases.items() if case["status"] not in HELD), "")
    shown = e(command.replace("{case}", some or next(iter(matrix.cases), "CASE")))
    replay = f"<p>Every case can be run again alone, with its time line:</p><pre><code>{shown}</code></pre>" if command else ""
    badges = "".join(f'<li><a href="badges/{e(i.slug)}.svg"><img src="badges/{e(i.slug)}.svg" alt="{e(i.label)}: badge" height="20"></a> '
                     f"<span>{e(i.label)}</span></li>" for i in matrix.implementations)
    return (f'<section class="about" aria-labelledby="about-title"><h2 id="about-title">Replay and reuse</h2>{replay}'
            f'<p>Made from the JSON results of the suite\u2019s runs, suite {e(matrix.suite["version"])} against '
            f'<a href="draft.html">{e(matrix.suite["draft"])}</a>. Nothing on this page is loaded from elsewhere. '
            f'The matrix as text: <a href="matrix.md">matrix.md</a>.</p><ul class="badges">{badges}</ul></section>')
