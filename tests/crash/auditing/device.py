# One client of one account, in a thread: it comes, stays, writes and reads, and comes again when the connection breaks.
#
# What it sees it writes down (facts.py).  How it behaves otherwise than this, people.py says: each kind overrides
# `may_come`, `is_time_to_go`, `come`, `go` or `broken`.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import threading
import time

from wire import names
from wire.client import AuthFailed, Unexpected
from wire.lasting import REQUEST, Lasting, StreamError
from wire.names import Reset
from wire.occupancy import condition_of
from wire.world import World

from .facts import message_id
from .stage import DRAIN, OVER, PLAY

WAITING_MAX = 100     # unacknowledged messages, beyond which nobody writes on
FENCE_SECONDS = 0.5   # how often we make sure that our acknowledgements were read
REQUEST_SECONDS = 0.3
SLICE = 0.05
PING = "<iq type='get' id='%s'><ping xmlns='" + names.PING + "'/></iq>"
ENABLE_CARBONS = "<iq type='set' id='carbons'><enable xmlns='" + names.CARBONS + "'/></iq>"
MESSAGE = "<message id='%s' type='%s' to='%s'><body>%s</body></message>"


Fence = collections.namedtuple("Fence", "session arrived")  # what was acknowledged in front of it


def is_message(tag):
    return isinstance(tag, str)


class Partner:
    """Whom a device writes to, and how far it got."""

    type = "chat"

    def __init__(self, account, resource=None):
        self.user = account.user
        self.address = account.jid + ("/" + resource if resource else "")
        self.kind = "full" if resource else "bare"
        self.written = 0

    def is_there(self):
        """Whether it may be written to now."""
        return True

    def next_name(self, writer):
        self.written += 1
        return message_id(writer, self.user, self.written - 1, self.kind)


