"""Fetches Debian packages without installing them: each target's packages, and the libraries among
their dependencies that this machine lacks, are unpacked below build/targets. The machine's package
database and its own mail system are not touched.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from harness import STORE, UsageError


def prefix_of(spec):
    """Where the target's packages are unpacked; None when it has none."""
    return STORE / spec.name if spec.packages else None


def _run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise UsageError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _installed(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
                          capture_output=True, text=True)
    return done.stdout.strip() == "installed"


def _candidate(package):
    """The version apt would install; None when apt knows no such package."""
    found = re.search(r"Candidate: (\S+)", _run("apt-cache", "policy", package))
    return None if not found or found[1] == "(none)" else found[1]


def wanted(packages):
    """The packages, and the libraries they depend on that are not installed, transitively."""
    found, queue = [], list(packages)
    while queue:
        package = queue.pop(0)
        if package in found:
            continue
        found.append(package)
        listing = _run("apt-cache", "depends", "--no-recommends", "--no-suggests", "--no-conflicts",
                       "--no-breaks", "--no-replaces", "--no-enhances", package)
        for dependency in re.findall(r"^ +(?:Pre)?Depends: (lib[a-z0-9.+-]+)$", listing, re.MULTILINE):
            if not _installed(dependency):
                queue.append(dependency)
    return found


def fetch(spec, say=print):
    """Unpacks the target's packages, unless these versions are there already; returns the prefix."""
    prefix = prefix_of(spec)
    if prefix is None:
        return None
    mark = prefix / "packages.txt"
    if mark.is_file() and [line.split()[0] for line in mark.read_text().splitlines()][
            :len(spec.packages)] == spec.packages:
        say(f"{spec.name}: {', '.join(mark.read_text().splitlines())} (unpacked before)")
        return prefix
    for tool in ("apt-get", "apt-cache", "dpkg", "dpkg-query"):
        if not shutil.which(tool):
            raise UsageError(f"target {spec.name} needs {tool}, which this system lacks")
    if any(_candidate(package) is None for package in spec.packages):
        if subprocess.run(["apt-get", "update", "-qq"]).returncode != 0:
            raise UsageError("apt-get update failed: target " + spec.name + " needs the packages " +
                             " ".join(spec.packages))
    packages = wanted(spec.packages)
    STORE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STORE, prefix=".unpacking-") as scratch:
        downloads, tree = pathlib.Path(scratch, "debs"), pathlib.Path(scratch, "tree")
        downloads.mkdir()
        _run("apt-get", "download", *packages, cwd=downloads)
        for deb in sorted(downloads.glob("*.deb")):
            _run("dpkg", "-x", str(deb), str(tree))
        if (tree / "lib").is_dir() and not (tree / "lib").is_symlink():
            shutil.copytree(tree / "lib", tree / "usr" / "lib", symlinks=True, dirs_exist_ok=True)
        versions = [f"{package} {_candidate(package)}" for package in packages]
        (tree / "packages.txt").write_text("\n".join(versions) + "\n")
        shutil.rmtree(prefix, ignore_errors=True)
        tree.rename(prefix)
    say(f"{spec.name}: unpacked {', '.join(versions)}")
    return prefix


def versions(spec):
    """['exim4-daemon-light 4.96-15', ...] of what is unpacked."""
    prefix = prefix_of(spec)
    mark = prefix / "packages.txt" if prefix else None
    return mark.read_text().splitlines() if mark and mark.is_file() else []


def main(arguments):
    """python -m harness.packages TARGET...: fetches what these targets need."""
    from harness import target_file
    try:
        for name in arguments:
            fetch(target_file.load(name))
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
