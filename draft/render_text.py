#!/usr/bin/env python3
"""Renders the draft as paginated text of 72 columns, as Internet-Drafts look.

Usage: render_text.py DRAFT.xml [OUT.txt]. Standard library only, same input gives same output. It
knows the elements of profile.rnc and stops on any other; it does not validate (xmllint does).
"""
import datetime
import itertools
import re
import sys
import textwrap
import xml.etree.ElementTree as ET

WIDTH, PAGE = 72, 58  # columns; lines of a page, running header and footer included
BODY = PAGE - 6
LONG = 100  # rows of a table that is set in two columns

STATUS = [
    "This Internet-Draft is submitted in full conformance with the provisions of BCP 78 and BCP 79.",
    "Internet-Drafts are working documents of the Internet Engineering Task Force (IETF). Note that "
    "other groups may also distribute working documents as Internet-Drafts. The list of current "
    "Internet-Drafts is at https://datatracker.ietf.org/drafts/current/.",
    "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
    "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
    'Internet-Drafts as reference material or to cite them other than as "work in progress."',
]
COPYRIGHT = (
    "This document is subject to BCP 78 and the IETF Trust's Legal Provisions Relating to IETF "
    "Documents (https://trustee.ietf.org/license-info) in effect on the date of publication of this "
    "document. Please review these documents carefully, as they describe your rights and "
    "restrictions with respect to this document. Code Components extracted from this document must "
    "include Revised BSD License text as described in Section 4.e of the Trust Legal Provisions and "
    "are provided without warranty as described in the Revised BSD License.")


def wrap(text, indent, first=None):
    first = " " * indent if first is None else first
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * indent,
                         break_long_words=False, break_on_hyphens=False)


def kept(lines):
    """The lines of a paragraph, none of which stands alone on a page."""
    return ((line, i in (0, len(lines) - 2)) if len(lines) > 1 else (line, False)
            for i, line in enumerate(lines))


def who(author):
    """An author as a reference names them: the person, else the organization."""
    return author.get("fullname") or author.find("organization").text


def short(author):
    """An author as a page's header names them."""
    if not author.get("surname"):
        return author.find("organization").text
    return f"{author.get('initials')} {author.get('surname')}" + (", Ed." if author.get("role") == "editor" else "")


BREAK = re.compile(r"(?<=[a-z][-_])(?=[a-z])")  # where a word in a table may be broken


def split(cell):
    """The parts of a cell that stay on one line."""
    return BREAK.sub(" ", cell).split() or [""]


def fold(cell, width):
    """The lines of a cell; `width` is at least that of its longest part."""
    lines = [""]
    for word in cell.split():
        for i, part in enumerate(BREAK.split(word)):
            gap = " " if i == 0 and lines[-1] else ""
            if len(lines[-1] + gap + part) <= width:
                lines[-1] += gap + part
            else:
                lines.append(part)
    return lines