class Device(threading.Thread):
    comes_late = False  # the play begins without it
    seconds = None      # how long the server is asked to wait for it

    def __init__(self, stage, account, resource, rng, partners=(), rate=0.0):
        super().__init__(daemon=True)
        self.stage, self.facts, self.random = stage, stage.facts, rng
        self.account, self.resource = account, resource
        self.home = stage.home_of(account)
        self.name = "%s/%s" % (account.user, resource)
        self.source = World.new_source()
        self.partners, self.rate = partners, rate
        self.managed = Lasting(self.on_acked, self.on_resent)
        self.client = None
        self.session = 0
        self.is_there = False
        self.life = 0  # the server's when it came
        self.broken_at = 0

    # ---- what a kind of people changes

    def may_come(self):
        """Whether now is the time to connect."""
        return True

    def is_time_to_go(self):
        return False

    def go(self):
        """It is time; the connection is still there."""

    def broken(self):
        """The connection has gone without our doing."""

    # ---- the thread

    def run(self):
        while self.stage.phase != OVER:
            if not self.home.await_server():
                continue
            if not self.may_come():
                time.sleep(0.01)
                continue
            self.live()
            self.is_there = False
        self.close()

    def live(self):
        """One connection."""
        life, arrived = self.home.life, False
        try:
            self.come()
            self.is_there = arrived = True
            self.stay()
            if self.stage.phase != OVER:
                self.go()
        except (Reset, OSError):
            self.broken()
        except StreamError as error:
            if error.condition == "resource-constraint":
                time.sleep(0.2)
            elif error.condition != "system-shutdown":
                self.complain(error)
            self.broken()
        except (Unexpected, AuthFailed) as error:
            # Whoever is killed in the middle of a login says all kinds of things.
            if arrived or not self.home.has_died(life):
                self.complain(error)
                time.sleep(0.2)
            self.broken()
        if arrived:
            self.broken_at = time.monotonic()
        self.read_rest()
        self.close()

    def complain(self, error):
        self.facts.add("complaint", "%s: %s: %s" % (self.name, type(error).__name__, error))

    def close(self):
        if self.client:
            self.client.close()
        self.client = None

    # ---- coming

    def come(self):
        self.client = self.stage.authenticate(self.account, self.source)
        self.managed.attach(self.client)
        where = "here" if self.life == self.home.life else "restart"
        self.life = self.home.life
        if self.managed.id is not None:
            is_resumed = self.managed.resume()
            if is_resumed or not self.is_overdue():
                self.facts.add("resumed", self.name, "yes" if is_resumed else "no", where)
            if is_resumed:
                return
        self.begin()

    def is_overdue(self):
        """The server was asked to wait for less than it had to."""
        return self.seconds is not None and time.monotonic() > self.broken_at + self.seconds

    def begin(self):
        self.client.bind(self.resource)
        self.managed.begin(self.seconds)
        self.session += 1
        self.arrived = self.confirmed = 0
        self.fenced = self.requested = self.due = time.monotonic()
        self.facts.add("bound", self.name, self.session)
        self.managed.send(ENABLE_CARBONS)
        self.managed.send("<presence/>")
        self.greet()
        while self.managed.left:
            xml, tag = self.managed.left.popleft()
            if is_message(tag):
                self.facts.add("again", self.name, tag)
                self.managed.send(xml, tag)

    def greet(self):
        """What a new session says before it writes."""

    # ---- while it is there

    def stay(self):
        while self.stage.phase != OVER and not self.is_time_to_go():
            now = time.monotonic()
            if self.partners:
                self.write(now)
            self.fence(now)
            self.take(max(min(self.due - now, SLICE), 0.001) if self.is_writing() else SLICE)

    def is_writing(self):
        return bool(self.partners) and self.stage.phase == PLAY and len(self.managed.unacked) < WAITING_MAX

    def write(self, now):
        if self.is_writing() and now >= self.due:
            self.due = max(self.due + self.random.uniform(0, 2) / self.rate, now - 1)
            there = [partner for partner in self.partners if partner.is_there()]
            if there:
                self.write_to(self.random.choice(there))
        if self.managed.unacked and now > self.requested + REQUEST_SECONDS:
            self.requested = now
            self.client.send(REQUEST)

    def write_to(self, partner):
        name = partner.next_name(self.account.user)
        self.facts.add("sent", self.name, name)
        self.say(partner, name)

    def say(self, partner, name):
        self.managed.send(MESSAGE % (name, partner.type, partner.address, name), name,
                          REQUEST if self.random.random() < 0.5 else "")

    def on_acked(self, tag):
        if isinstance(tag, Fence):
            if tag.session == self.session:
                self.confirmed = tag.arrived
                self.facts.add("confirmed", self.name, self.session, self.confirmed)
        elif tag is not None:
            self.facts.add("acked", tag)

    def on_resent(self, tag):
        if is_message(tag):
            self.facts.add("resent", self.name, tag)

    def fence(self, now):
        if self.arrived > self.confirmed and now > self.fenced + FENCE_SECONDS:
            self.fenced = now
            self.send_fence()
            self.client.send(REQUEST)

    def send_fence(self):
        """Our <a/>, and a ping behind it: what the server acknowledges of that, holds for our <a/> too."""
        name = "fence-%d-%d" % (self.session, self.arrived)
        self.managed.acknowledge()
        self.managed.send(PING % name, Fence(self.session, self.arrived))
        return name

    # ---- reading

    def take(self, timeout):
        """Follows what comes next; gives the id of an answer."""
        stanza = self.managed.next(timeout)
        if stanza is None:
            return None
        if stanza.name == "message":
            self.take_message(stanza)
        elif stanza.name == "presence":
            self.take_presence(stanza)
        elif stanza.get("type") in ("get", "set"):
            self.answer(stanza)
        else:
            return self.take_answer(stanza.get("id") or "")
        return None

    def take_message(self, stanza):
        how = "direct"
        for copy in ("received", "sent"):
            wrapper = stanza.find(copy, names.CARBONS)
            if wrapper is not None:
                how, stanza = copy, wrapper.find("forwarded", names.FORWARD).find("message", names.CLIENT)
        if stanza.get("type") == "error":
            if how == "direct":
                self.take_refusal(stanza.get("id"), condition_of(stanza))
        elif stanza.find("body") is not None:
            self.arrived += 1
            self.facts.add("arrived", self.name, self.session, stanza.find("body").text, how)

    def take_refusal(self, name, condition):
        self.facts.add("refused", name, condition)

    def take_presence(self, stanza):
        other = stanza.get("from") or ""
        user, _, resource = other.partition("/")
        if stanza.get("type") == "unavailable" and resource and user != self.account.jid:
            # Whose resources are numbered is one device all the same.
            self.facts.add("unavailable", self.name, "%s/%s" % (user.split("@")[0], resource.split("-")[0]))

    def answer(self, stanza):
        """Pings of the server, and roster pushes."""
        to = " to='%s'" % stanza.get("from") if stanza.get("from") else ""
        self.managed.send("<iq type='result' id='%s'%s/>" % (stanza.get("id"), to))

    def take_answer(self, name):
        if name == "carbons":
            self.facts.add("copies", self.name)
        return name

    def read_rest(self):
        """What had arrived when the connection broke, or we went."""
        end = time.monotonic() + 1
        try:
            while self.client and not self.client.ended and time.monotonic() < end:
                try:
                    self.take(SLICE)
                except Reset:
                    pass  # an answer that nobody reads
            while self.client and self.client.reader.events:
                self.take(SLICE)
        except (Reset, OSError, StreamError, Unexpected):
            pass

    # ---- going

    def leave(self):
        """In order: all that came is acknowledged, all that was written too, and the stream is closed."""
        self.await_acks()
        fence = self.send_fence()
        while self.take(SLICE) != fence:
            pass
        self.await_acks()
        self.facts.add("left", self.name)
        self.managed.id = None
        self.client.send("</stream:stream>")

    def await_acks(self):
        while any(tag is not None for _, tag in self.managed.unacked):
            self.client.send(REQUEST)
            self.take(SLICE)

    def forsake(self):
        """The session will not be resumed, which the server does not know."""
        self.facts.add("forsook", self.name)
        self.managed.id = None

    def is_draining(self):
        return self.stage.phase == DRAIN
