"""Other people's projects: by CMake, by pkg-config, and with the suite in their pytest."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


def asked_in_lab(tools, prefix, program, project):
    """Runs `program ADDRESS DNS` in the lab beside the installed fake-mx."""
    script = (': > log; "$1/bin/fake-mx" --address-range 198.18.0.0/15 --smtp-port 25 --dns 192.0.2.53:53 "$3/shop.xml" >> log & '
              'until grep -q Ctrl-C log; do sleep 0.05; done; "$2" gone@shop.test 192.0.2.53')
    return tools.run(prefix / "libexec" / "cbv" / "lab", "bash", "-c", script, "sh", prefix, program, project, cwd=project)


def test_cmake_project(prefix, tools, project):
    source = project("cmake-project")
    build = source / "build"
    tools.run("cmake", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug", cwd=source)
    tools.run("cmake", "--build", build, "-j2", cwd=source)
    assert tools.run(build / "rules", cwd=source) == "query MX example.org\nfail\n"
    assert asked_in_lab(tools, prefix, build / "ask", source) == "fail mailbox-refused\n"
    said = tools.run(prefix / "libexec" / "cbv" / "lab", build / "own_hosts", source / "shop.xml", cwd=source)
    assert said == "fail after 1 RCPT\n"
    needed = tools.run("ldd", build / "rules", cwd=source)
    assert not re.search("cares|idn2|boost", needed), "the core needs the standard library only"


@pytest.mark.parametrize("wanted, words", [
    ("cbv 0.2 REQUIRED", "version"),
    ("cbv 0.1 REQUIRED COMPONENTS nonsense", "cbv has no component nonsense: there are core, cbv, fakemx, fakemx_io"),
])
def test_cmake_says_what_is_not_there(prefix, tools, tmp_path, wanted, words):
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\n"
                                             f"find_package({wanted})\n")
    said = tools.run("cmake", "-S", tmp_path, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={prefix}", cwd=tmp_path, status=1)
    assert words in said


def test_the_core_alone_needs_nothing(prefix, tools, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\n"
                                             "find_package(cbv 0.1 REQUIRED COMPONENTS core)\n"
                                             "file(WRITE r.cpp \"int main() {}\")\nadd_executable(r r.cpp)\n"
                                             "target_link_libraries(r cbv::core)\n")
    without = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=TRUE" for name in ("Boost", "pugixml", "PkgConfig", "Threads")]
    tools.run("cmake", "-S", tmp_path, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={prefix}", *without, cwd=tmp_path)


def test_cmake_project_with_the_sources_inside(tools, tmp_path):
    """add_subdirectory() and FetchContent: the same names, and neither tests nor Python unless asked for."""
    (tmp_path / "CMakeLists.txt").write_text(f"""
cmake_minimum_required(VERSION 3.25)
project(p LANGUAGES CXX)
add_subdirectory("{tools.root}" cbv EXCLUDE_FROM_ALL)
foreach(name core cbv fakemx fakemx_io)
  if(NOT TARGET cbv::${{name}})
    message(FATAL_ERROR "no cbv::${{name}}")
  endif()
endforeach()
if(TARGET cbv_core_tests OR TARGET cbv_python OR CPACK_GENERATOR)
  message(FATAL_ERROR "too much")
