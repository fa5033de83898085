# A program that wants a terminal gets one: a pseudo terminal whose output is kept, and whose keyboard is ours.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ROWS, COLUMNS = 50, 200
POLL_SECONDS = 0.05
KEPT_BYTES = 200000
END_SECONDS = 5
REPORT_CHARS = 1500


class Terminal:
    def __init__(self, command, environment=None):
        self.output = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment or {})
            os.execvp(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def pump(self, seconds=POLL_SECONDS):
        """Takes in what the program wrote; False once it has ended."""
        end = time.monotonic() + seconds
        while select.select([self.fd], [], [], max(end - time.monotonic(), 0))[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.output = (self.output + data)[-KEPT_BYTES:]
        return True

    def wait_for(self, texts, seconds):
        """Which of TEXTS showed up first, or None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            alive = self.pump()
            for text in texts:
                if text.encode() in self.output:
                    return text
            if not alive:
                return None
        return None

    def words(self):
        """What stood on the screen, without the control sequences, for a report."""
        text = re.sub(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][AB0]|[=>78])|[\x00-\x1f]", b" ", self.output)
        return " ".join(text.decode("utf-8", "replace").split())[-REPORT_CHARS:]

    def type(self, line):
        os.write(self.fd, line.encode() + b"\r")

    def end(self):
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            self.pump()
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def commands(ready, poll):
    """Lines of our standard input while POLL() is called again and again; ends with the input or when POLL() says so."""
    pending = b""
    while ready():
        if select.select([sys.stdin], [], [], POLL_SECONDS)[0]:
            data = os.read(0, 65536)
            if not data:
                return
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                yield line.decode()
        poll()


class Tail:
    """The lines that are appended to the files below a folder whose names satisfy WANTED."""

    def __init__(self, folder, wanted):
        self.folder, self.wanted, self.seen = folder, wanted, {}

    def lines(self):
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if self.wanted(path):
                    yield from self._new(path)

    def _new(self, path):
        with open(path, "rb") as f:
            f.seek(self.seen.get(path, 0))
            data = f.read()
        whole = data[:data.rfind(b"\n") + 1]
        self.seen[path] = self.seen.get(path, 0) + len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            yield path, line
