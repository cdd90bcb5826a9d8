"""Fetching packages, with apt, dpkg and npm played by small scripts on PATH: versions, pins, checksums, what
is there already, two at once, and what goes wrong half-way.
"""

import hashlib
import json
import multiprocessing
import os
import pathlib
import re
import time

import pytest

from harness import UsageError, debian_packages, npm_packages, packages, recorded, target_file

from test_target_file import IDENTITIES, SMTP, TIMEOUTS

# Packages: name, version, what it depends on as apt-cache prints it. "machine" names what is installed.
APT_CACHE = r"""#!/bin/sh
case $1 in
madison)
    grep "^$2 " "$FAKE/offered" | while read -r name version; do echo " $name | $version | somewhere"; done ;;
depends)
    for name; do :; done
    name=${name%%=*}
    echo "$name"
    [ ! -f "$FAKE/depends/$name" ] || cat "$FAKE/depends/$name" ;;
esac
"""
APT_GET = r"""#!/bin/sh
echo "apt-get $*" >> "$FAKE/log"
[ "$1" = download ] || exit 0
[ ! -f "$FAKE/slow" ] || sleep "$(cat "$FAKE/slow")"
name=${2%%=*}
version=${2#*=}
[ "$version" != "$2" ] || version=$(grep "^$name " "$FAKE/offered" | head -n 1 | cut -d ' ' -f 2)
echo "$name $version" > "${name}_x.deb"
[ ! -f "$FAKE/broken" ] || grep -qv "^$name\$" "$FAKE/broken" || { echo "E: $name: Hash Sum mismatch" >&2; exit 100; }
"""
DPKG_DEB = r"""#!/bin/sh
read -r name version < "$2"
echo "Package: $name"
echo "Version: $version"
"""
DPKG = r"""#!/bin/sh
read -r name version < "$2"
mkdir -p "$3/usr/share/$name" "$3/lib"
echo "$version" > "$3/usr/share/$name/version"
echo "$name" > "$3/lib/$name.so"
"""
DPKG_QUERY = r"""#!/bin/sh
while read -r name; do echo "$name installed"; done < "$FAKE/machine"
echo "removed deinstalled"
"""
NPM = r"""#!/bin/sh
echo "npm $*" >> "$FAKE/log"
case $1 in
view) echo 9.9.9; exit 0 ;;
ci) [ -f package-lock.json ] || exit 1 ;;
esac
[ ! -f "$FAKE/npm-fails" ] || { mkdir -p node_modules/half; cat "$FAKE/npm-fails" >&2; exit 1; }
if [ "$1" = install ]; then cp "$FAKE/new-lock.json" package-lock.json; exit 0; fi
mkdir -p node_modules/mailcheck
echo "{\"version\": \"$(cat "$FAKE/npm-gives" 2>/dev/null || echo 1.1.1)\"}" > node_modules/mailcheck/package.json
"""
NODE = "#!/bin/sh\necho v20.1.0\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A folder that says what the fake tools do; the only tools on PATH but for the shell's own."""
    fake, tools = tmp_path / "fake", tmp_path / "bin"
    (fake / "depends").mkdir(parents=True)
    tools.mkdir()
    for name, text in {"apt-get": APT_GET, "apt-cache": APT_CACHE, "dpkg": DPKG, "dpkg-deb": DPKG_DEB,
                       "dpkg-query": DPKG_QUERY, "npm": NPM, "node": NODE}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    (fake / "machine").write_text("libc6\n")
    (fake / "offered").write_text("postfix 3.7.11\nlibicu 72\nm4 1.4\nadduser 3\n")
    (fake / "log").touch()
    for tool in ("sh", "cat", "grep", "head", "cut", "mkdir", "cp", "sleep"):
        (tools / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("FAKE", str(fake))
    monkeypatch.setattr(packages, "STORE", tmp_path / "store")
    npm_packages._node.cache_clear()
    yield fake
    npm_packages._node.cache_clear()


def spec_of(tmp_path, words, name="mine"):
    path = tmp_path / name / "target.toml"
    path.parent.mkdir(exist_ok=True)
    return target_file.parse(SMTP + words + "\n" + TIMEOUTS + IDENTITIES, name, path)


def fetch(spec):
    """(prefix, what was said)"""
    said = []
    prefix = packages.fetch(spec, said.append)
    _release()
    return prefix, said


def _release():
    """As the end of a run does."""
    while packages._held:
        packages._held.popitem()[1].drop()


def left_over(tmp_path):
    return [path.name for path in (tmp_path / "store").iterdir() if path.name.startswith(".making")]


def test_no_packages(machine, tmp_path):
    assert packages.fetch(spec_of(tmp_path, "")) is None
    assert not (tmp_path / "store").exists()


def test_debian_packages(machine, tmp_path):
    (machine / "depends" / "postfix").write_text("  PreDepends: adduser\n  Depends: libc6\n  Depends: libicu\n  Depends: m4\n")
    spec = spec_of(tmp_path, 'packages = ["postfix"]')
    prefix, said = fetch(spec)
    assert (prefix / "usr/share/postfix/version").read_text() == "3.7.11\n"
    assert (prefix / "usr/lib/libicu.so").is_file()  # /lib is a link to /usr/lib
    assert packages.versions(spec) == ["postfix 3.7.11", "libicu 72"]
    assert said == ["mine: fetching postfix", "mine: postfix 3.7.11, libicu 72"]
    checksum = hashlib.sha256(b"postfix 3.7.11\n").hexdigest()
    assert f"postfix 3.7.11 sha256:{checksum}" in (prefix / "packages.txt").read_text().splitlines()
    assert left_over(tmp_path) == []


def test_what_is_there_is_used_without_asking_anybody(machine, tmp_path):
    spec = spec_of(tmp_path, 'packages = ["postfix=3.7.11"]')
    fetch(spec)
    (machine / "offered").write_text("")
    (machine / "log").write_text("")
    assert fetch(spec)[1] == ["mine: postfix 3.7.11 (fetched before)"]
    assert (machine / "log").read_text() == ""


def test_a_pin_and_what_to_do_when_it_is_gone(machine, tmp_path):
    (machine / "offered").write_text("postfix 3.7.12\npostfix 3.7.11\n")
    spec = spec_of(tmp_path, 'packages = ["postfix=3.7.11"]')
    prefix, _ = fetch(spec)
    assert packages.versions(spec) == ["postfix 3.7.11"]
    with pytest.raises(UsageError) as caught:
        fetch(spec_of(tmp_path, 'packages = ["postfix=3.7.10"]'))
    assert "postfix=3.7.10, which apt no longer offers; it offers 3.7.12, 3.7.11." in str(caught.value)
    assert '"postfix=3.7.12" into packages of' in str(caught.value) and "--record" in str(caught.value)
    assert "apt-get update" in (machine / "log").read_text()  # it might have been there after that
    assert packages.fetched(spec) and (prefix / "usr/share/postfix/version").read_text() == "3.7.11\n"
    with pytest.raises(UsageError, match="needs the Debian package pstfix, which apt does not offer"):
        fetch(spec_of(tmp_path, 'packages = ["pstfix"]'))


def test_another_pin_replaces_what_is_there(machine, tmp_path):
    (machine / "offered").write_text("postfix 3.7.12\npostfix 3.7.11\n")
    fetch(spec_of(tmp_path, 'packages = ["postfix=3.7.11"]'))
    spec = spec_of(tmp_path, 'packages = ["postfix=3.7.12"]')
    assert not packages.fetched(spec)
    prefix, _ = fetch(spec)
    assert (prefix / "usr/share/postfix/version").read_text() == "3.7.12\n"
    assert left_over(tmp_path) == []


def test_a_broken_download_leaves_nothing_half(machine, tmp_path):
    (machine / "depends" / "postfix").write_text("  Depends: libicu\n")
    spec = spec_of(tmp_path, 'packages = ["postfix"]')
    (machine / "broken").write_text("libicu\n")
    with pytest.raises(UsageError, match="Hash Sum mismatch"):
        fetch(spec)
    assert not (tmp_path / "store" / packages.prefix_of(spec).name).exists()
    assert left_over(tmp_path) == []
    # what a killed run left goes as well
    (tmp_path / "store" / f".making-{packages.prefix_of(spec).name}--dead" / "tree").mkdir(parents=True)
    (machine / "broken").unlink()
    fetch(spec)
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("everything, wanted", [(False, ["a", "libb", "libd"]), (True, ["a", "libb", "m4", "libd", "perl"])])
def test_dependencies(machine, everything, wanted):
    depends = {
        "a": "  PreDepends: init-system-helpers\n  Depends: libb\n |Depends: debconf\n  Depends: <debconf-2.0>\n"
             "    cdebconf\n    debconf\n  Depends: m4\n",
        "libb": "  Depends: libc6\n |Depends: libd\n  Depends: libe\n  Depends: a\n  Depends: libf\n    libg\n",
        "m4": "  Depends: <perl:any>\n    perl\n    perl:i386\n",
        "libd": " |Depends: libx\n  Depends: libc6\n",
    }
    for name, text in depends.items():
        (machine / "depends" / name).write_text(text)
    (machine / "machine").write_text("libc6\nlibg\n")  # libg provides libf
    assert debian_packages.wanted(["a"], everything) == wanted


def test_a_pinned_package_is_not_wanted_twice(machine):
    (machine / "depends" / "a").write_text("  Depends: libb\n")
    assert debian_packages.wanted(["a=1", "libb=2"]) == ["a=1", "libb=2"]


def test_a_missing_tool_is_named(machine, tmp_path):
    (machine.parent / "bin" / "dpkg-deb").unlink()
    with pytest.raises(UsageError, match="so dpkg-deb, which this system lacks"):
        fetch(spec_of(tmp_path, 'packages = ["postfix"]'))
    (machine.parent / "bin" / "npm").unlink()
    write_lock(tmp_path)
    with pytest.raises(UsageError, match="needs npm, which this system lacks: apt-get install npm"):
        fetch(spec_of(tmp_path, NPM_KEY))


def _fetch_in_process(folder):
    packages.fetch(spec_of(pathlib.Path(folder), 'packages = ["postfix"]'), print)


def test_two_at_once(machine, tmp_path):
    (machine / "slow").write_text("0.3")
    workers = [multiprocessing.get_context("fork").Process(target=_fetch_in_process, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert (machine / "log").read_text().count("download postfix") == 1
    assert packages.fetched(spec_of(tmp_path, 'packages = ["postfix"]'))


def test_what_a_run_uses_is_not_replaced(machine, tmp_path):
    """A run holds its packages to its end; who wants others waits, and says so."""
    (machine / "offered").write_text("postfix 3.7.12\npostfix 3.7.11\n")
    prefix = packages.fetch(spec_of(tmp_path, 'packages = ["postfix=3.7.11"]'), lambda _: None)
    said = tmp_path / "said"

    def other():
        _release()  # its own copies of this process's locks
        packages.fetch(spec_of(tmp_path, 'packages = ["postfix=3.7.12"]'), lambda words: said.open("a").write(words + "\n"))

    worker = multiprocessing.get_context("fork").Process(target=other)
    worker.start()
    end = time.monotonic() + 20
    while time.monotonic() < end and not (said.exists() and "waiting for a run" in said.read_text()):
        worker.join(0.02)
    assert "waiting for a run that uses other versions" in said.read_text()
    assert (prefix / "usr/share/postfix/version").read_text() == "3.7.11\n"
    _release()
    worker.join(30)
    assert (prefix / "usr/share/postfix/version").read_text() == "3.7.12\n"


def test_targets_of_one_name_in_different_places_do_not_share(machine, tmp_path):
    first, second = spec_of(tmp_path, 'packages = ["m4"]'), None
    (tmp_path / "other").mkdir()
    second = spec_of(tmp_path / "other", 'packages = ["postfix"]')
    assert fetch(first)[0] != fetch(second)[0]
    house = target_file.load("exim")
    assert packages.prefix_of(house) == packages.STORE / "exim"


# --- npm ---

NPM_KEY = 'npm = ["mailcheck@1.1.1"]'


def lock_data(**changes):
    entry = {"version": "1.1.1", "integrity": "sha512-abc", **changes}
    return {"name": "x", "lockfileVersion": 3, "packages": {
        "": {"dependencies": {"mailcheck": "1.1.1"}},
        "node_modules/mailcheck": {name: value for name, value in entry.items() if value is not None},
        "node_modules/mailcheck/node_modules/inner": {"version": "1.0.0", "inBundle": True}}}


def write_lock(tmp_path, data=None):
    (tmp_path / "mine").mkdir(exist_ok=True)
    (tmp_path / "mine" / "package-lock.json").write_text(json.dumps(data or lock_data()))


def test_npm_packages(machine, tmp_path):
    write_lock(tmp_path)
    spec = spec_of(tmp_path, NPM_KEY)
    prefix, said = fetch(spec)
    assert (prefix / "node_modules/mailcheck/package.json").is_file()
    assert packages.versions(spec) == ["mailcheck 1.1.1", "node 20.1.0"]
    assert said == ["mine: fetching mailcheck@1.1.1", "mine: mailcheck 1.1.1, node 20.1.0"]
    command = re.search(r"npm ci .*", (machine / "log").read_text())[0]
    assert "--ignore-scripts" in command and "--omit=dev" in command
    assert f"--cache={tmp_path / 'store' / '.making'}" in command  # and not the user's
    (machine / "log").write_text("")
    assert fetch(spec)[1] == ["mine: mailcheck 1.1.1, node 20.1.0 (fetched before)"]
    assert (machine / "log").read_text() == ""


def test_another_lock_is_another_request(machine, tmp_path):
    write_lock(tmp_path)
    fetch(spec_of(tmp_path, NPM_KEY))
    write_lock(tmp_path, lock_data(integrity="sha512-other"))
    assert not packages.fetched(spec_of(tmp_path, NPM_KEY))


@pytest.mark.parametrize("data, words", [
    (lock_data(resolved="https://somewhere/mailcheck.tgz"), "an address stands in it"),
    (lock_data(integrity=None), "version or integrity is missing"),
    ({"packages": {"": {"dependencies": {"mailcheck": "1.1.0"}}}}, "is not of mailcheck@1.1.1"),
    ({"dependencies": {}}, "is no lock of npm 7 or later"),
])
def test_locks_that_do_not_pin(machine, tmp_path, data, words):
    write_lock(tmp_path, data)
    with pytest.raises(UsageError, match=words) as caught:
        fetch(spec_of(tmp_path, NPM_KEY))
    assert f"./run fetch --lock {tmp_path}/mine" in str(caught.value)


def test_no_lock(machine, tmp_path):
    with pytest.raises(UsageError, match="package-lock.json does not exist: make it with"):
        fetch(spec_of(tmp_path, NPM_KEY))


def test_a_failing_npm_leaves_nothing_half(machine, tmp_path):
    write_lock(tmp_path)
    spec = spec_of(tmp_path, NPM_KEY)
    (machine / "npm-fails").write_text("npm WARN x\nnpm ERR! code EINTEGRITY\nnpm ERR! sha512 of mailcheck differs\n")
    with pytest.raises(UsageError, match="(?s)npm ci failed:.*EINTEGRITY\n  sha512 of mailcheck differs$"):
        fetch(spec)
    assert not packages.prefix_of(spec).exists() and left_over(tmp_path) == []


def test_a_version_that_npm_lost(machine, tmp_path):
    write_lock(tmp_path)
    (machine / "npm-fails").write_text("npm error code ETARGET\nnpm error notarget No matching version for mailcheck@1.1.1.\n")
    with pytest.raises(UsageError) as caught:
        fetch(spec_of(tmp_path, NPM_KEY))
    assert "mailcheck@1.1.1 is no longer offered; there is mailcheck@9.9.9. Put what there is" in str(caught.value)


def test_npm_must_install_what_the_lock_says(machine, tmp_path):
    write_lock(tmp_path)
    (machine / "npm-gives").write_text("1.1.0")
    with pytest.raises(UsageError, match="installed mailcheck 1.1.0 instead of 1.1.1"):
        fetch(spec_of(tmp_path, NPM_KEY))


def test_writing_a_lock(machine, tmp_path):
    spec = spec_of(tmp_path, NPM_KEY)
    (machine / "new-lock.json").write_text(json.dumps(lock_data()))
    npm_packages.write_lock(spec)
    assert npm_packages.read_lock(spec)["packages"][""]["dependencies"] == {"mailcheck": "1.1.1"}
    assert "--omit-lockfile-registry-resolved" in (machine / "log").read_text()


@pytest.mark.parametrize("name", [name for name in target_file.names() if target_file.load(name).npm])
def test_locks_of_the_house(name):
    spec = target_file.load(name)
    assert npm_packages.digest(spec)
    assert npm_packages.tools(spec) == []  # they bring their node: another one's timers and addresses are others


# --- recorded versions ---

@pytest.mark.parametrize("then, now, words", [
    (["postfix 3.7.11"], ["postfix 3.7.11"], ""),
    (["postfix 3.7.11", "libicu 72"], ["postfix 3.7.11"], ""),  # this machine has the library
    ([], ["postfix 3.7.11"], ""),
    (["postfix 3.7.11", "node 18.1.0"], ["postfix 3.7.12", "node 20.1.0"],
     "recorded with postfix 3.7.11, node 18.1.0, this run has postfix 3.7.12, node 20.1.0: "),
])
def test_other_versions_than_recorded(then, now, words):
    said = packages.changes(then, now)
    assert said.startswith(words) and bool(said) == bool(words)


def test_a_run_says_that_the_record_is_of_other_versions(machine, tmp_path):
    from types import SimpleNamespace

    from harness import plugin
    spec = spec_of(tmp_path, 'packages = ["postfix"]')
    fetch(spec)
    file = spec.directory / "recorded.toml"
    suite = SimpleNamespace(record=None, record_file=file, spec=spec)
    assert plugin.Suite.other_versions(suite) == ""
    record = recorded.Record()
    for version, said in (("3.7.11", ""), ("3.7.10", "recorded with postfix 3.7.10, this run has postfix 3.7.11: ")):
        file.write_text(recorded.text("mine", [f"postfix {version}"], record, "2026-11-24"))
        words = plugin.Suite.other_versions(suite)
        assert words.startswith(said) and bool(words) == bool(said)
