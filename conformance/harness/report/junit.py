"""What pytest's JUnit report (--junitxml FILE) says of a case: its requirement is the class, its id the name;
level, area, status and findings are properties; a failure's message is one line, its text the whole
description. pytest writes the file.
"""

import types

from harness import draft, suite, versions


def properties(outcome):
    """[(name, value)] of one case."""
    case = outcome.case
    named = [("title", case.title), ("requirement", case.requirements[0]), ("level", case.level),
             ("area", case.area), ("status", outcome.status)]
    named += [("further-requirement", further) for further in case.requirements[1:]]
    return named + [("note" if f.note else "finding", f.word) for f in outcome.findings]


class Failure(str):
    """A failure's description, whose one line pytest takes as the message."""

    def __new__(cls, description, outcome):
        made = super().__new__(cls, description)
        words = ", ".join(outcome.words) or outcome.reason
        made.reprcrash = types.SimpleNamespace(message=" ".join(f"{words} {outcome.problem}".split()))
        return made


def name_suite(config, spec):
    """The report's suite is named after the target, and has the versions as properties."""
    from _pytest.junitxml import xml_key
    report = config.stash.get(xml_key, None)
    if report is None:
        return
    report.suite_name = spec.name
    for name, value in (("suite", suite.version()), ("draft", draft.name()), ("kind", spec.kind),
                        ("description", spec.description)):
        report.add_global_property(name, value)
    for version in versions.of(spec):
        report.add_global_property("version", version)
