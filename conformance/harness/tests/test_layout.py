"""Where things are: in the source tree, and as installed (the installed suite itself is tried in packaging/tests)."""

import importlib.util
import pathlib
import sys
import types

import harness
from harness import packages, templates
from harness.target_file import Spec


def installed_harness(monkeypatch, **environment):
    """The package as it is where CMake put an installed.py beside it."""
    layout = types.ModuleType("harness.installed")
    layout.PREFIX, layout.BIN, layout.LIBEXEC = "../../../..", "bin", "libexec/cbv"
    monkeypatch.setitem(sys.modules, "harness.installed", layout)
    for name in ("CBV_STORE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delattr(harness, "installed", raising=False)
    spec = importlib.util.spec_from_file_location("harness_elsewhere", harness.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_source_tree_has_no_installed_layout():
    assert harness.INSTALLED is None
    assert packages.STORE == harness.ROOT / "build" / "targets"


def test_installed_paths_are_relative_to_the_package(monkeypatch):
    there = installed_harness(monkeypatch, HOME="/home/somebody")
    prefix = pathlib.Path(harness.__file__).parents[4]
    assert there.LAB == prefix / "libexec" / "cbv" / "lab"
    assert there.PROGRAMS["cbv-refserver"] == prefix / "bin" / "cbv-refserver"
    assert there.STORE == pathlib.Path("/home/somebody/.cache/cbv/targets")


def test_the_store_can_be_chosen(monkeypatch):
    assert installed_harness(monkeypatch, XDG_CACHE_HOME="/c").STORE == pathlib.Path("/c/cbv/targets")
    assert installed_harness(monkeypatch, CBV_STORE="/s", XDG_CACHE_HOME="/c").STORE == pathlib.Path("/s")


def test_commands_are_those_a_user_types(monkeypatch):
    assert harness.command("replay", "x", "--target", "y") == "./run conformance replay x --target y"
    assert harness.command("list") == "./run list"
    there = installed_harness(monkeypatch)
    assert there.command("replay", "x") == "cbv-conformance replay x"
    assert there.command("help") == "cbv-conformance --help"


def test_programs_have_names_in_templates(tmp_path):
    values = templates.values_of(Spec("t", tmp_path, "smtp"), tmp_path)
    assert templates.expand("{cbv-refserver} {python}", values, "t") == (
        f"{harness.PROGRAMS['cbv-refserver']} {sys.executable}")
