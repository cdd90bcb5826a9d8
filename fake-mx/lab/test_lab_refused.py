"""Where a lab cannot be made it says so, and why, and ends: it never hangs, and leaves nothing behind.

Runs also where the lab does not.
"""

import os
import pathlib
import subprocess
import time
import uuid

import pytest

LAB = pathlib.Path(__file__).with_name("lab")
BOUND = 60  # seconds; a lab that hangs fails the test


def refused(*command, **options):
    done = subprocess.run([*command], capture_output=True, text=True, timeout=BOUND, **options)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def ended(mark, limit=10.0):
    """Whether every process with `mark` on its command line ends in time."""
    def alive(entry):
        try:
            return entry.name.isdigit() and mark.encode() in (entry / "cmdline").read_bytes()
        except OSError:
            return False  # it ended meanwhile

    end = time.monotonic() + limit
    while any(alive(entry) for entry in pathlib.Path("/proc").iterdir()):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give up its rights in a chroot")
@pytest.mark.parametrize("single", ["", "1"])
def test_a_chroot(tmp_path, single):
    """The kernel refuses user namespaces in a chroot. With a range in /etc/subuid, unshare (2.38) then leaves a
    child behind that waits for ever."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        pytest.skip("no mount namespace, no chroot")
    (tmp_path / "range").write_text("root:100000:65536\n")
    script = """
        mount --make-rprivate / && mount --rbind / /mnt
        for file in subuid subgid; do
            [ -e /etc/$file ] || continue
            mount --bind "$1" /mnt/etc/$file
        done
        exec chroot /mnt setpriv --bounding-set -all --inh-caps=-all "$0" true
    """
    said = refused("unshare", "-m", "sh", "-c", script, LAB, tmp_path / "range",
                   env=dict(os.environ, CBV_LAB_SINGLE_ID=single))
    assert said.startswith("lab: a namespace is refused although you are root: unshare: ")
    assert "Operation not permitted" in said and "chroot" in said


@pytest.mark.parametrize("single", ["", "1"])
def test_a_trial_that_leaves_a_child_behind(tmp_path, single):
    """A child of unshare that keeps our pipe open is not waited for, and is ended."""
    mark = uuid.uuid4().hex
    stub = tmp_path / "unshare"
    stub.write_text(f"#!/bin/sh\nsh -c 'sleep 300; : {mark}' &\necho 'unshare: unshare failed: No way' >&2\nexit 1\n")
    stub.chmod(0o755)
    said = refused(LAB, "true", env=dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}", CBV_LAB_SINGLE_ID=single))
    assert "unshare: unshare failed: No way" in said
    assert ended(mark)


def test_a_missing_tool(tmp_path):
    for tool in ("bash", "uname"):
        (tmp_path / tool).symlink_to(pathlib.Path("/usr/bin", tool))
    # Whatever lies in /sbin is found all the same; unshare is not there.
    said = refused("/bin/bash", LAB, "true", env={"PATH": str(tmp_path)})
    assert said.startswith("lab: unshare is missing: install the packages ")
