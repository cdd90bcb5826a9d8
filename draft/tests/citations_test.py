#!/usr/bin/env python3
"""Every requirement id that the project cites exists in the draft.

Usage: citations_test.py XML ROOT.

It does not demand that each requirement is cited: the suite's coverage check does.
"""
import pathlib
import re
import sys

ID = re.compile(r"\bCBV-[A-Z]+-\d{3}\b")
FOLDERS = ("lib", "fake-mx", "refserver", "conformance", "bindings")
SUFFIXES = {".hpp", ".cpp", ".py", ".pyi", ".xml", ".toml", ".md", ".rnc", ".rng", ".txt"}


def main(source, root):
    known = set(re.findall(r'anchor="(CBV-[A-Z]+-\d{3})"', source.read_text("ascii")))
    unknown = cited = 0
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SUFFIXES or not file.is_file():
                continue
            for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
                # A made-up id for a test is of the group NONE, an example in a document X.
                for found in ID.findall(line):
                    cited += 1
                    if found not in known and not found.startswith(("CBV-NONE-", "CBV-X-")):
                        print(f"{file.relative_to(root)}:{number}: {found} is not in the draft")
                        unknown += 1
    print(f"{cited} citations, {unknown} of unknown ids")
    return 1 if unknown or not cited else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
