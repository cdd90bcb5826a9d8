"""Installs npm packages into a directory, as pinned by a package-lock.json: exact versions and integrity
hashes, no address of a registry. Their scripts do not run. npm is the machine's, and so is node, unless the target
names the npm package that has it.
"""

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import UsageError, command

LOCK = "package-lock.json"
INSTALL = {"npm": "apt-get install npm", "node": "apt-get install nodejs"}


def _named(spec):
    """{name: version} of the key npm."""
    return {name: version for name, _, version in (entry.rpartition("@") for entry in spec.npm)}


def _manifest(spec):
    return json.dumps({"name": "cbv-target", "private": True, "dependencies": _named(spec)}, indent=1) + "\n"


def digest(spec):
    """['lock:...'] of the lock: part of what is asked for."""
    if not spec.npm:
        return []
    return ["lock:" + hashlib.sha256(json.dumps(read_lock(spec), sort_keys=True).encode()).hexdigest()]


def _lock_command(spec):
    return command("fetch", "--lock", spec.option)


def read_lock(spec):
    """The lock beside target.toml; UsageError when it does not pin everything, or other versions."""
    path = spec.directory / LOCK
    again = f"make it with: {_lock_command(spec)}"
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        packages = dict(lock["packages"])
        root = packages.pop("")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: {again}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no lock of npm 7 or later ({error!r}): {again}") from None
    if root.get("dependencies") != _named(spec):
        raise UsageError(f"{path} is not of {', '.join(spec.npm)}: {again}")
    for name, entry in packages.items():
        if "resolved" in entry:
            raise UsageError(f"{path}: {name}: an address stands in it (resolved): {again}")
        if not entry.get("version") or not (entry.get("integrity") or entry.get("inBundle")):
            raise UsageError(f"{path}: {name}: version or integrity is missing: {again}")
    return lock


def _need_tools(spec):
    for tool, remedy in INSTALL.items():
        if not shutil.which(tool):
            raise UsageError(f"target {spec.name} needs {tool}, which this system lacks: {remedy}")


@functools.cache
def _node():
    """What `node --version` says, without its v; "" where there is none."""
    try:
        done = subprocess.run(["node", "--version"], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip().removeprefix("v")


def tools(spec):
    """['node 20.1.0'] when the target runs on the machine's."""
    own = any(name.startswith("node-linux-") for name in _named(spec))
    return [f"node {_node()}"] if spec.npm and not own and _node() else []


def _npm(folder, cache, *words):
    """npm in `folder`; what it keeps goes to `cache`, the user's own stays as it is."""
    arguments = ["npm", *words, "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier",
               f"--cache={cache}"]
    environment = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)


def _complain(spec, done, what, folder, cache):
    """UsageError from what npm said, shortened to its complaints."""
    said = [re.sub(r"^npm (ERR!|error) ?", "", line) for line in done.stderr.splitlines()
            if re.match(r"npm (ERR!|error)", line) and "complete log" not in line]
    words = "\n  ".join(line for line in said if line.strip()) or done.stderr.strip() or f"status {done.returncode}"
    missing = [entry for entry in spec.npm if entry in words] if re.search(r"\b(E404|ETARGET)\b", words) else []
    hint = ""
    if missing:
        name = missing[0].rpartition("@")[0]
        newest = _npm(folder, cache, "view", name, "version").stdout.strip()
        hint = (f"\n{missing[0]} is no longer offered" + (f"; there is {name}@{newest}" if newest else "") +
                f". Put what there is into npm of {spec.directory}/target.toml, then: "
                f"{_lock_command(spec)}; run it with --expect-recorded, read the time line of each case that changed, and then --record")
    raise UsageError(f"target {spec.name}: {what}:\n  {words}{hint}")


def install(spec, tree, cache, say):
    """Into `tree`/node_modules; returns 'name version integrity' of each package the target names."""
    _need_tools(spec)
    lock = read_lock(spec)
    (tree / "package.json").write_text(_manifest(spec), encoding="utf-8")
    (tree / LOCK).write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    done = _npm(tree, cache, "ci")
    if done.returncode != 0:
        _complain(spec, done, "npm ci failed", tree, cache)
    if "EBADENGINE" in done.stderr:
        say(f"{spec.name}: npm says that node {_node()} is not one the package is made for")
    lines = []
    for name, version in _named(spec).items():
        found = json.loads((tree / "node_modules" / name / "package.json").read_text(encoding="utf-8"))["version"]
        if found != version:
            raise UsageError(f"target {spec.name}: npm ci installed {name} {found} instead of {version}")
        lines.append(f"{name} {version} {lock['packages'][f'node_modules/{name}']['integrity']}")
    return lines


def write_lock(spec):
    """Writes the lock beside target.toml anew: the newest versions that the named packages permit."""
    _need_tools(spec)
    if not spec.npm:
        raise UsageError(f"target {spec.name} has no npm packages")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/package.json", "w", encoding="utf-8") as file:
            file.write(_manifest(spec))
        done = _npm(folder, f"{folder}/cache", "install", "--package-lock-only", "--omit-lockfile-registry-resolved")
        if done.returncode != 0:
            _complain(spec, done, "npm install --package-lock-only failed", folder, f"{folder}/cache")
        shutil.copyfile(f"{folder}/{LOCK}", spec.directory / LOCK)
    read_lock(spec)
    return spec.directory / LOCK
