"""The suite as a pytest plugin, under a name for other people's projects: with --target, pytest's items are the
suite's cases against that target; without it, it does nothing. See cbv-conformance(1).
"""

import cbv_conformance

cbv_conformance.load()

from harness.plugin import *  # noqa: E402,F401,F403: pytest finds the hooks by their names