endif()
""")
    tools.run("cmake", "-S", tmp_path, "-B", tmp_path / "b", cwd=tmp_path)


def pkg_config(tools, prefix, *words):
    path = str(prefix / "lib" / "pkgconfig")
    # pkg-config writes a blank in a path as "\ "
    return re.split(r"(?<!\\)\s+", tools.run("pkg-config", *words, cwd="/", PKG_CONFIG_PATH=path).strip())


def flags(tools, prefix, *words):
    return [word.replace("\\ ", " ") for word in pkg_config(tools, prefix, *words)]


def test_pkg_config_project(prefix, tools, project):
    source = project("cmake-project")
    for program, package in (("rules", "cbv-core"), ("ask", "cbv")):
        tools.run("g++", "-std=c++20", source / f"{program}.cpp", *flags(tools, prefix, "--cflags", "--libs", package),
                  "-o", source / program, cwd=source)
    assert tools.run(source / "rules", cwd=source) == "query MX example.org\nfail\n"
    assert asked_in_lab(tools, prefix, source / "ask", source) == "fail mailbox-refused\n"


def test_every_installed_header_compiles_alone(prefix, tools):
    """Those of the core are compiled alone by lib/tests/headers; here it is enough that all are there."""
    include = prefix / "include"
    headers = [str(path.relative_to(include)) for path in sorted(include.rglob("*.hpp"))]
    mine = [header for header in headers if header.startswith("fakemx/")] + ["cbv/resolver.hpp", "cbv/verifier.hpp"]
    assert set(mine) < set(headers)
    wanted = flags(tools, prefix, "--cflags", "cbv", "cbv-fakemx")

    def fault(*included):
        return subprocess.run(["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *wanted, "-x", "c++", "-"],
                              input="".join(f"#include <{header}>\n" for header in included), capture_output=True,
                              text=True).stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = dict(zip([*mine, "all"], pool.map(lambda some: fault(*some), [[header] for header in mine] + [headers])))
    assert not {header: words for header, words in faults.items() if words}


# --- pytest ---

def modules(prefix):
    return str(prefix / "lib" / "cbv" / "python")


def test_their_own_tests_use_the_module_and_the_suite(prefix, tools, project):
    there = project("pytest-project")
    said = tools.run(PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=there, PYTHONPATH=modules(prefix))
    assert "2 passed" in said


def test_their_pytest_runs_the_suite(prefix, tools, project):
    there = project("pytest-project")
    said = tools.run(PYTHON, "-m", "pytest", "--target", "./my-verifier", "--area", "epv", "--area", "elig", "--case",
                     "dlg-null-sender", "--junitxml=r.xml", "-p", "no:cacheprovider", cwd=there, status=2,
                     PYTHONPATH=modules(prefix))
    assert "no case matches" in said  # --area and --case select together
    said = tools.run(PYTHON, "-m", "pytest", "--target", "./my-verifier", "--case", "dlg-null-sender", "--case",
                     "mx-null-no-fallback", "--junitxml=r.xml", "-p", "no:cacheprovider", cwd=there, PYTHONPATH=modules(prefix))
    cases = ElementTree.parse(there / "r.xml").getroot().iter("testcase")
    assert {case.get("name") for case in cases} == {"dlg-null-sender", "mx-null-no-fallback"}


def test_the_plugin_has_a_name(prefix, tools, project, tmp_path):
    """Without a conftest.py, from a directory that has nothing to do with it."""
    target = shutil.copytree(project("pytest-project") / "my-verifier", tmp_path / "elsewhere" / "verifier")
    verify = target / "verify"
    verify.write_text(verify.read_text().replace("exec \"$CBV\"", "exec \"$CBV\" --ipv4-only --noop x"))
    said = tools.run(PYTHON, "-m", "pytest", "-p", "cbv_conformance.plugin", "-p", "no:cacheprovider", "--target", target,
                     "--case", "dlg-null-sender", cwd=tmp_path, PYTHONPATH=modules(prefix))
    assert "1 passed" in said
    broken = verify.read_text().replace("exec ", "exit 1; exec ")
    verify.write_text(broken)
    said = tools.run(PYTHON, "-m", "pytest", "-p", "cbv_conformance.plugin", "-p", "no:cacheprovider", "--target", target,
                     "--case", "dlg-null-sender", "--no-self-check", cwd=tmp_path, status=1, PYTHONPATH=modules(prefix))
    assert "good-path-refused" in said


def test_another_package_named_harness_is_named(prefix, tools, tmp_path):
    (tmp_path / "harness.py").write_text("")
    said = tools.run(PYTHON, "-c", "import harness, cbv_conformance.plugin", cwd=tmp_path, status=1,
                     PYTHONPATH=modules(prefix))
    assert "another package harness is imported already" in said
