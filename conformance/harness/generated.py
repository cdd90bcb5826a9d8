"""The generated parts of the draft: text between two comments of its source, and the renderings that
follow from the source. What stands in a part is its maker's business (matrix.py).
"""

import hashlib
import importlib.util
import re
import xml.sax.saxutils

from harness import SuiteError, draft

INDENT = "      "  # where a part begins in a section of the draft


def escaped(text):
    """`text` for the draft's source, which is ASCII; SuiteError when it is not."""
    if not text.isascii():
        raise SuiteError(f"not ASCII, so it cannot be in the draft: {text!a}")
    return xml.sax.saxutils.escape(text)


def table(anchor, title, header, rows):
    """Lines of a table; cells are markup already."""
    lines = [f'<table anchor="{anchor}">', f"  <name>{title}</name>", "  <thead>",
             "    <tr>" + "".join(f"<th>{cell}</th>" for cell in header) + "</tr>", "  </thead>", "  <tbody>"]
    lines += ["    <tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
    return [*lines, "  </tbody>", "</table>"]


def _part(name):
    """Matches a part: its first comment, what is between, its last comment."""
    return re.compile(rf"^( *<!-- {name}:begin\b[^\n]*-->\n)(.*?)(^ *<!-- {name}:end -->$)", re.DOTALL | re.MULTILINE)


def has_part(text, name):
    """Whether the source has the two comments."""
    return _part(name).search(text) is not None


def with_part(text, name, lines):
    """The source with these lines as the part; SuiteError when it has no such part."""
    if not has_part(text, name):
        raise SuiteError(f"the draft has no lines <!-- {name}:begin ... --> and <!-- {name}:end -->, "
                         "one after the other")
    body = "".join(f"{INDENT}{line}\n" for line in lines)
    return _part(name).sub(lambda found: found[1] + body + found[3], text, count=1)


def _rendered(source):
    """The source as text, by the draft's own renderer."""
    spec = importlib.util.spec_from_file_location("render_text", source.parent / "render_text.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        return module.render(source)
    except SystemExit as error:  # how it says what it cannot render
        raise SuiteError(f"{source.name}: {error}") from None


def _digests(*files):
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def render(folder=draft.FOLDER):
    """Renders the source as text again and writes the digests of both."""
    source = draft.source(folder)
    text = source.with_suffix(".txt")
    text.write_text(_rendered(source), encoding="ascii")
    (folder / "RENDERED.sha256").write_text(_digests(source, text), encoding="ascii")


def write(name, lines, folder=draft.FOLDER):
    """Puts a part into the draft and renders it again."""
    source = draft.source(folder)
    source.write_text(with_part(source.read_text(encoding="ascii"), name, lines), encoding="ascii")
    render(folder)


def part_problems(name, lines, command, folder=draft.FOLDER):
    """What is out of date about a part of the draft, as sentences that say what to do."""
    source = draft.source(folder)
    text = source.read_text(encoding="ascii")
    if not has_part(text, name):
        return [f"{source.name} has no part {name}: put the lines <!-- {name}:begin --> and <!-- {name}:end --> "
                f"where it belongs, then {command}"]
    if text != with_part(text, name, lines):
        return [f"{source.name}: the part {name} is not that of today: {command}"]
    return []


def rendering_problems(folder=draft.FOLDER):
    """As part_problems, for the renderings."""
    source = draft.source(folder)
    text = source.with_suffix(".txt")
    if text.read_text(encoding="ascii") != _rendered(source):
        return [f"{text.name} is not the rendering of {source.name}: ./run trace --write"]
    if (folder / "RENDERED.sha256").read_text(encoding="ascii") != _digests(source, text):
        return ["draft/RENDERED.sha256 has other digests: ./run trace --write"]
    return []
