#!/usr/bin/env python3
"""The draft with its authors put in: source, text and HTML, each validated.

Usage: authors.py [--authors FILE] [--output DIR]. Without options: the committed authors.toml, and build/draft. It
changes nothing beside the source; render_text.py and html.xsl do the rendering, profile.rng says what is valid.
"""
import argparse
import datetime
import pathlib
import re
import subprocess
import sys
import tomllib
import xml.sax.saxutils

import render_text

FOLDER = pathlib.Path(__file__).resolve().parent
OUTPUT = FOLDER.parent / "build" / "draft"
LISTS, WORDS = ("postal", "email"), ("name", "surname", "initials", "role", "organization", "uri")
NAME = re.compile(r"draft-[a-z0-9]+(-[a-z0-9]+)+-[0-9]{2}")


def source():
    """The committed source."""
    (found,) = FOLDER.glob("draft-*.xml")
    return found


def read(path):
    """The [[author]] tables and the [document] table of a file; SystemExit where something is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path}: {error}") from None
    authors, document = data.pop("author", []), data.pop("document", {})
    if data or not isinstance(authors, list) or not authors or not isinstance(document, dict):
        raise SystemExit(f"{path}: expected one or more [[author]] and at most a [document]")
    for author in authors:
        _check(path, author)
    _check_document(path, document)
    return authors, document


def _check(path, author):
    if not isinstance(author, dict):
        raise SystemExit(f"{path}: an author is a table")
    for key, value in author.items():
        values = value if key in LISTS and isinstance(value, list) else [value]
        if key not in LISTS + WORDS:
            raise SystemExit(f"{path}: an author has no field {key!r}: {', '.join(WORDS + LISTS)}")
        for text in values:
            if not isinstance(text, str) or not text.strip() or not text.isascii() or not text.isprintable():
                raise SystemExit(f"{path}: {key}: expected printable ASCII text, found {text!a}")
    if not author.get("name") and not author.get("organization"):
        raise SystemExit(f"{path}: an author has a name or an organization")
    if author.get("name") and not author.get("initials"):
        raise SystemExit(f"{path}: {author['name']} needs initials")
    if author.get("role", "editor") != "editor":
        raise SystemExit(f"{path}: the one role is editor, not {author['role']!r}")


def _check_document(path, document):
    for key, value in document.items():
        if key == "name" and isinstance(value, str) and NAME.fullmatch(value):
            continue
        if key == "date" and isinstance(value, datetime.date):
            continue
        raise SystemExit(f"{path}: [document] has a name, draft-...-00, and a date, 2026-12-01: {key} = {value!a}")


def _element(name, text):
    return f"<{name}>{xml.sax.saxutils.escape(text)}</{name}>"


def lines_of(author):
    """Lines of one <author> element."""
    attributes = {}
    if author.get("name"):
        attributes = {"fullname": author["name"], "initials": author["initials"],
                      "surname": author.get("surname") or author["name"].split()[-1]}
    if author.get("role"):
        attributes["role"] = author["role"]
    head = "".join(f" {key}={xml.sax.saxutils.quoteattr(value)}" for key, value in attributes.items())
    lines = [f"<author{head}>"]
    if author.get("organization"):
        lines.append("  " + _element("organization", author["organization"]))
    address = []
    if author.get("postal"):
        address += ["  <postal>", *("    " + _element("postalLine", line) for line in author["postal"]), "  </postal>"]
    address += ["  " + _element("email", text) for text in author.get("email", ())]
    if author.get("uri"):
        address.append("  " + _element("uri", author["uri"]))
    if address:
        lines += ["  <address>", *("  " + line for line in address), "  </address>"]
    return [*lines, "</author>"]


def with_authors(text, authors, document):
    """The source's text with these authors in the place of its own, and with the document's own name and date."""
    block = "".join(f"    {line}\n" for author in authors for line in lines_of(author))
    front, rest = text.split("</front>", 1)
    front, count = re.subn(r"(?:^    <author\b[^>]*>.*?^    </author>\n)+", lambda _: block, front, count=1,
                           flags=re.DOTALL | re.MULTILINE)
    if count != 1:
        raise SystemExit("the source has no author to replace")
    if "name" in document:
        front = re.sub(NAME.pattern, document["name"], front)
    if "date" in document:
        date = document["date"]
        front = re.sub(r"<date [^>]*/>", f'<date day="{date.day}" month="{date:%B}" year="{date.year}"/>', front)
    return f"{front}</front>{rest}"


def make(authors, output):
    """Writes source, text and HTML into `output`; returns their paths."""
    committed = source()
    text = with_authors(committed.read_text("ascii"), *authors)
    output.mkdir(parents=True, exist_ok=True)
    stem = authors[1].get("name", committed.stem)
    made = [output / f"{stem}.{suffix}" for suffix in ("xml", "txt", "html")]
    made[0].write_text(text, "ascii")
    for command in (["xmllint", "--nonet", "--noout", "--relaxng", FOLDER / "profile.rng", made[0]],
                    ["xsltproc", "--nonet", "--novalid", "--output", made[2], FOLDER / "html.xsl", made[0]]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{command[0]} does not take {made[0]}:\n{done.stderr.strip()}")
    made[1].write_text(render_text.render(made[0]), "ascii")
    return made


def main(arguments):
    parser = argparse.ArgumentParser(prog="./run draft", description="the draft as source, text and HTML")
    parser.add_argument("--authors", type=pathlib.Path, default=FOLDER / "authors.toml", metavar="FILE")
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT, metavar="DIR")
    options = parser.parse_args(arguments)
    for file in make(read(options.authors), options.output):
        print(file)


if __name__ == "__main__":
    main(sys.argv[1:])
