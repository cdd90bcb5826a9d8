#!/usr/bin/env python3
"""Checks the draft's own form and that its renderings belong to it. Usage: lint_test.py XML HTML.

It does not validate against the profile (the build does) and does not look at the library.
"""
import hashlib
import html.parser
import ipaddress
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree as ET

SOURCE, HTML = map(pathlib.Path, sys.argv[1:3])
sys.path.insert(0, str(SOURCE.parent))
import render_text  # noqa: E402

KEYWORDS = r"\b(MUST|SHALL|SHOULD|REQUIRED|RECOMMENDED|MAY|OPTIONAL)\b"
ID = re.compile(r"CBV-[A-Z]+-\d{3}")
STAGES = {"MX lookup", "address lookup", "connect", "greeting", "EHLO", "HELO", "STARTTLS", "NOOP",
          "MAIL", "RCPT", "control", "QUIT", "budget"}
EVENTS = {"2yz", "4yz", "5yz", "5yz X.2.2", "5yz softening code", "5yz temporary code", "5yz no standing", "5yz less preferred", "other",
          "timeout", "lost", "refused", "TLS failure", "answer", "null MX", "no data", "NXDOMAIN",
          "SERVFAIL", "REFUSED", "bogus", "prohibited", "SMTPUTF8 missing"}
CODES = re.compile(r"[45]\d\d(-[45]\d\d)?( [45]\d\d(-[45]\d\d)?)*")
EFFECTS = {"go on", "pass", "fail", "tempfail", "unverifiable", "verdict stands"}
THEN = {"end", "next host", "next preference", "next stage", "HELO", "go on in clear"}

draft = render_text.Draft(SOURCE)
root = draft.root
requirements = [e for e in root.iter() if ID.fullmatch(e.get("anchor", ""))]


def table(anchor):
    rows = [[draft.flat(c) for c in tr] for tr in draft.anchor[anchor].iter("tr")]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


class Page(html.parser.HTMLParser):
    """The words and the ids of the HTML rendering."""

    def __init__(self, text):
        super().__init__()
        self.words, self.ids = [], []
        self.feed(text)

    def handle_data(self, data):
        self.words.append(data)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]


class Form(unittest.TestCase):
    def test_no_key_word_outside_bcp14(self):
        def texts(e):
            if e.tag not in ("bcp14", "artwork", "reference"):
                yield e.text or ""
                for child in e:
                    yield from texts(child)
                    yield child.tail or ""
        for text in texts(root):
            self.assertNotRegex(text, KEYWORDS)

    def test_key_words_only_in_elements_with_an_id(self):
        for parent in root.iter():
            if parent.find("bcp14") is not None:
                self.assertRegex(parent.get("anchor", ""), r"^CBV-[A-Z]+-\d{3}$|^bcp14-boilerplate$",
                                 draft.flat(parent))

    def test_requirements_are_sentences_under_their_id(self):
        self.assertEqual(len(requirements), 169)
        for dl in root.iter("dl"):
            if dl.get("newline"):
                for dt, dd in zip(dl.findall("dt"), dl.findall("dd")):
                    self.assertEqual(dt.text, dd.find("t").get("anchor"))
        for r in requirements:
            self.assertRegex(draft.flat(r), r"^[A-Z0-9].*[^.]\.$", r.get("anchor"))

    def test_ids_are_unique_and_numbered_from_one(self):
        ids = [e.get("anchor") for e in root.iter() if e.get("anchor")]
        self.assertEqual(len(ids), len(set(ids)))
        last = {}
        for r in requirements:
            group, number = r.get("anchor").rsplit("-", 1)
            self.assertEqual(int(number), last.get(group, 0) + 1, r.get("anchor"))
            last[group] = int(number)

    def test_requirement_index_agrees(self):
        index = [(row["requirement"], row["level"]) for row in table("requirement-index")]
        self.assertEqual(index, [(r.get("anchor"), " ".join(r.find("bcp14").text.lower().split()))
                                 for r in requirements])
        for row in table("requirement-index"):
            self.assertIn(row["seen by"], ("wire", "capability", "bindings", "target"))
            # Only what nobody can see from outside needs an excuse.
            self.assertEqual(row["seen by"] == "bindings", row["why not from outside"] != "", row)

    def test_references_are_used_and_known(self):
        used = {x.get("target") for x in root.iter("xref")}
        for r in root.iter("reference"):
            self.assertIn(r.get("anchor"), used)
        for word in ID.findall("".join(root.itertext())):
            self.assertIn(word, draft.anchor)
        for x in root.iter("xref"):
            if x.get("format") == "none":
                self.assertEqual(x.text, x.get("target"))

    def test_source_is_ascii_and_named_as_it_says(self):
        SOURCE.read_bytes().decode("ascii")
        self.assertEqual(root.get("docName"), SOURCE.stem)
        self.assertEqual(root.find("front/seriesInfo").get("value"), SOURCE.stem)


