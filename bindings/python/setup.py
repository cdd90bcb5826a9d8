"""Builds the module cbv by CMake and puts it into a package with its type hints. What it needs is in the README's
table of dependencies; it is built from the source tree only, since the C++ lies outside this directory.

CBV_BUILD names a build directory to use; it is made if it is not there (default: build/python-VERSION in the source
tree). CMAKE_ARGS has further arguments for its configuration.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[1]
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
SCRATCH = TREE / "build" / f"python-{sys.version_info[0]}.{sys.version_info[1]}"


def version():
    """CMake's: it stands once."""
    try:
        text = (TREE / "CMakeLists.txt").read_text(encoding="utf-8")
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}: install from the whole source tree of cbv") from None
    return re.search(r"project\(cbv VERSION ([0-9.]+)", text)[1]


class cmake_module(build_ext):
    """The extension is CMake's target cbv_python, the package's __init__."""

    def build_extension(self, ext):
        build = pathlib.Path(os.environ.get("CBV_BUILD") or SCRATCH)
        if not (build / "CMakeCache.txt").is_file():
            generator = ["-G", "Ninja"] if shutil.which("ninja") else []
            self._run("cmake", "-S", TREE, "-B", build, *generator, "-DCMAKE_BUILD_TYPE=Release", "-DCBV_TESTS=OFF",
                      f"-DPython_EXECUTABLE={sys.executable}", *shlex.split(os.environ.get("CMAKE_ARGS", "")))
        self._run("cmake", "--build", build, "--target", "cbv_python", "--parallel", str(os.cpu_count() or 1))
        made = build / "bindings" / "python" / f"cbv{SUFFIX}"
        if not made.is_file():
            raise SystemExit(f"{made} does not exist: the build in {build} is for another version of Python than "
                             f"{sys.executable}")
        target = pathlib.Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, target)
        shutil.copy(HERE / "cbv.pyi", target.with_name("__init__.pyi"))
        shutil.copy(HERE / "py.typed", target.with_name("py.typed"))

    def _run(self, *words):
        words = [str(word) for word in words]
        self.announce(" ".join(words), level=2)
        try:
            subprocess.run(words, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"{words[0]}: {error}") from None


if __name__ == "__main__":
    # What setuptools leaves behind goes into build/, too, not beside the sources.
    SCRATCH.mkdir(parents=True, exist_ok=True)
    setup(version=version(), packages=[], ext_modules=[Extension("cbv.__init__", [])],
          cmdclass={"build_ext": cmake_module},
          options={"egg_info": {"egg_base": str(SCRATCH)}, "build": {"build_base": str(SCRATCH / "setuptools")}})
