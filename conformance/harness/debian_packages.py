"""Unpacks Debian packages into a directory, with what they depend on and this machine lacks. It installs
nothing: no maintainer script runs.
"""

import hashlib
import re
import shutil
import subprocess

from harness import UsageError

TOOLS = ("apt-get", "apt-cache", "dpkg", "dpkg-deb", "dpkg-query")
# Dependencies that only an installation has a use for.
INSTALLATION_ONLY = {"adduser", "cdebconf", "debconf", "debconf-2.0", "dpkg", "init-system-helpers", "lsb-base",
                     "sysvinit-utils", "ucf"}
_RELATIONS = ("--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances")


def _run(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise UsageError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _installed():
    """Names of the packages of this machine."""
    listing = _run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n")
    return {line.split()[0] for line in listing.splitlines() if line.endswith(" installed")}


def _offered(package):
    """The versions apt offers, best first."""
    return list(dict.fromkeys(line.split("|")[1].strip()
                              for line in _run("apt-cache", "madison", package).splitlines() if "|" in line))


def _lacking(packages):
    """Those of `packages` (name or name=version) that apt does not offer."""
    lacking = []
    for package in packages:
        name, _, version = package.partition("=")
        offered = _offered(name)
        if not offered or (version and version not in offered):
            lacking.append(package)
    return lacking


def _demand_offers(spec, say):
    """UsageError, with what to do, when a package cannot be had."""
    if not _lacking(spec.packages):
        return
    say(f"{spec.name}: apt-get update")
    update = subprocess.run(["apt-get", "update", "-qq"], capture_output=True, text=True)
    for package in _lacking(spec.packages):
        name, _, version = package.partition("=")
        offered = _offered(name)
        if not offered:
            more = f"; apt-get update: {update.stderr.strip()}" if update.returncode else ""
            raise UsageError(f"target {spec.name} needs the Debian package {name}, which apt does not offer{more}")
        raise UsageError(
            f"target {spec.name} needs {package}, which apt no longer offers; it offers {', '.join(offered)}. Put "
            f'"{name}={offered[0]}" into packages of {spec.directory}/target.toml, run it with --expect-recorded, read '
            "the time line of each case that changed, and then --record")


def _groups(listing):
    """[[package that would do, ...], ...] of an `apt-cache depends`: one group for each dependency."""
    groups, group = [], []
    for line in listing.splitlines()[1:]:
        if found := re.match(r"^ ([ |])(?:Pre)?Depends: (\S+)$", line):
            if not group:
                groups.append([])
            if "<" not in found[2]:
                groups[-1].append(found[2])
            group = found[1] == "|"
        elif line.startswith("    ") and groups:
            groups[-1].append(line.strip())  # it provides the one before
    return [[name for name in group if ":" not in name] for group in groups]


def wanted(packages, everything=False):
    """The packages (name or name=version), then what they depend on, transitively, as far as it is not
    installed: libraries, or everything but what only an installation uses. Of alternatives the first."""
    present, found, queue = _installed(), [], list(packages)
    named = {package.partition("=")[0] for package in packages}
    while queue:
        package = queue.pop(0)
        if package in found:
            continue
        found.append(package)
        for group in _groups(_run("apt-cache", "depends", *_RELATIONS, package)):
            if not group or present.intersection(group) or named.intersection(group):
                continue
            choice = group[0]
            if choice.startswith("lib") or (everything and choice not in INSTALLATION_ONLY):
                queue.append(choice)
                named.add(choice)
    return found


def unpack(spec, tree, downloads, say):
    """Into `tree`; returns 'name version sha256:...' of each, those the target names first."""
    for tool in TOOLS:
        if not shutil.which(tool):
            raise UsageError(f"target {spec.name} needs Debian packages and so {tool}, which this system lacks")
    _demand_offers(spec, say)
    downloads.mkdir()
    lines = []
    for package in wanted(spec.packages, spec.with_dependencies):
        folder = downloads / package
        folder.mkdir()
        _run("apt-get", "download", package, cwd=folder)
        debs = list(folder.glob("*.deb"))
        if len(debs) != 1:
            raise UsageError(f"apt-get download {package}: expected one file, found {len(debs)}")
        name, version = _run("dpkg-deb", "-f", str(debs[0]), "Package", "Version").split()[1::2]
        lines.append(f"{name} {version} sha256:{hashlib.sha256(debs[0].read_bytes()).hexdigest()}")
        _run("dpkg", "-x", str(debs[0]), str(tree))
    # Where /lib is a link to /usr/lib, that is where it has to be.
    for top in ("bin", "lib", "lib64", "sbin"):
        if (tree / top).is_dir() and not (tree / top).is_symlink():
            shutil.copytree(tree / top, tree / "usr" / top, symlinks=True, dirs_exist_ok=True)
    return lines
