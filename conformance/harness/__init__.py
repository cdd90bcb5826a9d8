"""The harness of the conformance suite: starts the implementation under test, feeds the engine's
results to pytest and writes reports. It judges nothing: the engine (module cbv) does.
"""

import os
import pathlib

CONFORMANCE = pathlib.Path(__file__).resolve().parents[1]
ROOT = CONFORMANCE.parent
CASES = CONFORMANCE / "cases"
TARGETS = CONFORMANCE / "targets"
LAB = ROOT / "fake-mx" / "lab" / "lab"
BUILD = pathlib.Path(os.environ.get("CBV_BUILD", ROOT / "build" / "release"))


class UsageError(Exception):
    """The user or a target's configuration is at fault, or the target never got ready: status 2."""


class SuiteError(Exception):
    """The suite itself is at fault: status 4."""
