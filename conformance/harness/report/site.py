"""Writes the site: one folder of plain files that work from a disk and from any web server.

    index.html report.css *.js    the matrix and what makes it move
    data/catalogue.js             requirements, cases, words; data/NAME/AREA.js: cases with time lines
    draft.html badges/NAME.svg matrix.md
"""

import pathlib
import re
import shutil
import subprocess

from harness import SuiteError, UsageError, draft, vocabulary
from harness.report import badge, markdown, page, payload

ASSETS = pathlib.Path(__file__).with_name("assets")
FEW, MANY, MARGIN = (26, 4.75), (20, 4.5), 4.5  # rem, as in report.css: first column and each other, margins
# Folders whose former content goes; only where there is a catalogue, so that a wrong --output destroys nothing.
_OWN = ("data", "badges")


def draft_html(matrix):
    """The draft as a page; SuiteError unless each requirement has its anchor."""
    if not shutil.which("xsltproc"):
        raise UsageError("report needs xsltproc (Debian package xsltproc) to render the draft")
    done = subprocess.run(["xsltproc", "--nonet", str(draft.FOLDER / "html.xsl"), str(draft.source())],
                          capture_output=True, text=True)
    if done.returncode:
        raise SuiteError(f"xsltproc: {done.stderr.strip()}")
    anchors = set(re.findall(r'\bid="([^"]+)"', done.stdout))
    missing = [name for name, row in matrix.requirements.items() if row.sentence and name not in anchors]
    if missing:
        raise SuiteError(f"the draft's page has no anchor for {', '.join(missing)}")
    return done.stdout


def _style(matrix):
    """The style sheet, and from which width on the matrix needs no scrolling of its own."""
    first, other = MANY if page.many(matrix) else FEW
    width = first + other * len(matrix.implementations) + MARGIN
    return "".join((ASSETS / name).read_text(encoding="utf-8") for name in ("report.css", "panel.css")) + (
        f"\n@media screen and (min-width: {width}rem) {{ .scroll {{ overflow: visible; max-height: none; }} }}\n")


def files(matrix):
    """{relative path: text} of the whole site."""
    made = {name.name: name.read_text(encoding="utf-8") for name in sorted(ASSETS.iterdir()) if name.suffix in (".js", ".svg")}
    made |= {"index.html": page.page(matrix), "report.css": _style(matrix), "draft.html": draft_html(matrix),
             "matrix.md": markdown.text(matrix), "data/catalogue.js": payload.catalogue(matrix, vocabulary.meanings())}
    for implementation in matrix.implementations:
        made[f"badges/{implementation.slug}.svg"] = badge.svg(implementation.result)
        for area in {case["area"] for case in implementation.cases.values()}:
            made[f"data/{implementation.slug}/{area}.js"] = payload.area(implementation, area)
    return made


def write(matrix, directory):
    """Makes the site in a directory, which is made if need be; what an older site left there goes."""
    directory = pathlib.Path(directory)
    try:
        if directory.is_dir() and any(directory.iterdir()) and not (directory / "data" / "catalogue.js").is_file():
            raise UsageError(f"--output {directory}: is not empty and holds no report")
        for name in _OWN:
            shutil.rmtree(directory / name, ignore_errors=True)
        for name, content in files(matrix).items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {error.filename or directory}: {error.strerror}") from None
