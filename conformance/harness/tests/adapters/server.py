"""server.py MODE   an SMTP server for the tests of the self-check, right or wrong in one way, by MODE:

right            verifies with the library and answers as the draft wants it
plain            the same, and offers no enhanced codes
no-verification  accepts everything, asks nobody
mx-only          looks for an MX record, accepts what has one
host-only        connects to the mail exchanger, and quits without naming the mailbox
no-consequence   verifies, and accepts whatever came of it
soft             words a definite refusal as 450; the text tells
all-soft         the same, and the text does not tell
swapped          words a definite refusal as 450 and doubt as 550
later            answers 450 at once and knows the verdict when it is asked again
never            the same, and never knows it
rule             refuses every client at RCPT, by a rule of its own
unreachable      verifies, and may call 203.0.113.0/24 only
silent           takes connections and says nothing
no-null-sender   refuses the null reverse-path
greylists        defers whatever is new, which is everything
hangs-up         ends the session at RCPT
"""

import socket
import socketserver
import sys
import threading

import cbv

MODE = sys.argv[1]
known = {}  # path -> verdict, in mode later


def options(helo="verifier.target.test"):
    chosen = cbv.Options()
    chosen.helo_name = helo
    if MODE != "unreachable":
        chosen.addresses.permit("198.18.0.0/15")
    chosen.timeouts = cbv.Timeouts(dns=2, connect=1, greeting=2, ehlo=2, mail=2, rcpt=2, quit=1, budget=6)
    return chosen


def verify(path):
    return cbv.verify(path, options(), servers=["192.0.2.53"], dns_try=0.5, source="192.0.2.25")


def ask_host_only(path):
    """EHLO and QUIT at the mail exchanger, whose address the resolver knows."""
    host = "mx1." + path.rpartition("@")[2]
    with socket.create_connection((socket.gethostbyname(host), 25), timeout=2) as connection:
        connection.recv(512)
        connection.sendall(b"EHLO verifier.target.test\r\n")
        connection.recv(512)
        connection.sendall(b"QUIT\r\n")
        connection.recv(512)


def answer(path):
    """The reply to RCPT."""
    if MODE == "no-verification" or MODE == "right" and not path:
        return "250 OK"
    if MODE == "rule":
        return "554 5.7.1 Client host rejected"
    if MODE == "greylists":
        return "450 4.2.0 Come again"
    if MODE == "mx-only":
        socket.gethostbyname("mx1." + path.rpartition("@")[2])
        return "250 OK"
    if MODE == "host-only":
        ask_host_only(path)
        return "250 OK"
    if MODE == "never":
        verify(path)
        return "450 4.1.7 Sender address check under way, come again"
    if MODE == "later" and path not in known:
        threading.Thread(target=lambda: known.update({path: verify(path)}), daemon=True).start()
        return "450 4.1.7 Sender address check under way, come again"
    verdict = known.pop(path) if MODE == "later" else verify(path)
    if MODE == "no-consequence" or verdict.kind in ("pass", "none"):
        return "250 OK"
    said = f"{verdict.reply.code} {verdict.reply.lines[0].decode()}" if verdict.reply else verdict.why
    if MODE == "all-soft":
        return "450 4.1.7 Sender could not be verified"
    if MODE == "swapped":
        return "450 4.1.8 It was refused" if verdict.kind == "fail" else "550 5.1.8 It was deferred"
    if verdict.kind == "fail":
        return f"{450 if MODE == 'soft' else 550} 5.1.8 <{path}> is undeliverable: the host said: {said}".replace(
            "450 5", "450 4")
    return f"451 4.1.8 <{path}> is not verified: the host said: {said}"


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        if MODE == "silent":
            self.rfile.read()
            return
        self.say("220 verifier.target.test ESMTP")
        path = ""
        for line in self.rfile:
            verb, rest = line[:4].upper(), line.decode(errors="replace").strip()
            if verb == b"QUIT":
                self.say("221 Bye")
                return
            if verb == b"EHLO":
                self.say("250-verifier.target.test\r\n250 " + ("SIZE" if MODE == "plain" else "ENHANCEDSTATUSCODES"))
            elif verb == b"MAIL":
                path = rest.partition("<")[2].partition(">")[0]
                refused = MODE == "no-null-sender" and not path
                self.say("550 5.7.1 No bounces here" if refused else "250 OK")
            elif verb == b"RCPT" and MODE == "hangs-up":
                return
            elif verb == b"RCPT" and "nobody@" in rest:
                self.say("550 5.1.1 No such user here")
            else:
                self.say(answer(path) if verb == b"RCPT" else "250 OK")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 100


Server(("192.0.2.25", 25), Session).serve_forever()
