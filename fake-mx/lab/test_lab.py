"""The lab keeps its promises: no way out, a true black hole, nothing left behind.

Needs namespaces; skipped with the lab's own words where they are refused. It starts no mail server.
"""

import hashlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import uuid

import pytest

LAB = pathlib.Path(__file__).with_name("lab")

refused = subprocess.run([LAB, "true"], capture_output=True, text=True, timeout=120)
pytestmark = pytest.mark.skipif(refused.returncode != 0, reason=refused.stderr.strip() or "refused")


def lab(*command, **options):
    return subprocess.run([LAB, "--", *command], capture_output=True, text=True, timeout=60, **options)


def connect(address, timeout=1.5):
    """What a connect() inside the lab comes to: 'timed out', 'refused', 'unreachable', 'ok SOURCE'."""
    family = "AF_INET6" if ":" in address else "AF_INET"
    code = f"""
import socket
s = socket.socket(socket.{family})
s.settimeout({timeout})
try:
    s.connect(({address!r}, 25))
    print("ok", s.getsockname()[0])
except TimeoutError: print("timed out")
except ConnectionRefusedError: print("refused")
except OSError as e: print("unreachable" if e.errno == 101 else e)
"""
    return lab(sys.executable, "-c", code).stdout.strip()


def processes_with(mark):
    """Processes whose command line has `mark`, this one's children included."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass  # it ended meanwhile
    return found


def wait_until(condition, limit=10.0):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8:dead::7"])
def test_black_hole_hangs(address):
    assert connect(address) == "timed out"


@pytest.mark.parametrize("address", ["192.0.2.25", "198.18.0.1", "198.19.255.255", "198.51.100.9",
                                     "127.0.0.1", "2001:db8::77"])
def test_local_ranges_answer_at_once(address):
    assert connect(address) == "refused"


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1"])
def test_no_route_leads_out(address):
    assert connect(address) == "unreachable"


def test_calls_leave_from_the_targets_address():
    code = """
import socket
for family, address in ((socket.AF_INET, "198.18.4.4"), (socket.AF_INET6, "2001:db8::44")):
    server = socket.socket(family)
    server.bind((address, 25))
    server.listen()
    with socket.create_connection((address, 25)) as client:
        print(client.getsockname()[0])
"""
    assert lab(sys.executable, "-c", code).stdout.split() == ["192.0.2.25", "2001:db8::25"]


def test_status_of_the_command():
    assert lab("sh", "-c", "exit 7").returncode == 7
    assert lab("no-such-command-in-the-lab").returncode == 127
    assert lab("sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM


def test_usage_errors():
    for arguments in ([], ["--"], ["--frobnicate", "true"]):
        run = subprocess.run([LAB, *arguments], capture_output=True, text=True)
        assert run.returncode == 2
        assert "lab --help" in run.stderr


def test_resolver_and_variables():
    run = lab("sh", "-c", "cat /etc/resolv.conf; echo $CBV_LAB $CBV_LAB_DNS")
    assert run.stdout.splitlines()[0] == "nameserver 192.0.2.53"
    assert run.stdout.splitlines()[-1] == "1 192.0.2.53"


def test_the_machines_own_files_stay():
    def digest():
        files = [p for d in ("/etc/exim4", "/etc/postfix") for p in pathlib.Path(d).rglob("*")]
        files += [pathlib.Path(p) for p in ("/etc/resolv.conf", "/etc/hosts", "/etc/passwd")]
        return {str(p): hashlib.sha256(p.read_bytes()).digest() for p in files if p.is_file()}

    before = digest()
    assert lab("sh", "-c", "echo overwritten > /etc/resolv.conf; echo x > /dev/shm/left").returncode == 0
    assert digest() == before
    assert not os.path.exists("/dev/shm/left")


def test_single_id_map_still_works():
    environment = dict(os.environ, CBV_LAB_SINGLE_ID="1")
    run = lab("sh", "-c", "id -u; echo $CBV_LAB_SINGLE_ID", env=environment)
    if run.returncode == 2:
        pytest.skip(run.stderr)
    assert run.stdout.split() == ["0", "1"]


def start_with_daemon(mark):
    """A lab whose command has left a daemon behind it, named by `mark` on its command line."""
    # Python, since a shell that is just starting a command may lose a SIGINT.
    script = f"""
import subprocess, time  # {mark}
subprocess.Popen(["sh", "-c", "sleep 300; : {mark}"], start_new_session=True)
print("started", flush=True)
time.sleep(300)
"""
    # A test run in the background of a script, or by nohup, has these ignored, and so would its children.
    def as_on_a_terminal():
        for each in (signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)

    outer = subprocess.Popen([LAB, "--", sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                             preexec_fn=as_on_a_terminal,
                             start_new_session=True)
    assert outer.stdout.readline() == "started\n"
    assert len(processes_with(mark)) >= 3
    return outer


def test_a_daemon_ends_with_the_command():
    mark = uuid.uuid4().hex
    assert lab("sh", "-c", f"setsid sh -c 'sleep 300; : {mark}' >/dev/null 2>&1 & true").returncode == 0
    assert wait_until(lambda: not processes_with(mark))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_everything_ends_with_the_outer_process(how):
    mark = uuid.uuid4().hex
    outer = start_with_daemon(mark)
    outer.send_signal(how)
    outer.wait(timeout=10)
    assert wait_until(lambda: not processes_with(mark))


def test_control_c_ends_everything():
    mark = uuid.uuid4().hex
    outer = start_with_daemon(mark)
    os.killpg(outer.pid, signal.SIGINT)  # what a terminal does: the whole foreground group
    assert outer.wait(timeout=10) == 128 + signal.SIGINT
    assert wait_until(lambda: not processes_with(mark))


# What Docker leaves to a container's root.
CONTAINER = ("-all,+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid,+setfcap,+setpcap,"
             "+net_bind_service,+sys_chroot,+kill,+audit_write")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give up some of its rights")
@pytest.mark.parametrize("rights, single", [("", "1"), (",+sys_admin", "1"), (",+sys_admin,+net_admin", "")])
def test_root_of_a_container(rights, single):
    """Root without the rights of root makes the lab as an ordinary user does."""
    if subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode != 0:
        pytest.skip("no user namespaces here")
    done = subprocess.run(["setpriv", "--bounding-set", CONTAINER + rights, "--inh-caps=-all", LAB, "bash", "-c",
                           "echo lab=$CBV_LAB single=${CBV_LAB_SINGLE_ID-}"], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"lab=1 single={single}\n", done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to take a file away in a mount namespace")
@pytest.mark.parametrize("absent", ["hosts", "resolv.conf"])
def test_a_file_that_the_machine_lacks(absent):
    """Minimal systems have no /etc/hosts: the lab's is there all the same, and so is the rest of /etc."""
    script = f"""
        mount --make-rprivate / && mount -t tmpfs tmpfs /mnt && mkdir /mnt/etc && cp -a /etc/. /mnt/etc/
        rm /mnt/etc/{absent} && mount --bind /mnt/etc /etc && "$0" grep -h . /etc/hosts /etc/resolv.conf && "$0" cat /etc/passwd
    """
    done = subprocess.run(["unshare", "-m", "bash", "-c", script, LAB], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for line in ("127.0.0.1 localhost", "nameserver 192.0.2.53", "root:x:0:0:"):
        assert line in done.stdout
    assert pathlib.Path("/etc", absent).exists(), "the machine was changed"
