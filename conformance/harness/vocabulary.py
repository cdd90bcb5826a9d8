"""The words a finding can be (vocabulary.toml)."""

import functools
import tomllib

from harness import CONFORMANCE

FILE = CONFORMANCE / "vocabulary.toml"


@functools.cache
def meanings():
    """{word: what the implementation did}, in the vocabulary's order."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@functools.cache
def words():
    """The words alone."""
    return frozenset(meanings())
