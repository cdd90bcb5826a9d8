"""The version that an implementation says itself: asked of small programs, and of each way in which they do not tell."""

import pathlib
import sys

import pytest

from harness import UsageError, target_file, versions


def spec(*words, **keys):
    return target_file.Spec("mine", pathlib.Path(__file__).parent, "command", version=list(words), **keys)


def python(text):
    return spec("{python}", "-c", text)


def test_the_first_line_is_the_version():
    assert versions.of(python("print('\\n  my-mta 2.4 \\nand more')")) == ["my-mta 2.4"]
    assert versions.of(python("import sys; sys.stderr.write('my-mta 2.5')")) == ["my-mta 2.5"]
    assert versions.of(spec()) == []


def test_what_a_terminal_would_obey_is_replaced():
    assert versions.of(python("print('mta\\x1b[2J 1')")) == ["mta?[2J 1"]
    assert len(versions.of(python("print('x' * 9999)"))[0]) == versions.LONGEST


@pytest.mark.parametrize("text, words", [
    ("raise SystemExit(3)", "ends with status 3 and says nothing; expected 0 and a line with its version"),
    ("print('usage: mta'); raise SystemExit(2)", "ends with status 2: usage: mta; expected 0"),
    ("", "ends with status 0 and says nothing"),
])
def test_a_program_that_does_not_say(text, words):
    with pytest.raises(UsageError) as caught:
        versions.of(python(text))
    assert "target.toml: version: " in str(caught.value) and words in str(caught.value)


def test_a_program_that_is_not_there_and_a_name_that_is_not_known():
    with pytest.raises(UsageError, match="version: no-such-mta: No such file"):
        versions.of(spec("no-such-mta"))
    with pytest.raises(UsageError, match="version.*unknown name {state}"):
        versions.of(spec(sys.executable, "{state}"))


def test_a_program_that_does_not_end(monkeypatch):
    monkeypatch.setattr(versions, "SECONDS", 0.2)
    with pytest.raises(UsageError, match="said nothing for 0.2 s"):
        versions.of(python("import time; time.sleep(60)"))
