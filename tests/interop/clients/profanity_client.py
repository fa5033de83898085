#!/usr/bin/env python3
# Profanity on a pseudo terminal; what it receives is read from its database.  See peer.py for what a client program
# reads and writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import sqlite3
import sys

from terminal import Terminal, commands

LOGIN_SECONDS = 35

ACCOUNT = """[{jid}]
enabled=true
jid={jid}
password={password}
server={host}
port={port}
tls.policy=trust
"""


class Inbox:
    """The messages that Profanity wrote into its database."""

    def __init__(self, path, jid):
        self.path, self.jid, self.last = path, jid, 0

    def new(self):
        try:
            database = sqlite3.connect("file:%s?mode=ro" % self.path, uri=True, timeout=1)
            rows = database.execute("SELECT id, from_jid, message FROM ChatLogs WHERE id > ? AND to_jid = ? ORDER BY id",
                                    (self.last, self.jid)).fetchall()
            database.close()
        except sqlite3.OperationalError:  # not yet there, or being written
            return []
        if rows:
            self.last = rows[-1][0]
        return [row[1:] for row in rows if row[2]]


def main():
    jid, password, host, port, folder = sys.argv[1:6]
    data = os.path.join(os.environ["XDG_DATA_HOME"], "profanity")
    os.makedirs(data)
    with open(os.path.join(data, "accounts"), "w", encoding="utf-8") as f:
        f.write(ACCOUNT.format(jid=jid, password=password, host=host, port=port))
    terminal = Terminal(["profanity", "-a", jid, "-f", os.path.join(folder, "log")])
    if terminal.wait_for(["logged in successfully"], LOGIN_SECONDS) is None:
        print("FAILED %s" % terminal.words(), flush=True)
        return terminal.end()
    inbox = Inbox(os.path.join(data, "database", jid.replace("@", "_at_"), "chatlog.db"), jid)
    print("READY %s" % jid, flush=True)

    def report():
        terminal.pump()
        for sender, text in inbox.new():
            print("RECEIVED %s %s" % (sender, text), flush=True)

    for line in commands(lambda: True, report):
        verb, _, rest = line.partition(" ")
        if verb != "send":
            break
        terminal.type("/msg " + rest)
    terminal.type("/quit")
    terminal.end()


main()