class Draft:
    """The parsed source with the numbers of its sections and tables."""

    def __init__(self, path):
        self.root = ET.parse(path).getroot()
        self.number, self.kind = {}, {}  # by element, by anchor
        self.anchor = {e.get("anchor"): e for e in self.root.iter() if e.get("anchor")}
        middle, back = self.root.find("middle"), self.root.find("back")
        for i, s in enumerate(middle.findall("section"), 1):
            self._sections(s, str(i))
        self._sections(back.find("references"), str(len(middle.findall("section")) + 1))
        for i, s in enumerate(back.findall("section")):
            self._sections(s, chr(ord("A") + i))
        for i, t in enumerate(self.root.iter("table"), 1):
            self.number[t] = str(i)

    def _sections(self, element, number):
        self.number[element] = number
        for i, child in enumerate(element.findall(element.tag), 1):
            self._sections(child, f"{number}.{i}")

    def xref(self, x):
        target = self.anchor.get(x.get("target"))
        if target is None:
            raise SystemExit(f"xref to an unknown anchor: {x.get('target')}")
        if x.get("format") == "none":
            return x.text
        if target.tag == "reference":
            where = f"Section {x.get('section')} of " if x.get("section") else ""
            return f"{where}[{x.get('target')}]"
        word = "Table" if target.tag == "table" else "Section"
        if self.number[target][0].isalpha():
            word = "Appendix"
        return f"{word} {self.number[target]}"

    def flat(self, element):
        """The words of an element with white space collapsed, as every rendering shows them."""
        out = [element.text or ""]
        for child in element:
            if child.tag == "xref":
                out.append(self.xref(child))
            elif child.tag in ("bcp14", "tt"):
                out.append(child.text)
            else:
                raise SystemExit(f"no rendering for the element: {child.tag} in {element.tag}")
            out.append(child.tail or "")
        return " ".join("".join(out).split())

    # The body as a list of (line, keep): keep = no page break after this line.

    def block(self, e, indent):
        if e.tag == "t":
            yield from kept(wrap(self.flat(e), indent))
        elif e.tag == "dl":
            for dt, dd in zip(e.findall("dt"), e.findall("dd")):
                parts = [self.flat(part) for part in dd.findall("t") or [dd]]
                yield from kept(wrap(f"{self.flat(dt)}: {parts[0]}", indent + 3, " " * indent))
                for part in parts[1:]:  # a requirement's reason, on a line of its own
                    yield from kept(wrap(part, indent + 3))
        elif e.tag in ("ul", "ol"):
            for i, li in enumerate(e.findall("li"), 1):
                mark = "*  " if e.tag == "ul" else f"{i}.".ljust(4)
                yield from kept(wrap(self.flat(li), indent + len(mark), " " * indent + mark))
        elif e.tag == "artwork":
            yield from ((" " * indent + s, False) for s in e.text.strip("\n").split("\n"))
        elif e.tag == "table":
            yield from self.table(e)
        else:
            raise SystemExit(f"no rendering for the element: {e.tag}")
        yield "", False

    def table(self, e):
        rows = [[self.flat(c) for c in tr] for tr in e.iter("tr")]
        if len(rows) > LONG:
            yield from self.index(rows)
            yield f"Table {self.number[e]}: {e.find('name').text}".center(WIDTH).rstrip(), False
            return
        columns = list(zip(*rows))
        widths = [max(map(len, column)) for column in columns]
        least = [max(len(w) for cell in column for w in split(cell)) for column in columns]
        while sum(widths) + 3 * len(widths) + 1 > WIDTH:
            widest = max(range(len(widths)), key=lambda i: (widths[i] > least[i], widths[i]))
            if widths[widest] <= least[widest]:
                raise SystemExit(f"table {e.get('anchor')} is too wide for {WIDTH} columns")
            widths[widest] -= 1
        rule = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
        # Where the first cell has one line in every row, it shows where a row begins.
        folded = any(len(fold(row[0], widths[0])) > 1 for row in rows[1:])
        left = " " * min(3, WIDTH - len(rule))
        yield left + rule, True
        for i, row in enumerate(rows):
            cells = [fold(cell, w) for cell, w in zip(row, widths)]
            height = max(map(len, cells))
            if i == 1:
                yield left + rule.replace("-", "="), True
            elif i > 1 and folded:
                yield left + rule, False
            for n in range(height):
                line = (f" {c[n] if n < len(c) else '':<{w}} " for c, w in zip(cells, widths))
                yield left + "|" + "|".join(line) + "|", i in (0, len(rows) - 1) or n + 1 < height
        yield left + rule, True
        yield "", True
        yield f"Table {self.number[e]}: {e.find('name').text}".center(WIDTH).rstrip(), False

    def index(self, rows):
        """A long table of short cells, in two columns; what its last cells say follows in words."""
        widths = [max(map(len, column)) for column in list(zip(*rows))[:-1]]
        half = ["|".join(f"{cell:<{w}}" for cell, w in zip(row, widths)) for row in rows]
        yield f"{half[0]}||{half[0]}".rstrip(), True
        yield "-" * (2 * len(half[0]) + 2), True
        body = half[1:]
        for left, right in itertools.zip_longest(body[::2], body[1::2], fillvalue=""):
            yield f"{left}||{right}".rstrip(), False
        noted = {}
        for row in rows[1:]:
            if row[-1]:
                noted.setdefault(row[-1], []).append(row[0])
        yield "", False
        for note, names in noted.items():
            yield from ((line, True) for line in wrap(f"{note}: {', '.join(names)}", 6, "   "))
        yield "", True

    def reference(self, r):
        front = r.find("front")
        bits = [who(a) for a in front.findall("author")]
        bits.append(f'"{front.find("title").text}"')
        bits += [f"{i.get('name')} {i.get('value')}" for i in r.findall("seriesInfo") if i.get("name") != "DOI"]
        bits += [c.text for c in r.findall("refcontent")]
        date = front.find("date")
        if date is not None:
            bits.append(" ".join(date.get(k) for k in ("day", "month", "year") if date.get(k)))
        # An RFC is found by its number, an Internet-Draft by its name.
        numbered = any(i.get("name") in ("RFC", "Internet-Draft") for i in r.findall("seriesInfo"))
        tail = f", <{r.get('target')}>" if r.get("target") and not numbered else ""
        label = f"   [{r.get('anchor')}]"
        yield from ((s, False) for s in wrap(", ".join(bits) + tail + ".", 13, label.ljust(12) + " "))

    def section(self, s, toc):
        number = self.number[s]
        title = f"{number}.  {s.find('name').text}"
        if number.isalpha():
            title = "Appendix " + title
        toc.append((number.count("."), title, s))
        yield ("section", s), True
        yield title, True
        yield "", True
        for child in s:
            if child.tag in ("section", "references"):
                yield from self.section(child, toc)
            elif child.tag == "reference":
                yield from self.reference(child)
            elif child.tag != "name":
                yield from self.block(child, 3)

    def front(self):
        root, front = self.root, self.root.find("front")
        date = front.find("date")
        day = f"{date.get('day')} {date.get('month')} {date.get('year')}"
        end = (datetime.datetime.strptime(day, "%d %B %Y") + datetime.timedelta(days=185))
        expires = f"{end.day} {end:%B %Y}"
        authors = front.findall("author")
        status = {"exp": "Experimental", "info": "Informational"}[root.get("category")]
        lefts = ["Network Working Group", "Internet-Draft", f"Intended status: {status}", f"Expires: {expires}"]
        rights = []
        for a in authors:
            rights.append(short(a))
            if a.get("surname") and a.find("organization") is not None:
                rights.append(a.find("organization").text)
        for left, right in itertools.zip_longest(lefts, [*rights, day], fillvalue=""):
            yield (left + right.rjust(WIDTH - len(left))).rstrip(), False
        yield "", False
        yield "", False
        yield front.find("title").text.center(WIDTH).rstrip(), False
        yield root.get("docName").center(WIDTH).rstrip(), False
        copyright = f"Copyright (c) {date.get('year')} IETF Trust and the persons identified as the " \
                    "document authors. All rights reserved."
        abstract = [self.flat(t) for t in front.findall("abstract/t")]
        for title, texts in (
                ("Abstract", abstract),
                ("Status of This Memo", STATUS + [f"This Internet-Draft will expire on {expires}."]),
                ("Copyright Notice", [copyright, COPYRIGHT])):
            yield "", False
            yield title, True
            for text in texts:
                yield "", True
                yield from ((s, False) for s in wrap(text, 3))
        self.running = (
            ("Internet-Draft", front.find("title").get("abbrev"), f"{date.get('month')} "
             f"{date.get('year')}"), (self.by(authors), f"Expires {expires}"))

    def lines(self):
        toc, body = [], []
        back = self.root.find("back")
        for s in [*self.root.find("middle"), back.find("references"), *back.findall("section")]:
            body += list(self.section(s, toc))
        head = [*self.front(), ("", False), ("Table of Contents", True), ("", True)]
        depth = int(self.root.get("tocDepth"))
        toc = [(("toc", *entry), False) for entry in toc if entry[0] < depth]
        return head + toc + [("", False)] + body + list(self.address())

    @staticmethod
    def by(authors):
        """The authors in a page's footer."""
        if len(authors) > 2:
            return f"{authors[0].get('surname') or who(authors[0])}, et al."
        return " & ".join((a.get("surname") if len(authors) > 1 else None) or short(a) for a in authors)

    def address(self):
        authors = self.root.findall("front/author")
        yield "Author's Address" if len(authors) == 1 else "Authors' Addresses", True
        for a in authors:
            parts = [who(a) + (" (editor)" if a.get("role") == "editor" else "")]
            if a.get("surname") and a.find("organization") is not None:
                parts.append(a.find("organization").text)
            parts += [p.text for p in a.findall("address/postal/postalLine")]
            parts += [f"Email: {e.text}" for e in a.findall("address/email")]
            parts += [f"URI:   {u.text}" for u in a.findall("address/uri")]
            yield "", True
            yield from (("   " + part, i + 1 < len(parts)) for i, part in enumerate(parts))


