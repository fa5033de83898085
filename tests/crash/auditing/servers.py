# The servers that are audited: Jackdaw, and its peers with what they have for not losing messages switched on.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import re
import shutil
import socket
import sys
import time

from wire.jackdawd import TOP, Jackdawd
from wire.prosody import Prosody
from wire.server import Server

sys.path.insert(0, os.path.join(TOP, "tests", "bench"))
import servers as measured  # noqa: E402

PROSODY = """
smacks_hibernation_time = 3600
default_archive_policy = true
archive_expires_after = "never"
VirtualHost "localhost"
Component "conference.localhost" "muc"
	modules_enabled = { "muc_mam" }
	muc_room_locking = false
	muc_log_by_default = true
"""
EJABBERD = """
  mod_mam:
    default: always
    request_activates_archiving: false
  mod_muc:
    host: conference.localhost
    default_room_options:
      mam: true
"""
EJABBERD_ACROSS = """
  mod_mam:
    default: always
    request_activates_archiving: false
"""
ROOM_FOR_MESSAGES = """
	offline {
		max-messages = 10000
		max-bytes = "64 MiB"
	}
	muc {
		joins-per-minute = 100000
	}
"""


class AuditedJackdaw(Jackdawd):
    label = "Jackdaw"

    def __init__(self):
        super().__init__(edit=self.configure)

    @property
    def data(self):
        return os.path.join(self.demo, "data")

    def limit_data(self, kib):
        """For the next start."""
        name = os.path.join(self.demo, "jackdaw.conf")
        with open(name, encoding="utf-8") as f:
            text = re.sub(r"(?m)^data-size = .*\n", "", f.read())
        with open(name, "w", encoding="utf-8") as f:
            f.write('data-size = "%d KiB"\n' % kib + text)

    @staticmethod
    def configure(text, _folder):
        host, _, rest = text.partition('host "localhost" {\n')
        return "shards = 2\n" + host + 'host "localhost" {\n' + ROOM_FOR_MESSAGES + rest


class AuditedProsody(Prosody):
    label = "Prosody"

    def __init__(self):
        super().__init__()
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        text = text.replace('"carbons",', '"carbons", "smacks", "mam", "offline",').replace(', "offline" }', " }")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text.replace('VirtualHost "localhost"\n', PROSODY))


class AuditedEjabberd(Server):
    label = "ejabberd"

    def __init__(self):
        super().__init__()
        certificate, key = measured.make_certificate(self.folder)
        pem = os.path.join(self.folder, "both.pem")
        with open(pem, "w", encoding="ascii") as out:
            for part in (certificate, key):
                with open(part, encoding="ascii") as f:
                    out.write(f.read())
        self.config = os.path.join(self.folder, "ejabberd.yml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(self.configure(measured.EJABBERD.format(pem=pem, port=self.port("tls"))))

    @staticmethod
    def configure(text):
        text = text.replace("    starttls_required: true\n", "    tls: true\n")
        text = text.replace("    resend_on_timeout: if_offline\n",
                            "    resend_on_timeout: if_offline\n    resume_timeout: 3600\n    max_resume_timeout: 3600\n")
        return text.rstrip("\n") + EJABBERD

    @staticmethod
    def path():
        found = shutil.which("erl")
        return found if found and measured.ejabberd_libraries() else "/nowhere/ejabberd"

    def command(self):
        # As ejabberdctl would, less the node's name, for which a daemon (epmd) would stay behind.
        env = {"EJABBERD_CONFIG_PATH": self.config, "EJABBERD_LOG_PATH": os.path.join(self.folder, "ejabberd.log"),
               "ERL_LIBS": measured.ejabberd_libraries(), "HOME": self.folder}
        return ["/usr/bin/env", *("%s=%s" % pair for pair in env.items()), self.path(),
                "+K", "true", "-env", "ERL_CRASH_DUMP_BYTES", "0",
                "-mnesia", "dir", '"%s/mnesia"' % self.folder, "-noinput", "-s", "ejabberd"]

    def _read_stdout(self, process, ready):
        end = time.monotonic() + self.ready_seconds  # ejabberd does not say when it is ready: its port does
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port("tls")), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        ready.set()
        for _line in process.stdout:
            pass


class Alone:
    """What takes part in a run: one server; neighbours.py has two."""

    def __init__(self, server):
        self.members = [server]

    def find_missing(self):
        path = self.members[0].path()
        return "" if os.access(path, os.X_OK) else "%s is not installed" % path

    def logs(self):
        """(what its file is called behind the run's name, text) of each member."""
        return [(".log", server.log()) for server in self.members if server.has_log()]

    def remove(self):
        self.members[0].remove()


ALL = {"jackdaw": AuditedJackdaw, "prosody": AuditedProsody, "ejabberd": AuditedEjabberd}


def is_installed(name):
    return os.access(ALL[name].path(), os.X_OK)


def label_with_version(name):
    version = measured.package_version(name) if name != "jackdaw" else ""
    return ("%s %s" % (ALL[name].label, version)).strip()
