"""python -m simulation: the command of command.py."""

import sys

from simulation import command

sys.exit(command.run(sys.argv[1:]))
