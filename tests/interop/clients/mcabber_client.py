#!/usr/bin/env python3
# mcabber, and with it the library loudmouth, on a pseudo terminal; what it receives is read from its history files.
# See peer.py for what a client program reads and writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import re
import sys

from terminal import Tail, Terminal, commands

LOGIN_SECONDS = 35

CONFIG = """set jid = {jid}
set password = {password}
set server = {host}
set port = {port}
set tls = 1
set ssl_ignore_checks = 1
set logging = 1
set logging_dir = {folder}/history/
set log_display_sender = 1
set roster_hide_offline = 0
"""


def main():
    jid, password, host, port, folder = sys.argv[1:6]
    os.makedirs(os.path.join(folder, "history"), mode=0o700)
    rc = os.path.join(folder, "mcabberrc")
    with open(rc, "w", encoding="utf-8") as f:
        f.write(CONFIG.format(jid=jid, password=password, host=host, port=port, folder=folder))
    os.chmod(rc, 0o600)
    terminal = Terminal(["mcabber", "-f", rc])
    if terminal.wait_for(["Your status has been set"], LOGIN_SECONDS) is None:
        print("FAILED %s" % terminal.words(), flush=True)
        return terminal.end()
    tail = Tail(os.path.join(folder, "history"), lambda path: True)
    print("READY %s" % jid, flush=True)

    def report():
        terminal.pump()
        for path, line in tail.lines():
            match = re.match(r"MR \S+ \d+ (?:<[^>]*> )?(.*)", line)
            if match:
                print("RECEIVED %s %s" % (os.path.basename(path), match.group(1)), flush=True)

    for line in commands(lambda: True, report):
        verb, _, rest = line.partition(" ")
        if verb != "send":
            break
        to, _, text = rest.partition(" ")
        terminal.type("/say_to %s %s" % (to, text))
    terminal.type("/quit")
    terminal.end()


main()
