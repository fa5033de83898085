# Two servers of one kind that federate, each for a domain of its own: certificates, TLS and DNS as tests/federation has them.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import importlib.util
import os
import sys

from wire.jackdawd import TOP

from . import servers

FOLDER = os.path.join(TOP, "tests", "federation")
MODE = "external"  # STARTTLS, and each proves by its certificate who it is
SM_PROSODY = """
smacks_hibernation_time = 3600
smacks_max_queue_size = 100000
default_archive_policy = true
archive_expires_after = "never"
s2s_timeout = 5
modules_enabled = {
	"disco", "roster", "saslauth", "tls", "dialback", "carbons", "smacks", "mam", "ping", "register", "time", "version"
}
"""


def _federation():
    """tests/federation/servers.py, whose name is that of tests/bench."""
    sys.path.append(FOLDER)
    spec = importlib.util.spec_from_file_location("federation_servers", os.path.join(FOLDER, "servers.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Neighbours:
    """
    What takes part in a run: two servers.  The package python3-cryptography, which makes their certificates, is needed for
    these alone.
    """

    def __init__(self, kind):
        self.kind = kind
        self.missing, self.site, self.members = "", None, []
        try:
            self._gather(_federation())
        except ImportError as missing:
            self.missing = "the package python3-cryptography is missing: %s" % missing

    def _gather(self, federation):
        self.site = federation.Site(federation.MODES[MODE])
        for name in ("here", "there"):
            federation.KINDS[name] = federation.KINDS[self.kind]
            self.members.append(self.site.add(name, **OPTIONS[self.kind]))
        for member in self.members:
            member.data = os.path.join(member.folder, "data")
            try:
                member.configure()
                member.command()
            except federation.bench.Missing as why:
                self.missing = str(why)

    def find_missing(self):
        return self.missing

    def logs(self):
        return [("-%s.log" % member.domain.partition(".")[0], member.log()) for member in self.members]

    def remove(self):
        if self.site:
            self.site.close()


OPTIONS = {
    "jackdaw": {"conf": 'shards = 2\nlog-level = "%s"\n' % os.environ.get("AUDIT_LOG", "info"),
                "lines": servers.ROOM_FOR_MESSAGES},
    "prosody": {"lines": SM_PROSODY},
    "ejabberd": {"lines": servers.EJABBERD_ACROSS},
}
