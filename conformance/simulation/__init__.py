"""The simulation's results: reading, drawing, tables, and the command `./run simulate`.

The numbers are made by cbv-simulate (C++); nothing here computes an outcome. Standard library only.
"""

import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent
PARAMETERS = FOLDER / "parameters.toml"
RESULTS = FOLDER / "results" / "results.json"
TABLE = FOLDER / "results" / "results.csv"

# Under every plot and table.
CAVEAT = "Virtual time proves the arithmetic of the rules and not the Internet."
