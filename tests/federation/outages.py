# Servers that are away, are restarted, or are killed while somebody writes: what arrives of it, how often and in which order.
#
# B is not online meanwhile, so that each message that came is stored; at the end B logs in and counts.  Jackdaw must lose
# nothing that it can know of: all arrive in order when the other side was away, and just once each when the other side is
# a Jackdaw too.  What others lose is counted and shown.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import threading
import time

from wire import sm
from wire.client import AuthFailed, Unexpected
from wire.names import Reset
from wire.restart import Sender
from wire.world import Skip

from features import new_name
from servers import Jackdaw

MESSAGES = 90  # fewer than Jackdaw keeps for an account
CHUNK = 9
PAUSE = 0.1       # seconds between chunks
DOWN_SECONDS = 2
SETTLE_SECONDS = 4  # after which a server of others has B's account on disk
QUIET_SECONDS = 8  # nothing more comes after that
ALL_SECONDS = 90   # by a server that tries again at ever longer intervals

ALL = []


def outage(title):
    def add(f):
        ALL.append((title, f))
        return f
    return add


class Letters:
    """Numbered messages of A to B, who comes to read them at the end; errors come back to A."""

    def __init__(self, pair):
        self.pair = pair
        self.word = new_name("letter")
        self.account = pair.worlds[1].account()
        self.sent = 0
        self.returned = set()

    def text(self, n):
        self.sent += n
        return "".join("<message to='%s' id='%s-%d' type='chat'><body>x</body></message>" % (self.account.jid, self.word, i)
                       for i in range(self.sent - n, self.sent))

    def number(self, element):
        word, _, number = (element.get("id") or "").rpartition("-")
        return int(number) if element.name == "message" and word == self.word else None

    def write(self, n):
        self.pair.a.send(self.text(n))

    def take_returned(self, client, seconds=0.01):
        try:
            while True:
                kind, element = client.next(seconds)
                if kind != "element":
                    return
                if self.number(element) is not None and element.get("type") == "error":
                    self.returned.add(self.number(element))
        except (TimeoutError, Reset):
            return

    def read(self, patience):
        """The numbers of those that come to B, until all came or were returned, or nothing does for PATIENCE seconds."""
        try:
            b = self.pair.worlds[1].connect(self.account)
        except AuthFailed:
            if isinstance(self.pair.there, Jackdaw):
                raise
            return []  # it has lost the account as well
        b.send("<presence/>")
        got, last = [], time.monotonic()
        while len(set(got) | self.returned) < self.sent and time.monotonic() - last < patience:
            try:
                kind, element = b.next(0.5)
            except TimeoutError:
                self.take_returned(self.pair.a)
                continue
            if kind != "element":
                raise Unexpected("B's stream ended with %s" % kind)
            number = self.number(element)
            if number is not None:
                got.append(number)
                last = time.monotonic()
        return got

    def judge(self, got, exact):
        """A sentence on them; EXACT: all must have come, once each and in order."""
        distinct = sorted(set(got))
        text = "%d of %d" % (len(distinct), self.sent)
        if self.returned:
            text += ", %d returned" % len(self.returned)
        if len(got) > len(distinct):
            text += ", %d twice" % (len(got) - len(distinct))
        if got != sorted(got):
            text += ", out of order"
        if exact and got != list(range(self.sent)):
            missing = sorted(set(range(self.sent)) - set(got))
            raise Unexpected("%s; missing: %s; order: %s" % (text, missing[:20], got[:400]))
        return "ok" if got == list(range(self.sent)) else text


@outage("peer away")
def peer_away(pair):
    """Messages for a server that is down wait, and arrive in order when it is there again."""
    letters = Letters(pair)
    pair.there.stop()
    try:
        for _ in range(4):
            letters.write(5)
            time.sleep(DOWN_SECONDS / 4)
    finally:
        pair.there.start()
    ours = isinstance(pair.here, Jackdaw)
    result = letters.judge(letters.read(ALL_SECONDS if ours else QUIET_SECONDS), ours)
    pair.renew()
    return result


def restarted(pair, end):
    """While A writes.  What was written to the connection that broke and not acknowledged cannot be known."""
    letters = Letters(pair)
    if not isinstance(pair.there, Jackdaw):
        time.sleep(SETTLE_SECONDS)
    starting = threading.Thread(target=pair.there.start)
    for i in range(MESSAGES // CHUNK):
        if i == MESSAGES // CHUNK // 2:
            end()
            starting.start()
        letters.write(CHUNK)
        time.sleep(PAUSE)
    starting.join()
    both = isinstance(pair.here, Jackdaw) and isinstance(pair.there, Jackdaw)
    result = letters.judge(letters.read(ALL_SECONDS if both else QUIET_SECONDS), both)
    pair.renew()
    return result


@outage("peer restarted")
def peer_restarted(pair):
    return restarted(pair, pair.there.stop)


@outage("peer killed")
def peer_killed(pair):
    return restarted(pair, pair.there.kill)


@outage("own server killed")
def own_server_killed(pair):
    """A resumes, and sends what the server had not counted: nothing is lost, and nothing is sent twice by A."""
    if not isinstance(pair.here, Jackdaw):
        raise Skip("only Jackdaw keeps sessions over it")
    letters = Letters(pair)
    world = pair.worlds[0]
    sender = Sender(sm.enable(world), letters.account.jid, letters.word + "-")
    for i in range(MESSAGES // CHUNK):
        sender.send(CHUNK)
        if i == MESSAGES // CHUNK // 2:
            pair.here.kill()
            pair.here.start()
            sender.come_back(world)
        time.sleep(PAUSE)
    if sender.sent < MESSAGES:
        sender.send(MESSAGES - sender.sent)
    letters.sent = sender.sent
    pair.renew()
    return letters.judge(letters.read(ALL_SECONDS), isinstance(pair.there, Jackdaw))


TITLES = {title for title, _ in ALL}
