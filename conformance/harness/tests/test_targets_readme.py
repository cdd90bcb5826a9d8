"""The guide in targets/README.md is true: its key table is that of target_file, its TOML parses, and the
names and kinds it lists are those there are."""

import pathlib
import re
import tomllib

import pytest

from harness import CONFORMANCE, TARGETS, target_file, templates, vocabulary

GUIDE = (TARGETS / "README.md").read_text(encoding="utf-8")
KINDS = {"all": {"library", "smtp", "policy", "milter", "command"}, "live": {"smtp", "policy", "milter", "command"},
         "servers": {"smtp", "policy", "milter"}, "command": {"command"}}


def rows(heading):
    """Cells of the table after the first line with this beginning."""
    lines = GUIDE[GUIDE.index(heading):].splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("|---"))
    for line in lines[begin + 1:]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def table():
    """{key: kinds} of the key table."""
    found = {}
    for keys, kinds, *_ in rows("| key | kinds | meaning |"):
        for key in re.findall(r"`\[*([a-z-]+)\]*`", keys):
            mine = re.search(rf"`{key}` also ([a-z]+)", kinds)
            found[key] = KINDS[kinds.split(";")[0]] | (KINDS[mine[1]] if mine else set())
    return found


def test_the_key_table_is_complete():
    assert table() == {key: set(kinds) for key, (_, kinds) in target_file._KEYS.items()}


def test_the_table_names_every_key_of_its_tables():
    words = set(re.findall(r"`([a-z-]+)`", GUIDE[GUIDE.index("| key | kinds"):]))
    assert not {*target_file.TIMEOUTS, *target_file.LIFETIMES, *target_file.LIMITS, *target_file.IDENTITIES} - words
    assert all(f'"{role}"' in GUIDE for role in target_file.ROLES)


def test_names_of_templates_are_those_there_are(tmp_path):
    spec = target_file.load("refserver")
    known = set(templates.values_of(spec, tmp_path)) - {*spec.timeouts, *spec.limits, *spec.identities}
    named = {name for cells in rows("| name in `{}`") if "[" not in cells[0] for name in re.findall(r"`([a-z-]+)`", cells[0])}
    assert named == known | {"path", "case"}


def test_defaults_are_those_of_the_code():
    spec = target_file.Spec("x", pathlib.Path(), "smtp")
    for words in (f"be ready ({spec.ready_timeout:g})", f"seconds ({spec.start_spread:g})", f"seconds ({spec.slack:g})",
                  f"seconds ({spec.client_timeout:g})", f"seconds ({spec.poll_interval:g}), until the limit ({spec.poll_limit:g})",
                  f"at once ({spec.parallel})", spec.address, *map(str, target_file.PORTS.values())):
        assert words in GUIDE, words


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL))
def test_its_toml_has_known_keys(block):
    for key in tomllib.loads(block):
        assert key in target_file._KEYS


def test_every_verb_it_shows_there_is():
    from harness import cli
    shown = set(re.findall(r"^\./run (?:conformance )?([a-z][a-z-]+)", GUIDE, re.MULTILINE)) - {"conformance"}
    assert shown and all(f"cbv-conformance {verb} " in cli.__doc__ for verb in shown), shown


def test_its_waiver_is_of_a_case_there_is():
    (waiver,) = (entry for block in re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL) for entry in tomllib.loads(block).get("waivers", ()))
    assert (CONFORMANCE / "cases" / "time" / f"{waiver['case']}.xml").is_file() and waiver["finding"] in vocabulary.words()
