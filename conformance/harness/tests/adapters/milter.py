"""milter.py [deaf]   a milter that verifies at RCPT with the library, for the tests of the self-check; deaf: it
never answers the option negotiation. What it knows of libmilter's protocol is what such a filter needs.
"""

import socketserver
import struct
import sys

import cbv

CONTINUE = b"c"
options = cbv.Options()
options.helo_name = "verifier.target.test"
options.addresses.permit("198.18.0.0/15")
options.timeouts = cbv.Timeouts(dns=2, connect=1, greeting=2, ehlo=2, mail=2, rcpt=2, quit=1, budget=6)


class Session(socketserver.StreamRequestHandler):
    path = b""

    def handle(self):
        while head := self.rfile.read(5):
            length, command = struct.unpack("!Ic", head)
            answer = self.answer(command, self.rfile.read(length - 1))
            if command == b"Q":
                return
            if answer and sys.argv[1:] != ["deaf"]:
                self.wfile.write(struct.pack("!I", len(answer)) + answer)

    def answer(self, command, data):
        if command == b"O":  # version 6, no actions, every step wanted
            return b"O" + struct.pack("!III", 6, 0, 0)
        if command == b"M":
            self.path = data.split(b"\0")[0].strip(b"<>")
        if command == b"R" and self.path:
            verdict = cbv.verify(self.path, options, servers=["192.0.2.53"], dns_try=0.5, source="192.0.2.25")
            if reply := cbv.reply_for(verdict, self.path):
                return b"y" + b"%d %s\0" % (reply.code, reply.lines[0])
        return b"" if command in b"DAQK" else CONTINUE


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 100


Server(("192.0.2.25", 10032), Session).serve_forever()
