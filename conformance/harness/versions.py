"""What version an implementation is: what it says itself (target.toml's `version`), and what was fetched for it.
It compares nothing; packages.changes() does.
"""

import functools
import subprocess

from harness import UsageError, packages, templates

SECONDS = 10  # a program that is only asked its version answers at once
LONGEST = 200


def of(spec):
    """['my-mta 2.4', 'libspf2-2 1.2.10', ...]: its own version first. UsageError when it does not say."""
    return [*([_asked(*_words(spec))] if spec.version else []), *packages.versions(spec)]


def _words(spec):
    """(where, directory, argument, ...); there is no {state} before it is started."""
    where = f"{spec.directory}/target.toml: version"
    values = templates.values_of(spec, "", packages.prefix_of(spec))
    del values["state"]
    return where, str(spec.directory), *(templates.expand(word, values, where) for word in spec.version)


@functools.cache
def _asked(where, directory, *words):
    try:
        done = subprocess.run(words, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    except OSError as error:
        raise UsageError(f"{where}: {words[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{where}: {words[0]} said nothing for {SECONDS} s: expected its version and its end") from None
    lines = [line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
    if done.returncode or not lines:
        said = f": {_clean(lines[-1])}" if lines else " and says nothing"
        raise UsageError(f"{where}: {words[0]} ends with status {done.returncode}{said}; expected 0 and a line "
                         "with its version")
    return _clean(lines[0])


def _clean(line):
    """It goes into XML, HTML and a terminal."""
    return "".join(c if c.isprintable() else "?" for c in line)[:LONGEST]
