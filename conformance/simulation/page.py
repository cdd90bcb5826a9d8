"""The report's page: one HTML file with the plots inside, beside it the data and the plots as files."""

import html
import tomllib

from simulation import CAVEAT, FOLDER, PARAMETERS, plots, tables
from simulation.results import as_csv

WIDE, NARROW = 860, 372
LOOK = FOLDER.parent / "harness" / "report" / "assets" / "report.css"
OWN = """
main { max-width: 62rem; margin: 0 auto; padding-bottom: 4rem; }
.plot { display: block; height: auto; max-width: 100%; }
figure { margin: 1rem 0 1.5rem; }
figcaption { color: var(--soft); font-size: 0.875rem; max-width: 70ch; margin-top: 0.4rem; }
.narrow { display: none; }
@media (max-width: 44rem) { .wide { display: none; } .narrow { display: block; } }
.data { overflow-x: auto; margin: 0.75rem 0; }
.data table { font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
.data th, .data td { text-align: right; padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.data th { color: var(--soft); font-weight: 500; }
.data td:first-child, .data th:first-child, .data.words td, .data.words th { text-align: left; }
.data td { white-space: nowrap; }
.data.words td { white-space: normal; }
.data.words td:last-child { min-width: 16rem; }
summary { cursor: pointer; }
"""
# (name of the file, title, plot, what it shows)
PLOTS = (
    ("reflection", "Calls at a forged domain's host", plots.reflection,
     "A run of 30 messages a minute and verifier forges one domain, with random local-parts from a botnet, for a minute; the domain "
     "publishes no SPF and has not opted out. Both axes are logarithmic. The band is the backscatter if 1 % to 100 % of what is admitted bounced."),
    ("wrong-fail", "Good mail refused by listed verifiers", plots.wrong_fail,
     "All verifiers are on a block list that this share of hosts uses, saying no more than 550. Marks are means over the seeds, "
     "upright lines 95 % intervals."),
    ("admitted", "Forged mail admitted beside it", plots.admitted_beside,
     "The same runs. 30 % of forged messages have a return path that exists, and 5 % of hosts accept everything: no callback stops those."),
    ("delay", "The delay of good mail", plots.delays,
     "Five days after the last message. 3 % of hosts defer every null sender for ever, 2 % are dead, 2 % are tarpits, 10 % greylist, "
     "5 % of domains have a dead primary; clients retry for five days, 1 % do not retry. Never arrived has a bar of its own."),
    ("forger", "A forger who adapts", plots.forger,
     "The share of his messages admitted. These are failures of every policy that has a high bar; they are published because a forger "
     "finds them anyway."),
)


def table(header, rows, kind="data"):
    """A table of plain words as HTML."""
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="{kind}" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _figure(results, name, title, plot, meaning):
    return (f'<h2 id="{name}">{html.escape(title)}</h2><figure><div class="wide">{plot(results, WIDE)}</div>'
            f'<div class="narrow">{plot(results, NARROW)}</div><figcaption>{html.escape(meaning)} <b>{CAVEAT}</b> '
            f'<a href="{name}.svg">SVG</a></figcaption></figure>')


def _parameters():
    read = tomllib.loads(PARAMETERS.read_text(encoding="utf-8"))
    rows = [[name, str(p["value"]), p["unit"], p["reason"]] for name, p in read["parameters"].items()]
    policies = [[name, ", ".join(f"{k} = {v}" for k, v in p.items() if k not in ("kind", "reason")) or "-", p["kind"], p["reason"]]
                for name, p in read["policies"].items()]
    return table(["parameter", "value", "unit", "reason"], rows, "data words"), table(
        ["policy", "settings", "kind", "reason"], policies, "data words"), {e["name"]: e for e in read["experiments"]}


def page(results):
    """The page's HTML."""
    parameters, policies, experiments = _parameters()
    have = set(results.experiments())
    needed = {"reflection": "reflection", "wrong-fail": "standing", "admitted": "standing", "delay": "patience", "forger": "forger"}
    figures = "".join(_figure(results, *plot) for plot in PLOTS if needed[plot[0]] in have)
    details = "".join(
        f'<details><summary id="data-{name}">{html.escape(experiments[name]["title"])} ({name})</summary>'
        f"{table(*tables.experiment(results, name))}<p class=soft>{CAVEAT}</p></details>" for name in results.experiments())
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>Call-back verification: a simulation</title><style>{LOOK.read_text(encoding='utf-8')}{OWN}</style></head><body><main>"
            f"<h1>Call-back verification: a simulation<span>the library's own machines, by the thousand, in virtual time</span></h1>"
            f"<p>{CAVEAT} What is modelled and what is not: conformance/simulation/README.md. Again: <code>./run simulate --check</code>.</p>"
            f'<p>Data: <a href="results.json">JSON</a> (<a href="results.schema.json">schema</a>), <a href="results.csv">CSV</a>.</p>'
            f"{figures}<h2>All experiments</h2>{details}<h2>Policies</h2>{policies}<h2>Parameters</h2>{parameters}</main></body></html>\n")


def write(results, directory, raw):
    """Makes the page, its plots and the data in a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {"index.html": page(results), "results.json": raw, "results.csv": as_csv(results),
             "results.schema.json": (FOLDER / "results" / "schema.json").read_text(encoding="utf-8")}
    have = set(results.experiments())
    needed = {"reflection": "reflection", "wrong-fail": "standing", "admitted": "standing", "delay": "patience", "forger": "forger"}
    files |= {f"{name}.svg": plot(results, WIDE) + "\n" for name, _, plot, _ in PLOTS if needed[name] in have}
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
