# biboumi, a gateway to IRC, and the IRC server that it leads to: a real ngircd on a loopback address of its own.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import random
import shutil
import socket
import time

from wire.client import Unexpected
from wire.component import DOMAIN, SECRET
from wire.world import Skip

from program import Program

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
IRC_PORT = 6667
SECONDS = 20

NGIRCD = """\
[Global]
Name = irc.test.example
Info = for a test
Listen = {address}
Ports = {port}
PidFile = {folder}/ngircd.pid
[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local5
[Limits]
MaxConnectionsIP = 0
MaxPenaltyTime = 0
"""

BIBOUMI = """\
hostname={domain}
password={secret}
xmpp_server_ip=127.0.0.1
port={port}
db_name={folder}/biboumi.sqlite
log_level=1
identd_port=0
persistent_by_default=false
"""


def _tool(name):
    path = shutil.which(name, path=PATH)
    if not path:
        raise Skip("the package %s is missing" % name)
    return path


class Irc:
    """The IRC server, and one person there."""

    def __init__(self, folder):
        self.address = "127.%d.%d.%d" % (random.randrange(100, 200), random.randrange(256), random.randrange(1, 255))
        name = os.path.join(folder, "ngircd.conf")
        with open(name, "w", encoding="utf-8") as f:
            f.write(NGIRCD.format(address=self.address, port=IRC_PORT, folder=folder))
        self.program = Program([_tool("ngircd"), "-n", "-f", name], folder)
        self.socket, self.got = None, ""

    def connect(self, nick, channel):
        end = time.monotonic() + SECONDS
        while self.socket is None:
            try:
                self.socket = socket.create_connection((self.address, IRC_PORT))
            except OSError:
                if time.monotonic() > end:
                    raise Unexpected("no IRC server:\n" + "\n".join(self.program.lines)) from None
                time.sleep(0.1)
        self.socket.settimeout(0.1)
        self.say("NICK " + nick)
        self.say("USER %s 0 * :%s" % (nick, nick))
        self.expect(" 001 ")
        self.say("JOIN " + channel)
        self.expect(" 366 ")

    def say(self, line):
        self.socket.sendall((line + "\r\n").encode())

    def expect(self, wanted):
        """A line that has WANTED; what came before it is left out."""
        end = time.monotonic() + SECONDS
        while True:
            lines, _, rest = self.got.rpartition("\r\n")
            for i, line in enumerate(lines.split("\r\n")):
                if wanted in line:
                    self.got = "\r\n".join(lines.split("\r\n")[i + 1:] + [rest])
                    return line
            if time.monotonic() > end:
                raise Unexpected("IRC: %r did not come:\n%s" % (wanted, self.got))
            try:
                self.got += self.socket.recv(65536).decode("utf-8", "replace")
            except TimeoutError:
                pass
            if self.got.startswith("PING"):
                self.say("PONG x")

    def close(self):
        if self.socket:
            self.socket.close()
        self.program.stop()


def biboumi(folder, port):
    name = os.path.join(folder, "biboumi.cfg")
    with open(name, "w", encoding="utf-8") as f:
        f.write(BIBOUMI.format(domain=DOMAIN, secret=SECRET, port=port, folder=folder))
    return Program([_tool("biboumi"), name], folder)
