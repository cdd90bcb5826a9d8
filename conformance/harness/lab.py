"""Gets a run into the lab: fetches what the target needs while there still is a network, then starts
the same command again inside.
"""

import os
import sys

from harness import LAB, packages, progress


def inside():
    return os.environ.get("CBV_LAB") == "1"


def enter(spec, arguments):
    """Returns when no lab is needed or this is it; otherwise becomes `python ARGUMENTS` in the lab."""
    if not spec.live or inside():
        return
    line = progress.Progress(sys.stdout)
    with line.phase(f"fetching what {spec.name} needs"):
        packages.fetch(spec, line.say)
    sys.stdout.flush()
    os.execv(LAB, [str(LAB), "--", sys.executable, *arguments])
