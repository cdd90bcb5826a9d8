"""The draft as the suite knows it: its requirements by id, for reports and for the trace. The reading is
the C++ reader's (cbv.load_draft), and the draft's form is checked by its own tests.
"""

import functools

from harness import ROOT, SuiteError

FOLDER = ROOT / "draft"


def source(folder=FOLDER):
    """The draft's XML; SuiteError unless there is exactly one."""
    files = sorted(folder.glob("draft-*.xml"))
    if len(files) != 1:
        raise SuiteError(f"{folder}: expected one draft-*.xml, found {len(files)}")
    return files[0]


def load(path):
    """The cbv.Draft in a file; SuiteError when it cannot be read."""
    import cbv  # not at the top: the harness's plugin is loaded without it, too
    if not hasattr(cbv, "load_draft"):
        raise SuiteError(f"the module cbv ({cbv.__file__}) has no load_draft: build it again")
    try:
        return cbv.load_draft(str(path))
    except cbv.DraftError as error:
        raise SuiteError(str(error)) from None


@functools.cache
def document():
    """The project's draft, a cbv.Draft."""
    return load(source())


@functools.cache
def requirements():
    """{id: cbv.Requirement} in the order of the draft."""
    return {r.id: r for r in document().requirements}


def name():
    """The draft's name with its version."""
    return document().name


def sentence(requirement):
    """'"The reverse-path ... MUST be null." (section 7 Dialogue)', or '' when unknown."""
    if (found := requirements().get(requirement)) is None:
        return ""
    return f'"{found.sentence}" (section {found.section_number} {found.section_title})'


def plain_level(requirement):
    """The level of a cbv.Requirement as cases and reports have it: MUST, SHOULD or MAY."""
    return requirement.level.removesuffix(" NOT")


def level(requirement):
    """'MUST', 'SHOULD' or 'MAY'; KeyError when unknown."""
    return plain_level(requirements()[requirement])
