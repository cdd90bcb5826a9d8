"""The case files as far as reports need them without a target: who they are and what they cite. The
engine loads cases properly; a file it would refuse may be read here.
"""

import pathlib
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from harness import CASES, SuiteError


@dataclass(frozen=True)
class CaseFile:
    """One case's head."""

    id: str
    area: str  # the folder
    level: str
    requirements: tuple  # ids; the first is the case's own
    cited: frozenset  # every id in the file, those of single expectations included
    title: str
    path: pathlib.Path


def read(path):
    """The CaseFile in a file; SuiteError when it is not XML or no case."""
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise SuiteError(f"{path}: {error}") from None
    requirements = tuple(root.get("requirement", "").split())
    if root.tag != "case" or not requirements:
        raise SuiteError(f"{path}: expected <case requirement=...>")
    cited = frozenset(word for e in root.iter() for word in e.get("requirement", "").split())
    return CaseFile(root.get("id"), path.parent.name, root.get("level"), requirements, cited,
                    " ".join(root.findtext("title", "").split()), path)


def load(directory=CASES):
    """{case id: CaseFile} in order of path."""
    return {case.id: case for case in map(read, sorted(directory.glob("*/*.xml")))}
