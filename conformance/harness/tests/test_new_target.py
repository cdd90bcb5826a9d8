"""new-target: what it makes is a target, it overwrites nothing, and it says what comes next."""

import os

import pytest

from harness import TARGETS, UsageError, cli, new_target, target_file, templates


@pytest.mark.parametrize("kind", new_target.KINDS)
def test_what_it_makes_is_a_target(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new-target", "my-mta", "--kind", kind]) == 0
    spec = target_file.load("./my-mta")
    assert (spec.name, spec.kind, spec.description) == ("my-mta", kind, "my-mta")
    values = templates.values_of(spec, tmp_path)
    templates.write_files(spec, tmp_path, values)
    for word in spec.start + [word for word in spec.command if word != "{path}"]:
        templates.expand(word, values, kind)
    text = (tmp_path / "my-mta" / "target.toml").read_text()
    assert len(text.splitlines()) <= 25 and "FILL IN" in text and new_target.NAME not in text
    made, following = capsys.readouterr().out.split("next:\n")
    assert made.startswith("made my-mta: ") and "target.toml" in made
    assert "check ./my-mta\n" in following and "--target ./my-mta --level must" in following
    if kind == "command":
        assert os.access(tmp_path / "my-mta" / "verify", os.X_OK)


def test_it_overwrites_nothing(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "target.toml").write_text("precious")
    with pytest.raises(UsageError, match="exists already: nothing was changed"):
        new_target.make("mine", parent=tmp_path)
    assert (tmp_path / "mine" / "target.toml").read_text() == "precious"


@pytest.mark.parametrize("arguments, words", [
    (["exim"], "exim is a target of the house"),
    (["../up"], "expected a name of small letters"),
    (["mine", "--kind", "library"], "invalid choice"),
    (["mine", "--directory", "none/such"], "No such file or directory"),
    ([], "NAME"),
])
def test_mistakes(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new-target", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_templates_are_no_targets():
    assert not [name for name in target_file.names() if name.startswith("_")]
    assert {path.name for path in (TARGETS / "_template").iterdir()} == set(new_target.KINDS)
