"""A demo to be tested, and a small SMTP and DNS client to test it with. Standard library only.

The client is a reader of outcomes, no good example: it tells what happened to one recipient in one word.
"""

import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("CBV_BUILD", ROOT / "build/release")) / "fake-mx/fake-mx"
PATIENCE = 20.0  # for what must come
SILENCE = 2.5    # after which a host counts as silent; above every time in the list's examples

MX, A, AAAA, CNAME = 15, 1, 28, 5
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


def listed(format="json", *options):
    said = subprocess.run([PROGRAM, "--list", format, *options], capture_output=True, text=True, check=True)
    return json.loads(said.stdout) if format == "json" else said.stdout


class Demo:
    """A running demo on free ports; `log` has its lines as JSON once it has ended."""

    def __init__(self, directory, *options, json_log=True):
        self.ready_file = directory / "ready.json"
        self.output = directory / "log"
        self.ready_file.unlink(missing_ok=True)
        ports = [] if "--dns" in options else ["--dns", "127.0.0.1:0"]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [PROGRAM, "--demo", "--smtp-port", "0", *ports, "--ready-file", self.ready_file,
                 *(["--log-json"] if json_log else []), *options],
                stdout=output, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + PATIENCE
        while not self.ready_file.exists():
            assert self.process.poll() is None and time.monotonic() < end, self.process.communicate()[1]
            time.sleep(0.01)
        self.ready = json.loads(self.ready_file.read_text())
        self.port = self.ready["smtp_port"]
        self.dns_port = self.ready["dns_port"]

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        complaint = self.process.communicate(timeout=PATIENCE)[1]
        assert (self.process.returncode, complaint) == (0, "")
        return self.output.read_text()

    def log(self):
        return [json.loads(line) for line in self.stop().splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class Outcome(Exception):
    """How a dialogue ended early: closed, reset, silent, endless, or what was no reply."""


class Client:
    def __init__(self, address, port):
        self.buffer = b""
        try:
            self.socket = socket.create_connection((address, port), timeout=SILENCE)
        except TimeoutError:
            raise Outcome("connecting hangs") from None
        except ConnectionRefusedError:
            raise Outcome("refused") from None
        self.socket.settimeout(SILENCE)

    def line(self):
        while b"\n" not in self.buffer:
            try:
                octets = self.socket.recv(4096)
            except TimeoutError:
                raise Outcome("silent") from None
            except ConnectionResetError:
                raise Outcome("reset") from None
            if not octets:
                raise Outcome("half, closed" if self.buffer else "closed")
            self.buffer += octets
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def reply(self):
        """The reply's lines, as octets without CR."""
        lines = []
        while len(lines) < 60:
            line = self.line()
            lines.append(line.rstrip(b"\r"))
            if not line[:3].isdigit():
                raise Outcome("garbage")
            if line[3:4] != b"-":
                return lines
        raise Outcome("endless")

    def say(self, line):
        self.socket.sendall((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.reply()

    def close(self):
        self.socket.close()


def short(lines):
    """ "550 5.1.1" of a reply; "250x3" of one of three lines."""
    words = lines[-1].decode("ascii", "replace").split()
    text = " ".join(words[:2]) if len(words) > 1 and words[1].count(".") == 2 else words[0]
    return text + (f"x{len(lines)}" if len(lines) > 1 else "")


def converse(address, port, recipient, sender="", message=True):
    """What happens: the first reply that is not good, "taken", or how the connection ended."""
    client = None
    stage = "greeting"
    try:
        client = Client(address, port)
        steps = [("greeting", None), ("ehlo", "EHLO client.example"), ("mail", f"MAIL FROM:<{sender}>"),
                 ("rcpt", f"RCPT TO:<{recipient}>")]
        steps += [("data", "DATA"), ("message", "Subject: x\r\n\r\nx\r\n.")] if message else []
        for stage, line in steps + [("quit", "QUIT")]:
            reply = client.reply() if line is None else client.say(line)
            if stage == "ehlo" and reply[0][:1] == b"5":
                reply = client.say("HELO client.example")
            if len({line[:3] for line in reply}) > 1:
                raise Outcome("mixed")
            if reply[-1][:1] not in b"23":
                return f"{stage}: {short(reply)}"
            if stage == "rcpt" and (len(reply) > 1 or len(reply[0]) > 512):
                return f"taken: {short(reply)}" + (" longline" if len(reply[0]) > 512 else "")
        return "taken"
    except Outcome as outcome:
        return f"{stage}: {outcome}"
    finally:
        if client:
            client.close()


def read_name(message, at):
    labels, jumps, after = [], 0, None
    while True:
        length = message[at]
        if length >= 0xC0:
            after = after or at + 2
            at = struct.unpack_from(">H", message, at)[0] & 0x3FFF
            jumps += 1
            assert jumps < 50
        elif length == 0:
            return ".".join(labels), after or at + 1
        else:
            labels.append(message[at + 1:at + 1 + length].decode())
            at += 1 + length


def ask(port, name, kind, tcp=False):
    """(rcode, [(type, value)]) of a lookup; ("silent", []) and ("garbage", []) when it is none."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">6H", 0x4242, 0x0100, 1, 0, 0, 0) + question + b"\0" + struct.pack(">2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as s:
        s.settimeout(SILENCE)
        s.connect(("127.0.0.1", port))
        s.send((struct.pack(">H", len(query)) if tcp else b"") + query)
        try:
            message = s.recv(4096)[2 if tcp else 0:]
        except TimeoutError:
            return "silent", []
    if len(message) < 12:
        return "garbage" if message else "empty", []
    ident, flags, _, answers, _, _ = struct.unpack_from(">6H", message)
    if ident != 0x4242:
        return "wrong id", []
    if flags & 0x0200:
        return ask(port, name, kind, tcp=True)
    at = read_name(message, 12)[1] + 4
    records = []
    for _ in range(answers):
        at = read_name(message, at)[1]
        type_, _, _, length = struct.unpack_from(">HHIH", message, at)
        at += 10
        data = message[at:at + length]
        if type_ == MX:
            records.append((MX, (struct.unpack(">H", data[:2])[0], read_name(message, at + 2)[0])))
        elif type_ == CNAME:
            records.append((CNAME, read_name(message, at)[0]))
        else:
            records.append((type_, socket.inet_ntop(socket.AF_INET if type_ == A else socket.AF_INET6, data)))
        at += length
    return RCODES[flags & 0xF], records


def find_hosts(port, domain):
    """Addresses to try for mail to `domain`, in order; or a string, why there are none."""
    rcode, records = ask(port, domain, MX)
    if rcode != "NOERROR":
        return f"MX: {rcode}"
    exchanges = [name for _, name in sorted(value for kind, value in records if kind == MX)] or [domain]
    if exchanges == [""]:
        return "null MX"
    found = []
    for name in exchanges:
        for kind in (A, AAAA):
            rcode, records = ask(port, name, kind)
            if rcode not in ("NOERROR", "NXDOMAIN"):
                return f"address: {rcode}"
            found += [value for type_, value in records if type_ == kind]
    return found or "no address"


def send(demo, recipient):
    """What becomes of a message, as an MTA that asks the demo's DNS would see it."""
    hosts = find_hosts(demo.dns_port, recipient.split("@")[1])
    if isinstance(hosts, str):
        return hosts
    outcome = ""
    for host in hosts:
        outcome = converse(host, demo.port, recipient)
        if not outcome.startswith("greeting: "):
            break
    return outcome
