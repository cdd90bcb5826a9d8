"""new-target: makes the directory of a target from the templates in targets/_template. It overwrites
nothing, and knows nothing of the implementation: what is to be filled in says so (FILL IN).
"""

import pathlib
import re
import shutil

from harness import TARGETS, UsageError, command, target_file

TEMPLATES = TARGETS / "_template"
KINDS = ("smtp", "command", "policy", "milter")
NAME = "@NAME@"


def make(name, kind="smtp", parent="."):
    """Makes PARENT/NAME; returns its path and the files in it."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise UsageError(f"new-target: {name!r}: expected a name of small letters, digits, '-', '.' and '_'")
    if name in target_file.names():
        raise UsageError(f"new-target: {name} is a target of the house: choose another name")
    directory = pathlib.Path(parent, name)
    try:
        directory.mkdir()
    except FileExistsError:
        raise UsageError(f"new-target: {directory} exists already: nothing was changed") from None
    except OSError as error:
        raise UsageError(f"new-target: {directory}: {error.strerror}") from None
    files = []
    for source in sorted((TEMPLATES / kind).iterdir()):
        copy = directory / source.name
        copy.write_text(source.read_text(encoding="utf-8").replace(NAME, name), encoding="utf-8")
        shutil.copymode(source, copy)
        files.append(copy.name)
    return directory, files


def words(directory, files):
    """What was made, and what comes next."""
    spec = target_file.load(str(directory) if "/" in str(directory) else f"./{directory}")
    return "\n".join([
        f"made {directory}: {', '.join(files)}", "next:",
        f"  edit {' and '.join(str(directory / name) for name in files)} where FILL IN stands",
        f"  {command('check', spec.option)}", f"  {command('run', '--target', spec.option, '--level', 'must')}"])
