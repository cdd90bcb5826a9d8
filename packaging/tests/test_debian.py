"""The Debian packages: what is in them, what lintian says, and an installation by apt."""

import pathlib
import re
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
INSTALLATION = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -qq --no-install-recommends "$1"/cbv_*.deb "$1"/libcbv-dev_*.deb > /dev/null
cd /                      # where nothing is ours
as_somebody() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$@"; }
as_somebody cbv --version
as_somebody fake-mx --help | head -1
as_somebody cbv-conformance --target library
if as_somebody unshare -Urnm true 2> /dev/null; then
    as_somebody cbv-conformance --target refserver --case dlg-null-sender
else
    cbv-conformance --target refserver --case dlg-null-sender
fi
as_somebody python3 -c 'import cbv, cbv_conformance.plugin; print("module", cbv.__file__)'
pkg-config --modversion cbv
find /usr/share/cbv /usr/lib/cbv -name '*.pyc' | grep -q . || echo 'no bytecode'
dpkg -r cbv > /dev/null
! find /usr -path '*/cbv/*' -not -path '*/doc/*' -not -path '*/cmake/*' -not -path '*/include/*' | grep . || echo 'left behind'
"""


@pytest.fixture(scope="module")
def packages(tools, tmp_path_factory):
    for tool in ("dpkg-deb", "dpkg-shlibdeps", "file"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool}")
    where = tmp_path_factory.mktemp("packages")
    where.chmod(0o755)
    tools.run("cpack", "--config", tools.build / "CPackConfig.cmake", "-G", "DEB", "-B", where, cwd=where)
    shutil.rmtree(where / "_CPack_Packages")
    return {path.name.split("_")[0]: path for path in where.glob("*.deb")}


def field(package, name):
    return subprocess.run(["dpkg-deb", "-f", package, name], capture_output=True, text=True, check=True).stdout.strip()


def contents(package):
    listing = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    return [(line.split()[0], line.split()[1], line.split(maxsplit=5)[5]) for line in listing.splitlines()]


def test_there_are_two(packages):
    assert set(packages) == {"cbv", "libcbv-dev"}


def test_dependencies(packages):
    wanted = field(packages["cbv"], "Depends")
    for name in ("python3 (>=", "python3 (<<", "python3-pytest", "iproute2", "mount", "libc-ares2", "libidn2-0", "libc6"):
        assert name in wanted
    assert "-dev" not in wanted
    assert "libboost" in field(packages["libcbv-dev"], "Depends")
    assert field(packages["cbv"], "Section") == "mail"


def test_the_version_is_that_of_the_project(packages, tools):
    version = re.search(r"project\(cbv VERSION ([0-9.]+)", (tools.root / "CMakeLists.txt").read_text())[1]
    assert {field(package, "Version") for package in packages.values()} == {f"{version}-1"}


def test_contents(packages):
    for name, package in packages.items():
        entries = contents(package)
        paths = {path.split(" -> ")[0] for _, _, path in entries}
        assert all(path.startswith("./usr/") for path in paths)
        assert {owner for _, owner, _ in entries} == {"root/root"}
        assert not [path for mode, _, path in entries if mode[0] != "l" and ("w" in mode[4:] or "s" in mode)]
        assert f"./usr/share/doc/{name}/copyright" in paths
    assert "./usr/share/man/man8/cbv-refserver.8.gz" in {path for _, _, path in contents(packages["cbv"])}


def test_lintian_has_nothing_to_say(packages):
    if not shutil.which("lintian"):
        pytest.skip("no lintian")
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", *map(str, packages.values())],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_apt_installs_it_and_removes_it(packages, tools):
    # /tmp is part of the copy, so the packages are there.
    done = subprocess.run([HERE / "on-a-copy", "bash", "-c", INSTALLATION, "sh", packages["cbv"].parent], text=True,
                          env=tools.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/")
    if done.returncode == 77:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout
    for words in ("1 passed", "module /usr/lib/python3/dist-packages/cbv/"):
        assert words in done.stdout, done.stdout
    assert re.search(r"MUST (\d+)/\1 ", done.stdout), done.stdout
    assert "no bytecode" not in done.stdout and "left behind" not in done.stdout, done.stdout
    assert not pathlib.Path("/usr/bin/cbv").exists(), "the copy was this machine"
