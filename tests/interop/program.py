# A program beside the server, run as a process whose lines can be awaited.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import subprocess
import threading
import time

from wire.client import Unexpected

END_SECONDS = 10
PAUSE = 0.05


class Program:
    def __init__(self, command, folder):
        self.lines = []
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def expect(self, wanted, times=1, seconds=20):
        """So many lines that have WANTED in them have come."""
        end = time.monotonic() + seconds
        while sum(wanted in line for line in self.lines) < times:
            if time.monotonic() > end or self.process.poll() is not None:
                raise Unexpected("%s: %r did not come\n%s" % (self.process.args[-1], wanted, "\n".join(self.lines[-40:])))
            time.sleep(PAUSE)
        return self

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
