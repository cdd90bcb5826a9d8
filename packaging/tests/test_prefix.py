"""What `cmake --install` makes works where it is moved, knows nothing of the source tree, and is complete."""

import os
import re
import shutil
import subprocess

import pytest


def files(directory):
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_nothing_names_the_source_tree_or_the_first_prefix(prefix, tools):
    trees = [os.fsencode(tree) for tree in (tools.root, tools.build)]
    guilty = [str(path) for path in files(prefix)
              if any(tree in path.read_bytes() for tree in trees) or b"/first0/" in path.read_bytes()]
    assert not guilty


def test_no_test_and_no_cache_is_installed(prefix):
    names = {part for path in files(prefix) for part in path.relative_to(prefix).parts}
    assert not names & {"tests", "__pycache__", "CMakeLists.txt", "asio_support.hpp", "gtest", "cbv-engine"}


def test_destdir(prefix, tools, tmp_path):
    tools.run("cmake", "--install", tools.build, "--prefix", "/usr", cwd="/", DESTDIR=str(tmp_path))
    there = [path.relative_to(tmp_path / "usr") for path in files(tmp_path)]
    assert there == [path.relative_to(prefix) for path in files(prefix)]


def test_components_can_be_had_alone(tools, tmp_path):
    for component in ("programs", "suite", "development"):
        tools.run("cmake", "--install", tools.build, "--prefix", tmp_path / component, "--component", component, cwd="/")
    tops = {c.name: {p.name for p in c.iterdir()} for c in tmp_path.iterdir()}
    assert tops == {"programs": {"bin", "share"}, "suite": {"bin", "lib", "libexec", "share"},
                    "development": {"include", "lib"}}


@pytest.mark.parametrize("program", ["cbv", "fake-mx", "cbv-refserver", "cbv-conformance"])
def test_programs_run_elsewhere(prefix, tools, program, tmp_path):
    said = tools.run(prefix / "bin" / program, "--help", cwd=tmp_path)
    assert re.search(r"^(Usage:|cbv-conformance:)", said, re.MULTILINE)


def test_the_version_is_that_of_the_project(prefix, tools, tmp_path):
    version = re.search(r"project\(cbv VERSION ([0-9.]+)", (tools.root / "CMakeLists.txt").read_text())[1]
    assert tools.run(prefix / "bin" / "cbv", "--version", cwd=tmp_path) == f"cbv {version}\n"
    for name in ("cbv", "cbv-core", "cbv-fakemx"):
        seen = tools.run("pkg-config", "--modversion", name, cwd=tmp_path,
                         PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig"))
        assert seen.strip() == version


def test_the_suite_runs_against_the_library(prefix, tools, tmp_path):
    said = tools.run(prefix / "bin" / "cbv-conformance", "--target", "library", cwd=tmp_path)
    assert re.search(r"MUST (\d+)/\1 ", said)


@pytest.mark.parametrize("target", ["refserver", "cbv-cli"])
def test_the_suite_finds_the_installed_programs(prefix, tools, target, tmp_path):
    (tmp_path / "harness").mkdir()  # somebody's own directory of that name does no harm
    (tmp_path / "harness" / "__init__.py").write_text("raise SystemExit('the wrong harness')\n")
    said = tools.run(prefix / "bin" / "cbv-conformance", "--target", target, "--case", "dlg-null-sender",
                     "--time-line", cwd=tmp_path)
    assert "1 passed" in said
    assert f"replay:  cbv-conformance replay dlg-null-sender --target {target}" in said
    assert "./run" not in said


def test_a_link_to_the_program_works(prefix, tools, tmp_path):
    (tmp_path / "suite").symlink_to(prefix / "bin" / "cbv-conformance")
    assert "refserver" in tools.run(tmp_path / "suite", "targets", cwd=tmp_path)


def test_verbs_of_the_source_tree_are_not_there(prefix, tools, tmp_path):
    program = prefix / "bin" / "cbv-conformance"
    assert "no command 'trace'" in tools.run(program, "trace", cwd=tmp_path, status=2)
    assert "--write" in tools.run(program, "matrix", "--write", cwd=tmp_path, status=2)
    said = tools.run(program, "--help", cwd=tmp_path)
    assert "mutants" not in said and "./run" not in said


def test_another_python_is_told_what_is_wrong(prefix, tools, tmp_path):
    script = (prefix / "bin" / "cbv-conformance").read_text()
    assert 'ABI = ".cpython-' in script
    other = prefix / "bin" / "other-python"
    other.write_text(script.replace('ABI = ".cpython-', 'ABI = ".cpython-9'))
    other.chmod(0o755)
    try:
        assert "the module cbv was built for cpython-9" in tools.run(other, "targets", cwd=tmp_path, status=2)
    finally:
        other.unlink()


def test_an_ordinary_user_can_run_it(prefix, tools, tmp_path):
    """Where nothing is writable and the home directory is another one."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root, to become somebody else")
    for directory in (tmp_path, *tmp_path.parents, prefix, *prefix.parents):
        if not os.stat(directory).st_mode & 0o001:
            os.chmod(directory, 0o755)
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    if subprocess.run([*user, "unshare", "-Urnm", "true"], capture_output=True).returncode != 0:
        pytest.skip("no user namespaces here")
    program = prefix / "bin" / "cbv-conformance"
    said = tools.run(*user, program, "--target", "refserver", "--case", "dlg-null-sender", cwd="/", HOME="/nonexistent")
    assert "1 passed" in said
    said = tools.run(*user, program, "--target", "library", "--case", "dlg-null-sender", "--record", cwd="/", status=2)
    assert "recorded.toml cannot be written" in said


def test_a_report_is_made_of_a_result(prefix, tools, tmp_path):
    tools.run(prefix / "bin" / "cbv-conformance", "--target", "library", "--area", "dlg", "--json", "r.json", cwd=tmp_path)
    said = tools.run(prefix / "bin" / "cbv-conformance", "report", "r.json", "--output", "site", cwd=tmp_path)
    assert said == "site/index.html\n" and (tmp_path / "site" / "data" / "library" / "dlg.js").is_file()
