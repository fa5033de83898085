# Prosody as a stand-in: the cases are proven against a second implementation, and so tell our faults from their own.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import shutil
import socket
import subprocess
import time

from .server import Server

CONFIG = """
daemonize = false
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
plugin_paths = {{ }}
interfaces = {{ "127.0.0.1", "::1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ {tls} }}
s2s_ports = {{ }}
http_ports = {{ }}
https_ports = {{ }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "version", "uptime", "time", "ping", "register_ibr", "user_account_management",
  "presence", "message", "iq", "lastactivity", "c2s", "carbons", "csi", "csi_simple" }}
modules_disabled = {{ "s2s", "s2s_auth_certs", "offline" }}
allow_registration = true
authentication = "internal_hashed"
c2s_require_encryption = true
conflict_resolve = "kick_old"
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{folder}/stderr.log" }} }}
ssl = {{ key = "{folder}/key.pem", certificate = "{folder}/cert.pem" }}
VirtualHost "localhost"
"""


class Prosody(Server):
    def __init__(self, edit=None, arguments=()):
        super().__init__()
        os.mkdir(os.path.join(self.folder, "data"))
        self.config = os.path.join(self.folder, "prosody.cfg.lua")
        text = CONFIG.format(folder=self.folder, c2s=self.port("c2s"), tls=self.port("tls"))
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                        "-keyout", self.folder + "/key.pem", "-out", self.folder + "/cert.pem"],
                       check=True, capture_output=True, timeout=30)

    @staticmethod
    def path():
        return shutil.which("prosody") or "/usr/bin/prosody"

    def command(self):
        return [self.path(), "--config", self.config, "-F"]

    def _read_stdout(self, process, ready):
        for _ in range(200):  # Prosody does not say when it is ready: its port does
            try:
                socket.create_connection(("127.0.0.1", self.port("tls")), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        ready.set()
        for _line in process.stdout:
            pass
