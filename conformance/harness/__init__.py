"""The harness of the conformance suite: starts the implementation under test, feeds the engine's
results to pytest and writes reports. It judges nothing: the engine (module cbv) does.

It works in two layouts: in the source tree beside a build, and installed, where installed.py (written by
CMake) says how things lie to each other. Nothing here is an absolute path, so what is installed can be moved.
"""

import difflib
import os
import pathlib

try:
    from harness import installed as INSTALLED
except ImportError:
    INSTALLED = None

CONFORMANCE = pathlib.Path(__file__).resolve().parents[1]
ROOT = CONFORMANCE.parent  # the source tree, or PREFIX/share/cbv
CASES = CONFORMANCE / "cases"
TARGETS = CONFORMANCE / "targets"

if INSTALLED is None:
    BUILD = pathlib.Path(os.environ.get("CBV_BUILD", ROOT / "build" / "release"))
    LAB = ROOT / "fake-mx" / "lab" / "lab"
    STORE = ROOT / "build" / "targets"
    PROGRAMS = {"cbv": BUILD / "lib" / "cli" / "cbv", "fake-mx": BUILD / "fake-mx" / "fake-mx",
                "cbv-refserver": BUILD / "refserver" / "cbv-refserver"}
else:
    _PREFIX = pathlib.Path(os.path.normpath(CONFORMANCE / "harness" / INSTALLED.PREFIX))
    BUILD = None
    LAB = _PREFIX / INSTALLED.LIBEXEC / "lab"
    STORE = pathlib.Path(os.environ.get("CBV_STORE") or pathlib.Path(
        os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "cbv", "targets"))
    PROGRAMS = {name: _PREFIX / INSTALLED.BIN / name for name in ("cbv", "fake-mx", "cbv-refserver")}


def command(verb, *words):
    """The command line a user types here: ./run in the source tree, cbv-conformance where installed."""
    if INSTALLED is not None:
        return " ".join(["cbv-conformance", {"help": "--help"}.get(verb, verb), *words])
    own = ("help", "list", "targets", "show", "matrix", "trace", "mutants", "deviations", "report", "check", "fetch", "new-target")
    # Where ./run was called from elsewhere, it says so.
    return " ".join([os.environ.get("CBV_RUN", "./run"), *((verb,) if verb in own else ("conformance",) if verb == "run" else ("conformance", verb)), *words])


def meant(word, words):
    """'; is X meant?' for a misspelt word; '' when none of the words is near."""
    near = difflib.get_close_matches(word, words, 1)
    return f"; is {near[0]} meant?" if near else ""


class UsageError(Exception):
    """The user or a target's configuration is at fault, or the target never got ready: status 2."""


class SuiteError(Exception):
    """The suite itself is at fault: status 4."""
