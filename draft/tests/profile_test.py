#!/usr/bin/env python3
"""The profile and the stylesheet refuse what they must: small edits of the draft that are wrong.

Usage: profile_test.py XMLLINT XSLTPROC XML. It does not check the draft itself: the build does.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

XMLLINT, XSLTPROC = sys.argv[1:3]
SOURCE = pathlib.Path(sys.argv[3])
TEXT = SOURCE.read_text("ascii")


def run(*command, text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "edited.xml"
        file.write_text(text, "ascii")
        return subprocess.run([*command, str(file)], capture_output=True, check=False)


class Profile(unittest.TestCase):
    def refuse(self, old, new):
        self.assertIn(old, TEXT)
        result = run(XMLLINT, "--nonet", "--noout", "--relaxng", str(SOURCE.parent / "profile.rng"),
                     text=TEXT.replace(old, new, 1))
        self.assertNotEqual(result.returncode, 0, f"accepted: {old} -> {new}")

    def test_refuses(self):
        for old, new in (("<bcp14>MUST NOT</bcp14>", "<bcp14>must not</bcp14>"),
                         ("<bcp14>MAY</bcp14>", "<strong>MAY</strong>"),
                         ('anchor="CBV-DLG-005"', 'anchor="CBV-DLG-5"'),
                         ('anchor="CBV-DLG-005"', 'anchor="CBV-DLG-004"'),
                         ('anchor="CBV-DLG-005"', ""),
                         ("<tt>fail</tt>", "<em>fail</em>"),
                         ('submissionType="IETF"', 'submissionType="independent"'),
                         ("<organization>The cbv project</organization>", "<email>a@example.com</email>"),
                         ('target="RFC5321"', 'target="RFC821"'),
                         ("<thead>", "<tbody>")):
            with self.subTest(new=new):
                self.refuse(old, new)


class Stylesheet(unittest.TestCase):
    def stop(self, old, new, message):
        self.assertIn(old, TEXT)
        result = run(XSLTPROC, "--nonet", "--novalid", str(SOURCE.parent / "html.xsl"),
                     text=TEXT.replace(old, new, 1))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(message, result.stderr.decode())

    def test_stops(self):
        self.stop("<tt>fail</tt>", "<em>fail</em>", "no rendering for the element: em")
        self.stop('target="RFC5321"', 'target="RFC821"', "unknown anchor: RFC821")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
