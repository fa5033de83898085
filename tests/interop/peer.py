# A client program of somebody else's library, run as a process.
#
# Every program is called with JID PASSWORD HOST PORT FOLDER and speaks lines; WHO is a bare address:
#
#	it writes   READY [JID]             logged in and available
#	            RECEIVED WHO TEXT       a message
#	            LATE WHO TEXT           a message that was delayed on its way
#	            REFUSED WHO             a message came back with an error
#	            RESUMED                 its connection was lost, and the stream goes on (XEP-0198)
#	            ANEW                    its connection was lost, and so was its session
#	            COPYING                 carbons are on
#	            COPIED WAY WHO TEXT     a carbon copy; WAY is sent or received, WHO who else takes part
#	            ASKED WHO               WHO wants to see our presence
#	            SEES WHO, LOST WHO      the roster says that WHO's presence is, or is not, for us to see
#	            GONE WHO                the roster has lost WHO
#	            PRESENCE WHO STATE TEXT WHO is online, away or offline; TEXT may be absent
#	            AVATAR WHO HASH         the hash in WHO's presence, or "none"
#	            PHOTO WHO HASH          that of the photo in WHO's vCard, or "none"
#	            FOUND ID WHO TEXT       a message in the archive, by WHO
#	            PREFERS DEFAULT always WHO... never WHO...
#	            ENTERED ROOM            we are in it
#	            HERE ROOM NICK, AWAY ROOM NICK  another is, or is not any more
#	            SAID ROOM NICK TEXT     a message in it; our own too
#	            EARLIER ROOM NICK TEXT  one of before we came
#	            INVITED ROOM            somebody wants us there
#	            OUT ROOM                we are not in it any more
#	            DONE VERB               the server has done it
#	            NOTE ANYTHING           for the report of a failure
#	            FAILED WHY              it gives up
#	it reads    send WHO TEXT           a chat message
#	            quit                    log out
#	            carbons                 enable carbons
#	            add WHO, accept WHO     ask to see WHO; let WHO see us
#	            remove WHO              from the roster
#	            status STATE TEXT       change our presence
#	            avatar BASE64           put this PNG into our vCard
#	            photo WHO               look at WHO's
#	            block WHO, unblock WHO
#	            pages WAY SIZE NUMBER WITH  so many pages of the archive, forward or backward; WITH may be absent
#	            search WORDS            the latest page of what has them
#	            prefer DEFAULT ALWAYS NEVER  what is archived; ALWAYS and NEVER are addresses
#	            preferences
#	            enter ROOM NICK, leave ROOM
#	            configure ROOM NAME     get the form, and send it with that name in it
#	            invite ROOM WHO         by the room
#	            say ROOM TEXT
#	            kick ROOM NICK
#
# All do send and quit; which do the others the cases know.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import os
import queue
import re
import subprocess
import tempfile
import threading

from wire.client import Unexpected

READY_SECONDS = 40
MESSAGE_SECONDS = 20
QUIT_SECONDS = 10
LOG_LINES = 60
# Those of libpurple at its own end, whatever happened before, are none.
FAULT = re.compile(r"^\(stderr\) .*(Traceback|never retrieved|CRITICAL(?!.*_close_with_handle)|WARNING)")