class Tables(unittest.TestCase):
    def bound(self, row, column, value):
        """A bound is "none" or "at least N" or "at most N", and the default keeps it."""
        limit = re.fullmatch(r"none|at (least|most) (\d+)", row[column])
        self.assertTrue(limit)
        if limit[1]:
            compare = {"least": int.__ge__, "most": int.__le__}[limit[1]]
            self.assertTrue(compare(int(value), int(limit[2])))

    def test_decision_table(self):
        rows, seen = table("decision-table"), {}
        self.assertEqual(list(rows[0]), ["stage", "event", "effect", "then", "cause"])
        replies = {row["cause"] for row in table("reply-table")}
        for row in rows:
            with self.subTest(row=row):
                self.assertIn(row["stage"], STAGES)
                self.assertTrue(row["event"] in EVENTS or CODES.fullmatch(row["event"]))
                self.assertIn(row["effect"], EFFECTS)
                self.assertIn(row["then"], THEN)
                events = seen.setdefault(row["stage"], [])
                self.assertNotIn(row["event"], events)
                # A row behind a wider one would never be read.
                if row["event"].startswith("5") and row["event"] != "5yz":
                    self.assertNotIn("5yz", events)
                events.append(row["event"])
                if row["effect"] in ("fail", "tempfail"):
                    if row["cause"] != "-":
                        self.assertIn(row["cause"], replies)
                elif row["effect"] in ("go on", "verdict stands"):
                    self.assertEqual(row["cause"], "-")
        self.assertEqual(set(seen), STAGES)

    def test_timeout_table(self):
        for row in table("timeout-table"):
            with self.subTest(row=row):
                self.assertGreater(int(row["default seconds"]), 0)
                self.assertIn(row["requirement"], draft.anchor)
                self.bound(row, "limit", row["default seconds"])

    def test_cache_table(self):
        rows = table("cache-table")
        self.assertEqual(list(rows[0]), ["verdict", "given by", "default seconds", "at most",
                                         "requirement"])
        keys = [(row["verdict"], row["given by"]) for row in rows]
        self.assertEqual(len(keys), len(set(keys)))
        for row in rows:
            with self.subTest(row=row):
                self.assertIn(row["verdict"], ("pass", "fail", "tempfail", "unverifiable"))
                self.assertIn(row["given by"], ("RCPT", "MAIL", "EHLO", "DNS", "any"))
                self.assertIn(row["requirement"], draft.anchor)
                self.assertRegex(row["at most"], r"^(none|[1-9]\d*)$")
                if row["default seconds"] == "time to live":
                    self.assertEqual(row["given by"], "DNS")
                    self.assertNotEqual(row["at most"], "none")
                else:
                    self.assertGreater(int(row["default seconds"]), 0)
                    if row["at most"] != "none":
                        self.assertLessEqual(int(row["default seconds"]), int(row["at most"]))

    def test_limit_table(self):
        rows = table("limit-table")
        self.assertEqual(list(rows[0]), ["limit", "default", "bound", "requirement"])
        self.assertEqual(len(rows), len({row["limit"] for row in rows}))
        for row in rows:
            with self.subTest(row=row):
                self.assertGreater(int(row["default"]), 0)
                self.assertIn(row["requirement"], draft.anchor)
                self.bound(row, "bound", row["default"])

    def test_reply_table(self):
        rows = table("reply-table")
        self.assertEqual(len(rows), len({row["cause"] for row in rows}))
        for row in rows:
            with self.subTest(row=row):
                self.assertRegex(row["cause"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
                self.assertIn(row["basic code"], ("550", "451"))
                self.assertRegex(row["enhanced code"], r"^[45]\.\d{1,3}\.\d{1,3}$")
                self.assertEqual(row["basic code"][0], row["enhanced code"][0])

    def test_address_table(self):
        rows = table("address-table")
        nets = [ipaddress.ip_network(row["prefix"]) for row in rows]
        for row, net in zip(rows, nets):
            with self.subTest(row=row):
                self.assertEqual(row["family"], f"IPv{net.version}")
                self.assertIn((row["embedded IPv4"], row["rule"]),
                              {("no", "never"), ("yes", "never"), ("yes", "by embedded")})
        self.assertEqual(nets, sorted(set(nets), key=lambda n: (n.version, n)))


class Renderings(unittest.TestCase):
    """Every sentence of the source is in both renderings, and the digests agree."""

    def setUp(self):
        self.text = SOURCE.with_suffix(".txt").read_text("ascii")
        self.page = Page(HTML.read_text("utf-8"))

    def test_digests(self):
        lines = (SOURCE.parent / "RENDERED.sha256").read_text("ascii").splitlines()
        self.assertEqual([line.split("  ")[1] for line in lines],
                         [SOURCE.name, SOURCE.with_suffix(".txt").name])
        for line in lines:
            digest, name = line.split("  ")
            actual = hashlib.sha256((SOURCE.parent / name).read_bytes()).hexdigest()
            self.assertEqual(actual, digest, f"{name}: render the draft again (README.md)")

    def test_text_is_what_the_renderer_makes(self):
        self.assertEqual(self.text, render_text.render(SOURCE))

    def test_text_fits_a_page(self):
        for n, page in enumerate(self.text.split("\f"), 1):
            self.assertLessEqual(len(page.strip("\n").split("\n")), render_text.PAGE, f"page {n}")
            self.assertIn(f"[Page {n}]", page)
            for line in page.split("\n"):
                self.assertLessEqual(len(line), render_text.WIDTH, line)

    def test_sentences(self):
        text = render_text.plain(self.text)
        page = "".join("".join(self.page.words).split())
        for e in root.iter():
            if e.tag in ("t", "li") or e.find("bcp14") is not None:
                sentence = "".join(draft.flat(e).split())
                self.assertIn(sentence, text)
                self.assertIn(sentence, page)

    def test_ids(self):
        ids = [r.get("anchor") for r in requirements]
        self.assertEqual([i for i in self.page.ids if ID.fullmatch(i)], ids)
        headings = re.findall(r"^   (CBV-[A-Z]+-\d{3}): ", self.text, re.M)
        self.assertEqual(headings, ids)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
