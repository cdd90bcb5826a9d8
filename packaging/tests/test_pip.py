"""The Python module by pip, offline, into a virtual environment."""

import os
import re
import shutil
import subprocess

import pytest

PYTHON = "/usr/bin/python3"
OFFLINE = ("install", "--no-build-isolation", "--no-index", "--disable-pip-version-check")


@pytest.fixture(scope="module")
def venv(tools, tmp_path_factory):
    """A virtual environment with the module."""
    if subprocess.run([PYTHON, "-c", "import ensurepip, setuptools, wheel"], capture_output=True).returncode != 0:
        pytest.skip("needs python3-venv, python3-pip, python3-setuptools and python3-wheel")
    where = tmp_path_factory.mktemp("venv")
    tools.run(PYTHON, "-m", "venv", "--system-site-packages", where, cwd="/")
    tools.run(where / "bin" / "pip", *OFFLINE, tools.root / "bindings" / "python", cwd="/", CBV_BUILD=str(tools.build))
    return where


def test_it_is_a_package_with_type_hints(venv):
    there = {path.name for path in venv.glob("lib/python3*/site-packages/cbv/*")}
    assert {"__init__.pyi", "py.typed"} < there and any(name.startswith("__init__.cpython-") for name in there)


def test_it_works(venv, tools, tmp_path):
    program = "import cbv; print(cbv.__file__, cbv.parse_mailbox('joe@example.org').domain, cbv.Mailbox.__module__)"
    said = tools.run(venv / "bin" / "python", "-c", program, cwd=tmp_path).split()
    assert said[0].startswith(str(venv)) and said[1:] == ["example.org", "cbv"]


def test_its_version_is_that_of_the_project(venv, tools, tmp_path):
    version = re.search(r"project\(cbv VERSION ([0-9.]+)", (tools.root / "CMakeLists.txt").read_text())[1]
    program = "import importlib.metadata; print(importlib.metadata.version('cbv'))"
    assert tools.run(venv / "bin" / "python", "-c", program, cwd=tmp_path) == version + "\n"


def test_nothing_is_left_beside_the_sources(venv, tools):
    assert not [path for path in os.listdir(tools.root / "bindings" / "python") if path in ("build", "dist") or "egg-info" in path]


def test_it_goes_again(venv, tools):
    tools.run(venv / "bin" / "pip", "uninstall", "-y", "-q", "cbv", cwd="/")
    assert not list(venv.glob("lib/python3*/site-packages/cbv*"))


def test_a_part_of_the_tree_is_not_enough(tools, tmp_path):
    alone = shutil.copytree(tools.root / "bindings" / "python", tmp_path / "a" / "b" / "python")
    said = tools.run(PYTHON, "setup.py", "--version", cwd=alone, status=1)
    assert "install from the whole source tree of cbv" in said
