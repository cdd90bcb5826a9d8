"""python -m harness: the same as cbv-conformance."""

import signal
import sys

from harness.cli import main

signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `... list | head` ends quietly
sys.exit(main())
