"""Fetches what a target needs without installing it: Debian and npm packages go below build/targets, into
a directory of the target's own. The machine's package database, its mail system and the user's npm cache
are not touched. A directory is complete or not there; a run that uses one keeps it as it is to its end.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import tempfile

from harness import STORE, TARGETS, UsageError, debian_packages, npm_packages

MARK = "packages.txt"  # what was asked for, then a line for each package: name, version, checksum
_ASKED = "# asked for: "
_held = {}  # prefix -> lock of this process, and of those it becomes: until they end


def prefix_of(spec):
    """Where the target's packages are; None when it has none."""
    if not spec.packages and not spec.npm:
        return None
    if spec.directory.parent == TARGETS:
        return STORE / spec.name
    # Another target of this name may be anywhere.
    return STORE / f"{spec.name}-{hashlib.sha256(os.fsencode(spec.directory)).hexdigest()[:8]}"


def _request(spec):
    """What is asked for, as a line: where it is the same, what is there will do."""
    return _ASKED + " ".join([*spec.packages, *["with-dependencies"] * spec.with_dependencies,
                              *spec.npm, *npm_packages.digest(spec)])


def _mark_of(spec):
    prefix = prefix_of(spec)
    mark = prefix and prefix / MARK
    return mark.read_text(encoding="utf-8").splitlines() if mark and mark.is_file() else []


def fetched(spec):
    """Whether what the target asks for is there."""
    return _mark_of(spec)[:1] == [_request(spec)]


def versions(spec):
    """['exim4-daemon-light 4.96-15', ...] of what was fetched, and of the tool that runs it."""
    return [" ".join(line.split()[:2]) for line in _mark_of(spec) if line[:1] != "#"] + npm_packages.tools(spec)


def changes(recorded, present):
    """What was recorded with other versions, in words; "" where there is nothing to say. A library that is only
    in one list came from the machine in the other case."""
    then, now = (dict(entry.split(" ", 1) for entry in entries if " " in entry) for entries in (recorded, present))
    other = [name for name in then if name in now and then[name] != now[name]]
    if not other:
        return ""
    return ("recorded with " + ", ".join(f"{name} {then[name]}" for name in other) + ", this run has " +
            ", ".join(f"{name} {now[name]}" for name in other) + ": where they differ, read the time lines, then --record")


class _Lock:
    """Shared: the directory is used. Exclusive: it is made. It survives exec(), so that it is held by
    the whole run, and the kernel drops it at the end."""

    def __init__(self, path):
        self._file = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
        os.set_inheritable(self._file, True)

    def take(self, kind, waiting=lambda: None):
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(self._file, kind)

    def drop(self):
        os.close(self._file)


def fetch(spec, say=print):
    """Fetches the target's packages, unless they are there already; returns the prefix. From then on, and
    until this process and what it becomes have ended, nobody else changes what is there."""
    prefix = prefix_of(spec)
    if prefix is None:
        return None
    try:
        STORE.mkdir(parents=True, exist_ok=True)
        lock = _held.pop(prefix, None) or _Lock(STORE / f".{prefix.name}.lock")
        try:
            new = _locked(spec, prefix, lock, say)
        except BaseException:
            lock.drop()
            raise
    except OSError as error:
        raise UsageError(f"target {spec.name}: cannot write {error.filename or STORE}: {error.strerror}") from None
    _held[prefix] = lock
    say(f"{spec.name}: {', '.join(versions(spec))}" + ("" if new else " (fetched before)"))
    return prefix


def _locked(spec, prefix, lock, say):
    """Makes the prefix if need be and keeps the lock, shared; returns whether it was made."""
    new = False
    while True:
        lock.take(fcntl.LOCK_SH, lambda: say(f"{spec.name}: another run is fetching it"))
        if fetched(spec):
            return new
        lock.take(fcntl.LOCK_EX, lambda: say(f"{spec.name}: waiting for a run that uses other versions of it"))
        if not fetched(spec):
            _make(spec, prefix, say)
            new = True


def _make(spec, prefix, say):
    """The prefix anew, all of it or nothing."""
    say(f"{spec.name}: fetching {', '.join([*spec.packages, *spec.npm])}")
    for left in STORE.glob(f".making-{prefix.name}--*"):
        shutil.rmtree(left, ignore_errors=True)  # of a run that was killed
    with tempfile.TemporaryDirectory(dir=STORE, prefix=f".making-{prefix.name}--") as name:
        scratch = pathlib.Path(name)
        tree = scratch / "tree"
        tree.mkdir()
        lines = [_request(spec)]
        if spec.packages:
            lines += debian_packages.unpack(spec, tree, scratch / "debs", say)
        if spec.npm:
            lines += npm_packages.install(spec, tree, scratch / "npm-cache", say)
        (tree / MARK).write_text("\n".join(lines) + "\n", encoding="utf-8")
        if prefix.exists():
            prefix.rename(scratch / "old")
        tree.rename(prefix)


def run(arguments):
    """cbv-conformance fetch [--lock] TARGET...: fetches what these targets need; with --lock after writing
    their package-lock.json anew, from the key npm."""
    from harness import target_file
    lock = "--lock" in arguments
    names = [name for name in arguments if name != "--lock"]
    if not names or any(name.startswith("-") for name in names):
        raise UsageError("fetch needs targets, and before them takes --lock")
    for spec in [target_file.load(name) for name in names]:
        if lock:
            print(f"wrote {npm_packages.write_lock(spec)}")
        if fetch(spec) is None:
            print(f"{spec.name}: it needs no packages")
    return 0
