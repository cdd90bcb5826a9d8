"""The project as other people get it: installed into a scratch prefix and moved from there, so that a path that
was compiled in or written down shows. CBV_BUILD is the build to install from (default: build/release).
"""

import os
import pathlib
import shutil
import subprocess
import types

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CBV_BUILD", ROOT / "build" / "release"))
HERE = pathlib.Path(__file__).resolve().parent

collect_ignore = ["pytest-project"]  # a project of its own


def environment(**more):
    """The environment without what ./run puts there for the source tree."""
    ours = ("PYTHONPATH", "CBV_BUILD", "CBV_STORE", "CBV_LAB")
    return {**{name: value for name, value in os.environ.items() if name not in ours}, **more}


def run(*command, cwd, status=0, timeout=180, **more):
    """Runs a command elsewhere and returns what it printed; anything but `status` is a failure."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment(**more), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    assert done.returncode == status, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """An installed tree, all components, at another place than it was installed to."""
    first = tmp_path_factory.mktemp("first") / "prefix"
    run("cmake", "--install", BUILD, "--prefix", first, cwd="/")
    moved = tmp_path_factory.mktemp("moved") / "to here"  # a blank, too
    shutil.move(first, moved)
    return moved


@pytest.fixture
def project(tmp_path):
    """project(NAME): a copy of one of the projects beside this file, out of the source tree."""
    def copy(name):
        return shutil.copytree(HERE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture(scope="session")
def tools():
    return types.SimpleNamespace(run=run, environment=environment, root=ROOT, build=BUILD)
