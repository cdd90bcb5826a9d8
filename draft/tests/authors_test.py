#!/usr/bin/env python3
"""The draft with other authors in it, and files of authors that are refused. Usage: authors_test.py DRAFT-FOLDER.

It needs xmllint and xsltproc, as ./run draft does, and writes into a folder of its own.
"""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, sys.argv[1])
import authors  # noqa: E402

TWO = """
[document]
name = "draft-example-smtp-callback-verification-03"
date = 2027-01-05
[[author]]
name = "Ada van Example"
surname = "van Example"
initials = "A."
role = "editor"
organization = "Example & Sons"
postal = ["1 Example Street", "Exampleton"]
email = ["ada@example.com"]
uri = "https://www.example.com/"
[[author]]
name = "Bob Sample"
initials = "B."
email = ["bob@example.net"]
"""


class Authors(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def file(self, text):
        path = self.folder / "authors.toml"
        path.write_text(text, "utf-8")
        return path

    def made(self, text):
        return [path.read_text("utf-8") for path in authors.make(authors.read(self.file(text)), self.folder)]

    def test_the_source_has_the_committed_authors(self):
        committed = authors.source().read_text("ascii")
        self.assertEqual(authors.with_authors(committed, *authors.read(authors.FOLDER / "authors.toml")), committed)

    def test_two_people_are_in_every_form(self):
        source, text, page = self.made(TWO)
        for form in (source, text, page):
            for word in ("Ada van Example", "1 Example Street", "ada@example.com", "https://www.example.com/",
                         "Bob Sample", "bob@example.net", "draft-example-smtp-callback-verification-03"):
                self.assertIn(word, form)
            self.assertNotIn("<organization>The cbv project</organization>", form)
        head = text.split("\n\n")[0]
        for word in ("A. van Example, Ed.", "Example & Sons", "B. Sample", "5 January 2027", "Expires: 9 July 2027"):
            self.assertIn(word, head)
        self.assertIn("Authors' Addresses", text)
        self.assertIn("Authors' Addresses", page)
        self.assertIn("van Example & Sample", text)

    def test_more_than_two_are_et_al_in_the_footer(self):
        _, text, _ = self.made(TWO + '[[author]]\norganization = "Third"\n')
        self.assertIn("\nvan Example, et al.  ", text)

    def test_an_organization_alone_stays_one(self):
        _, text, page = self.made('[[author]]\norganization = "The cbv project"\n')
        self.assertIn("Author's Address\n\n   The cbv project\n", text)
        self.assertIn("Author's Address", page)

    def test_refused(self):
        person = '[[author]]\nname = "A B"\ninitials = "A."\n'
        for text, words in (("", "one or more"), ("[author]\nname = 'x'", "one or more"), ("x = 1\n" + person, "one or more"),
                            (person + "phone = '1'", "no field 'phone'"), (person + "email = [1]", "email: expected"),
                            (person + "uri = ''", "uri: expected"), (person + "postal = ['\u00e4']", "printable ASCII"),
                            (person + 'organization = "a\\nb"', "printable ASCII"), (person + "role = 'chief'", "role is editor"),
                            ('[[author]]\nname = "A B"', "needs initials"), ("[[author]]\nuri = 'x:y'", "name or an org"),
                            (person + "[document]\nname = 'rfc1'", "[document]"), (person + "[document]\ndate = 1", "[document]"),
                            ("[[author", "authors.toml")):
            with self.subTest(text=text), self.assertRaisesRegex(SystemExit, words.replace("[", r"\[")):
                authors.read(self.file(text))
        with self.assertRaisesRegex(SystemExit, "No such file"):
            authors.read(self.folder / "none.toml")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
