"""When a server is ready, by its kind, and the words about one that never is. Servers are on loopback."""

import contextlib
import pathlib
import socket
import sys
import threading
import types

import pytest

from harness import UsageError, process, readiness, target_file

OPTNEG_ANSWER = b"\0\0\0\rO\0\0\0\6\0\0\0\x3f\0\0\0\0"


@contextlib.contextmanager
def server(answer, reads=0):
    """A server that reads so many octets, says something and closes; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    with listener.accept()[0] as connection:
                        connection.recv(reads) if reads else None
                        connection.sendall(answer)
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("kind, answer, reads, trouble", [
    ("smtp", b"220 here\r\n", 0, ""),
    ("smtp", b"554 no\r\n", 0, "it greeted with '554 no'"),
    ("smtp", b"554 \xff\x1b\r\n", 0, "it greeted with '554 \\xff\\x1b'"),
    ("smtp", b"", 0, "closed the connection without a greeting"),
    ("policy", b"", 0, ""),
    ("command", b"", 0, ""),
    ("milter", OPTNEG_ANSWER, 17, ""),
    ("milter", b"220 an SMTP server\r\n", 17, "it answered b'220 an SMTP server"),
    ("milter", b"", 17, "it answered b'' and closed"),
])
def test_readiness_by_kind(kind, answer, reads, trouble):
    with server(answer, reads) as port:
        seen = readiness.trouble_with(types.SimpleNamespace(kind=kind, address="127.0.0.1", port=port))
    assert (trouble in seen) if trouble else seen == ""


def spec_of(*start, port=9, kind="smtp"):
    return target_file.Spec(name="mine", directory=pathlib.Path("mine"), kind=kind, start=list(start),
                            address="127.0.0.1", port=port, ready_timeout=0.3)


def run(spec):
    with pytest.raises(UsageError) as caught:
        with process.Process(spec):
            pass
    return str(caught.value)


def test_a_server_at_another_port_is_told_where_it_listens():
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        port = elsewhere.getsockname()[1]
        spec = spec_of(sys.executable, "-c", "import socket, time; s = socket.create_server(('127.0.0.1', 0)); "
                       "print('it is', s.getsockname()[1], flush=True); time.sleep(60)")
        spec.ready_timeout = 1.5
        words = run(spec)
    assert "not ready after 1.5 s (ready-timeout)" in words
    assert "a greeting with 220 at 127.0.0.1 port 9" in words and "the last time: Connection refused" in words
    printed = words.partition("  | it is ")[2].split()[0]
    listening = words.partition("listening:")[2].splitlines()[0]
    assert f"127.0.0.1 port {printed}" in listening and str(port) not in listening


@pytest.mark.parametrize("start, words", [
    (("/no/such/program",), "cannot start /no/such/program: No such file or directory"),
    (("sh", "-c", "echo oh; exit 3"), "before it was ready, target mine ended with status 3\n  | oh"),
    (("sh", "-c", "no-such-program"), "ended with status 127 (a shell says so of a program that is not there)"),
    (("sh", "-c", "sleep 60 &"), "ended with status 0 (does it go into the background?"),
    (("{nonsense}",), "target.toml: start: unknown name {nonsense}"),
])
def test_a_server_that_does_not_start(start, words):
    spec = spec_of(*start)
    spec.ready_timeout = 5
    assert words in run(spec)


def test_the_private_directory_goes_away(tmp_path, monkeypatch):
    monkeypatch.setattr(process.tempfile, "mkdtemp", lambda prefix: str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    run(spec_of("sh", "-c", "exit 1"))
    assert not (tmp_path / "state").exists()


def test_a_command_has_its_server_while_it_asks(tmp_path):
    runner = pytest.importorskip("harness.runner", reason="the module cbv is not built")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = f"import socket; s = socket.create_server(('127.0.0.1', {port}))\nwhile True: s.accept()"
    spec = spec_of(sys.executable, "-c", script, port=port, kind="command")
    spec.ready_timeout = 10
    asked = runner.Runner(spec, None, [])
    with asked._surroundings(1.0) as workspace:
        assert workspace.state.is_dir()
        socket.create_connection(("127.0.0.1", port)).close()
    assert not workspace.state.exists() and asked.last_words
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port))
