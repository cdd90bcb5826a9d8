"""When a started server is ready, by its kind: an SMTP server has greeted, a policy server takes a
connection, a milter has answered an option negotiation; what a command asks takes a connection. A server
that does not get there is described in words that say what was tried and what came; what to do about it is
for the user to see.
"""

import os
import pathlib
import socket
import struct
import time

from harness import UsageError

PATIENCE = 2.0  # seconds for one attempt
PAUSE = 0.02  # between two: there is nothing to wait on before the port is open
# SMFIC_OPTNEG of libmilter's protocol: version 6, every action, every step of the protocol offered.
OPTNEG = struct.pack("!IcIII", 13, b"O", 6, 0x1FF, 0x1FFFFF)
QUIT = struct.pack("!Ic", 1, b"Q")
WANTED = {"smtp": "a greeting with 220", "policy": "a connection", "milter": "an answer to SMFIC_OPTNEG",
          "command": "a connection"}


def _printable(octets):
    """What came, as it may stand in a sentence."""
    return repr(octets.strip())[2:-1]


def _smtp(connection):
    greeting = connection.recv(512)
    if greeting[:3] == b"220":
        return ""
    return f"it greeted with '{_printable(greeting)}'" if greeting else "it closed the connection without a greeting"


def _connection(connection):
    return ""


def _milter(connection):
    connection.sendall(OPTNEG)
    answer = b""
    while len(answer) < 17:
        piece = connection.recv(512)
        if not piece:
            break
        answer += piece
    if len(answer) < 17:
        return f"to SMFIC_OPTNEG it answered {answer!r} and closed the connection"
    length, command, version = struct.unpack("!IcI", answer[:9])
    if command != b"O" or length < 13 or not 2 <= version <= 6:
        return f"to SMFIC_OPTNEG it answered {answer!r}, which is no milter's answer"
    connection.sendall(QUIT)
    return ""


_ASK = {"smtp": _smtp, "policy": _connection, "milter": _milter, "command": _connection}


def trouble_with(spec):
    """'' when the server is ready now, else what came instead."""
    try:
        with socket.create_connection((spec.address, spec.port), timeout=PATIENCE) as connection:
            return _ASK[spec.kind](connection)
    except TimeoutError:
        return f"nothing came within {PATIENCE:g} s"
    except OSError as error:
        return error.strerror or str(error)


def wait(process):
    """Until the server of this Process is ready; UsageError when it ends before, or takes too long."""
    spec, tries = process.spec, 0
    end = time.monotonic() + spec.ready_timeout
    while True:
        tries += 1
        trouble = trouble_with(spec)
        if not trouble:
            return
        if words := process.ended():
            raise UsageError(f"before it was ready, {words}")
        if time.monotonic() > end:
            break
        time.sleep(PAUSE)
    raise UsageError("\n".join([
        f"target {spec.name} was not ready after {spec.ready_timeout:g} s (ready-timeout):",
        f"  wanted:    {WANTED[spec.kind]} at {spec.address} port {spec.port}",
        f"  tried:     {tries} times; the last time: {trouble}",
        f"  listening: {', '.join(listeners()) or 'nothing but the suite itself'}", process.output()]))


def listeners():
    """['0.0.0.0 port 2525', ...] of the TCP sockets that other processes than this one listen on."""
    mine = set(_sockets("self"))
    found = set()
    for table, size in (("tcp", 4), ("tcp6", 16)):
        try:
            lines = pathlib.Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == "0A" and fields[9] not in mine:
                address, _, port = fields[1].partition(":")
                found.add((_address(address, size), int(port, 16)))
    return [f"{address} port {port}" for address, port in sorted(found)]


def _sockets(process):
    """The inodes of a process's sockets."""
    try:
        links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{process}/fd")]
    except OSError:  # one was closed meanwhile: what is left out is listed as somebody's
        return
    yield from (link[8:-1] for link in links if link.startswith("socket:["))


def _address(text, size):
    """An address of /proc/net/tcp{,6}: words of four octets in the machine's order."""
    words = bytes.fromhex(text)
    packed = b"".join(words[i:i + 4][::-1] for i in range(0, size, 4))
    return socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, packed)
