# A server under test: started by us in a folder of its own on free loopback ports, and stopped by its process id.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

PORTS = {"c2s": 5222, "tls": 5223, "s2s": 5269, "component": 5347, "http": 5280, "https": 5281}
SANITIZER = re.compile(r"(Address|Leak|Memory|Thread|UndefinedBehavior)Sanitizer|runtime error:|\bASSERT\b.*failed")
STOP_SECONDS = 20
LOG_TAIL = 4000


def free_port_base():
    """A number N such that N plus each usual port is free, below the range of ports that the system hands out."""
    for _ in range(200):
        base = random.randrange(5000, 26000)
        try:
            for port in PORTS.values():
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", base + port))
            return base
        except OSError:
            continue
    raise RuntimeError("no free ports on loopback")


class Server:
    """Starts in the constructor's folder; the subclasses say with which command, and when it is ready."""

    domain = "localhost"
    ready_seconds = 60

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="conformance-")
        self.base = free_port_base()
        self.process = None
        self.environment = {}  # for the next start, beside our own
        self._stderr = os.path.join(self.folder, "stderr.log")

    def command(self):
        raise NotImplementedError

    def port(self, name):
        return self.base + PORTS[name]

    def start(self):
        ready = threading.Event()
        with open(self._stderr, "ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.folder, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=log,
                                            env={**os.environ, **self.environment})
        threading.Thread(target=self._read_stdout, args=(self.process, ready), daemon=True).start()
        if not ready.wait(self.ready_seconds) or self.process.poll() is not None:
            log = self.log()
            self.kill()
            raise RuntimeError("%s did not become ready; it wrote:\n%s" % (type(self).__name__, log))
        return self

    def _read_stdout(self, process, ready):
        for line in process.stdout:
            if self.is_ready(line.decode("utf-8", "replace").strip()):
                ready.set()
        ready.set()

    def is_ready(self, line):
        return line == "ready"

    def log(self):
        with open(self._stderr, encoding="utf-8", errors="replace") as f:
            return f.read()

    def has_log(self):
        return os.path.exists(self._stderr)

    def log_tail(self):
        return self.log()[-LOG_TAIL:]

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """SIGTERM; gives a list of complaints: a wrong exit status, or a report of a sanitizer in the log."""
        if self.process is None:
            return []
        complaints = []
        if self.process.poll() is None:
            self.ask_to_stop()
        try:
            status = self.process.wait(STOP_SECONDS)
            if status != 0:
                complaints.append("the server exited with status %d" % status)
        except subprocess.TimeoutExpired:
            complaints.append("the server did not stop within %d s of SIGTERM" % STOP_SECONDS)
            self.kill()
        self.process.stdout.close()
        self.process = None
        log = self.log()
        match = SANITIZER.search(log)
        if match:
            complaints.append("the log has a report: …%s" % log[max(0, match.start() - 200):match.start() + 3000])
        elif complaints:
            complaints.append("its log ends with:\n%s" % log[-LOG_TAIL:])
        return complaints

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what the cases want to know of the process

    def is_instrumented(self):
        """Built with a sanitizer: its memory then says nothing."""
        with open("/proc/%d/maps" % self.process.pid, encoding="utf-8") as f:
            return bool(re.search(r"lib(a|t|ub)san|AddressSanitizer", f.read()))

    def resident_kib(self):
        """Its own memory: pages of the database that it has looked at are the system's to take back."""
        with open("/proc/%d/status" % self.process.pid, encoding="utf-8") as f:
            return int(re.search(r"RssAnon:\s+(\d+)", f.read()).group(1))

    def open_files(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))