class Peer:
    def __init__(self, name, command, account, server):
        self.name, self.account = name, account
        self.folder = tempfile.TemporaryDirectory(prefix="interop-", ignore_cleanup_errors=True)
        self.lines = queue.Queue()
        self.kept = collections.deque()
        self.log = []
        environment = dict(os.environ, HOME=self.folder.name, LC_ALL="C.UTF-8", TERM="xterm", PYTHONWARNINGS="ignore",
                           XDG_CONFIG_HOME=self.folder.name + "/config", XDG_DATA_HOME=self.folder.name + "/data",
                           XDG_CACHE_HOME=self.folder.name + "/cache", PYTHONDONTWRITEBYTECODE="1")
        self.process = subprocess.Popen(
            command + [account.jid, account.password, "127.0.0.1", str(server.port("c2s")), self.folder.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", env=environment, cwd=self.folder.name)
        for stream, mark in ((self.process.stdout, ""), (self.process.stderr, "(stderr) ")):
            threading.Thread(target=self._read, args=(stream, mark), daemon=True).start()

    def _read(self, stream, mark):
        for line in stream:
            self.log.append(mark + line.rstrip("\n"))
            if not mark:
                self.lines.put(line.rstrip("\n"))
        if not mark:
            self.lines.put(None)

    def _next(self, wanted, seconds):
        if self.kept:
            return self.kept.popleft()
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            raise Unexpected("%s: %r did not come within %d s\n%s" % (self.name, wanted, seconds, self.report())) from None
        if line is None or line.startswith("FAILED"):
            raise Unexpected("%s: %s, awaiting %r\n%s" % (self.name, line or "it ended", wanted, self.report()))
        return line

    def expect(self, wanted, seconds, keep=False):
        """The first line that begins with WANTED, or one of them.  What comes before it is left out, or kept for later; FAILED
        and the end are faults."""
        passed = []
        line = self._next(wanted, seconds)
        while not line.startswith(wanted):
            passed.append(line)
            line = self._next(wanted, seconds)
        if keep:
            self.kept.extend(passed)
        return line

    def ready(self):
        """What comes before it, stored messages for one, stays to be expected."""
        self.full = self.expect("READY", READY_SECONDS, keep=True).partition(" ")[2]
        return self

    def tell(self, command):
        self.log.append("> " + command)
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def send(self, to, text):
        self.tell("send %s %s" % (to, text))

    def sees(self, *lines):
        """A line that begins so comes for each of these, in whatever order; what comes between is left out."""
        left = lines
        while left:
            line = self.expect(left, MESSAGE_SECONDS)
            left = tuple(wanted for wanted in left if not line.startswith(wanted))

    def enable_carbons(self):
        self.tell("carbons")
        self.expect("COPYING", MESSAGE_SECONDS)

    def copies(self, way, peer, text):
        """The next copy is this one."""
        line = self.expect("COPIED", MESSAGE_SECONDS)
        if line != "COPIED %s %s %s" % (way, peer, text):
            raise Unexpected("%s: expected a copy of %r, got %r\n%s" % (self.name, text, line, self.report()))

    def receives(self, sender, text):
        self._receives("RECEIVED %s %s" % (sender, text), sender)

    def receives_late(self, sender, text):
        self._receives("LATE %s %s" % (sender, text), sender)

    def _receives(self, wanted, sender):
        line = self.expect(("RECEIVED " + sender, "LATE " + sender), MESSAGE_SECONDS)
        if line != wanted:
            raise Unexpected("%s: expected %r, got %r\n%s" % (self.name, wanted, line, self.report()))

    def quit(self):
        """Logs out; a program that does not end by itself is killed, which is its own affair.  What its library complained of
        is not."""
        try:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
        except (OSError, ValueError):  # ended, or told already
            pass
        try:
            self.process.wait(QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        self.kill()
        faults = [line for line in self.log if FAULT.search(line)]
        if faults:
            raise Unexpected("%s: the client's log has %r\n%s" % (self.name, faults[0], self.report()))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(QUIT_SECONDS)
        self.folder.cleanup()

    def report(self):
        return "\n".join("    %s: %s" % (self.name, line) for line in self.log[-LOG_LINES:])


class Visit:
    """Somebody comes, and writes and reads until he goes."""

    def __init__(self, kind, account, server):
        self.peer = Peer(kind.name, kind.command(), account, server)

    def __enter__(self):
        try:
            return self.peer.ready()
        except Exception:
            self.peer.kill()
            raise

    def __exit__(self, kind, *_):
        if kind is None:
            self.peer.quit()
        self.peer.kill()
