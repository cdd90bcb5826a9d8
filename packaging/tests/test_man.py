"""The manual pages are well formed, and name every option that --help names and no other."""

import re
import shutil

import pytest

PAGES = {"cbv": "man1/cbv.1", "fake-mx": "man1/fake-mx.1", "cbv-conformance": "man1/cbv-conformance.1",
         "cbv-refserver": "man8/cbv-refserver.8"}
SECTIONS = {"NAME", "SYNOPSIS", "DESCRIPTION", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}
OTHERS = {"cbv-conformance": {"junitxml", "maxfail"}}  # pytest's, which the page mentions
BUILTIN = {"cbv-conformance": {"help"}}  # what its help does not say of itself


def page(prefix, program):
    path = prefix / "share" / "man" / PAGES[program]
    return path, path.read_text(encoding="ascii")


def options_of_help(text):
    return set(re.findall(r"(?<![\w-])--([a-z0-9][a-z0-9-]*)", text))


def options_of_page(text):
    return set(re.findall(r"\bFl -([a-z0-9][a-z0-9-]*)", text))


@pytest.mark.parametrize("program", PAGES)
def test_page_and_help_have_the_same_options(prefix, tools, program, tmp_path):
    said = options_of_help(tools.run(prefix / "bin" / program, "--help", cwd=tmp_path)) | BUILTIN.get(program, set())
    written = options_of_page(page(prefix, program)[1]) - OTHERS.get(program, set())
    missing, extra = said - written, written - said
    assert not missing, f"{program}: --help has options that its page lacks"
    assert not extra, f"{program}: its page has options that --help lacks"


def test_page_and_help_have_the_same_commands(prefix, tools, tmp_path):
    said = tools.run(prefix / "bin" / "cbv-conformance", "--help", cwd=tmp_path)
    verbs = set(re.findall(r"^ +cbv-conformance ([a-z-]+)", said, re.MULTILINE)) | {"run"}
    assert verbs - {"--version"} == set(re.findall(r"^\.It Cm ([a-z-]+)", page(prefix, "cbv-conformance")[1], re.MULTILINE))


@pytest.mark.parametrize("program", PAGES)
def test_page_is_well_formed(prefix, tools, program):
    path, text = page(prefix, program)
    assert SECTIONS <= set(re.findall(r"^\.Sh (.*)$", text, re.MULTILINE))
    assert not [line for line in text.splitlines() if len(line) > 80 or line.endswith(" ")]
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc")
    tools.run("mandoc", "-Tlint", "-Wwarning", path, cwd="/")
    for other in re.findall(r"^\.Xr ([a-z-]+) (\d)", text, re.MULTILINE):
        assert other[0] not in PAGES or PAGES[other[0]].endswith(f"{other[0]}.{other[1]}")


def test_lint_can_fail(tools, tmp_path):
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc")
    wrong = tmp_path / "wrong.1"
    wrong.write_text(".Dd November 24, 2026\n.Dt WRONG 1\n.Os\n.Sh NAME\n.Nm wrong\n.Nd is\n.Sh SYNOPSIS\n.El\n.Nosuch\n")
    tools.run("mandoc", "-Tlint", "-Wwarning", wrong, cwd="/", status=3)