def paginate(lines):
    """Pages of at most BODY lines that do not end in a line to be kept with the next."""
    page = []
    pages = [page]
    for item in lines:
        size = sum(1 for text, _ in page if not (isinstance(text, tuple) and text[0] == "section"))
        if size >= BODY:
            cut = len(page)
            while cut > 1 and page[cut - 1][1]:
                cut -= 1
            page, rest = page[:cut], page[cut:]
            pages[-1] = page
            page = rest
            pages.append(page)
        if item[0] == "" and (not page or page[-1][0] == ""):
            continue
        page.append(item)
    return pages


def render(path):
    draft = Draft(path)
    pages = paginate(draft.lines())
    where = {t[1]: n for n, p in enumerate(pages, 1) for t, _ in p
             if isinstance(t, tuple) and t[0] == "section"}
    (left, middle, right), (author, expires) = draft.running
    header = left + middle.center(WIDTH - len(left) - len(right)) + right
    out = []
    for n, page in enumerate(pages, 1):
        text = [] if n == 1 else [header.rstrip(), "", ""]
        for item, _ in page:
            if isinstance(item, str):
                text.append(item)
            elif item[0] == "toc":
                start = " " * (3 + 2 * item[1]) + item[2] + " "
                dots = " ." * WIDTH
                text.append(start + dots[len(start) % 2:][:WIDTH - 5 - len(start)] +
                            str(where[item[3]]).rjust(5))
        text += [""] * (PAGE - 2 - len(text))
        number = f"[Page {n}]"
        text += ["", author + expires.center(WIDTH - len(author) - len(number)) + number]
        out.append("\n".join(text))
    return "\n\f\n".join(out) + "\n"


def plain(text):
    """A rendering without its page breaks and white space, for finding sentences in it."""
    text = re.sub(r"\n[^\n]*\[Page \d+\]\n(\f\n[^\n]*\n)?", "\n", text)
    return "".join(text.split())


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    result = render(sys.argv[1])
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w", encoding="ascii") as file:
            file.write(result)
    else:
        sys.stdout.write(result)
