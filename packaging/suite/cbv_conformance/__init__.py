"""The conformance suite in other people's Python: `pytest -p cbv_conformance.plugin --target DIRECTORY`,
or `pytest_plugins = ["cbv_conformance.plugin"]` in a conftest.py. run() runs it from a test and returns the result.

The suite's own package is called harness. It is loaded from where it was installed, so that a directory of that
name on somebody's path does no harm, and it is not there before it is asked for.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cbv_conformance.where import SUITE

__all__ = ["run"]

_SUITE = pathlib.Path(os.path.normpath(pathlib.Path(__file__).resolve().parent / SUITE))
_MODULES = pathlib.Path(__file__).resolve().parents[1]


def load():
    """Makes the package harness importable; ImportError when another one was imported before."""
    init = _SUITE / "harness" / "__init__.py"
    if (there := sys.modules.get("harness")) is not None:
        if pathlib.Path(there.__file__ or "").resolve() == init:
            return
        raise ImportError(f"another package harness is imported already ({there.__file__}); cbv_conformance needs "
                          "its own: import cbv_conformance.plugin first, or rename the other")
    spec = importlib.util.spec_from_file_location("harness", init, submodule_search_locations=[str(init.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness"] = module
    spec.loader.exec_module(module)


def environment():
    """The environment in which `python -m harness` is this suite."""
    path = [str(_SUITE), str(_MODULES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return dict(os.environ, PYTHONPATH=os.pathsep.join(path), PYTHONDONTWRITEBYTECODE="1")


def run(target, *options):
    """Runs cases against a target (its name or directory) in a process of its own and returns the result as
    --json writes it, a dict. `options` are those of cbv-conformance: "--level", "must". What keeps a run from
    having a result, such as a target that does not start, is a RuntimeError."""
    with tempfile.TemporaryDirectory(prefix="cbv-") as scratch:
        result = pathlib.Path(scratch, "result.json")
        done = subprocess.run([sys.executable, "-P", "-m", "harness", "run", "--target", str(target), *options,
                               "--json", str(result)], env=environment(), capture_output=True, text=True)
        text = result.read_text(encoding="utf-8") if result.is_file() else ""
        if not text:
            raise RuntimeError(f"cbv-conformance ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(text)
