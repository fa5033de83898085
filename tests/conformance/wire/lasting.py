# Stream management (XEP-0198) as a client does it: counts, acknowledgements, resumption.
#
# A Lasting is a session as its client sees it, and outlives connections: what was sent and not acknowledged, how many
# stanzas came.  `attach` gives it a connection that has authenticated and seen the features, then either `resume` or
# `begin` (after binding).  `send` keeps a stanza until the server's h covers it.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections

from . import names
from .client import Unexpected

SM = "urn:xmpp:sm:3"
REQUEST = "<r xmlns='%s'/>" % SM
STANZAS = ("message", "presence", "iq")


class StreamError(Exception):
    """The server ended the stream with an error; `condition` is its name."""

    def __init__(self, element):
        super().__init__(str(element))
        self.condition = next((c.name for c in element.children if c.ns == names.STREAM_ERRORS), "")


def is_offered(features):
    return features.find("sm", SM) is not None


def next_of(client, timeout):
    """The next element on its stream, or None when nothing comes in time."""
    try:
        kind, element = client.next(timeout)
    except TimeoutError:
        return None
    if kind != "element":
        raise ConnectionError(kind)
    if element.ns == names.STREAMS:
        raise StreamError(element)
    return element


class Lasting:
    def __init__(self, on_acked=lambda tag: None, on_resent=lambda tag: None):
        """
        ON_ACKED(tag) is told of each stanza that the server acknowledges, by the tag that it was sent with, and
        ON_RESENT(tag) of each that is sent once more in a session that was resumed.
        """
        self.on_acked, self.on_resent = on_acked, on_resent
        self.client = None
        self.unacked = collections.deque()  # (xml, tag)
        self.left = collections.deque()     # of sessions that ended: for the client to send again, or not
        self.early = collections.deque()    # stanzas that came before <enabled/>: no h covers them
        self._forget()

    def _forget(self):
        self.id = None         # of a stream that can be resumed
        self.received = 0      # our h
        self.acknowledged = 0  # the server's h

    def _expect(self, what):
        element = self.client.expect("element", what)
        if element.ns == names.STREAMS:
            raise StreamError(element)
        return element

    def attach(self, client):
        self.client = client

    # ---- a session begins, or goes on

    def begin(self, seconds=None):
        """In a new session.  What is still not acknowledged is `left`, in order."""
        self._forget()
        self.left = collections.deque([*self.unacked, *self.left])
        self.unacked.clear()
        wish = " max='%d'" % seconds if seconds else ""
        self.client.send("<enable xmlns='%s' resume='true'%s/>" % (SM, wish))
        enabled = self._expect("<enabled/>")
        while enabled.name in STANZAS:
            self.early.append(enabled)
            enabled = self._expect("<enabled/>")
        if not enabled.is_a("enabled", SM):
            raise Unexpected("expected <enabled/>, got %s" % enabled)
        if enabled.get("resume") in ("true", "1"):
            self.id = enabled.get("id")

    def resume(self):
        """Whether the server goes on with the session.  If not, a resource may be bound on the same connection."""
        self.client.send("<resume xmlns='%s' previd='%s' h='%d'/>" % (SM, self.id, self.received))
        answer = self._expect("<resumed/>")
        if answer.get("h") is not None:
            self._take_ack(answer)
        if answer.is_a("failed", SM):
            self._forget()
            return False
        if not answer.is_a("resumed", SM) or answer.get("previd") != self.id:
            raise Unexpected("expected <resumed/>, got %s" % answer)
        if self.unacked:
            for _, tag in self.unacked:
                self.on_resent(tag)
            self.client.send("".join(xml for xml, _ in self.unacked) + REQUEST)
        return True

    # ---- while it lasts

    def send(self, xml, tag=None, behind=""):
        """One stanza; BEHIND is what follows in the same write and is no stanza."""
        self.unacked.append((xml, tag))
        self.client.send(xml + behind)

    def acknowledge(self):
        self.client.send("<a xmlns='%s' h='%d'/>" % (SM, self.received))

    def next(self, timeout=None):
        """The next stanza, or None when nothing else comes in time or a nonza came."""
        if self.early:
            return self.early.popleft()
        element = next_of(self.client, timeout)
        if element is None:
            return None
        if element.ns == SM:
            self._take_nonza(element)
            return None
        if element.name in STANZAS:
            self.received += 1
        return element

    def _take_nonza(self, element):
        if element.name == "r":
            self.acknowledge()
        elif element.name == "a":
            self._take_ack(element)
        else:
            raise Unexpected("expected <a/> or <r/>, got %s" % element)

    def _take_ack(self, element):
        """XEP-0198 §4: h never runs ahead of what was sent, and never back."""
        count = int(element.get("h")) - self.acknowledged
        if count < 0 or count > len(self.unacked):
            raise Unexpected("%d stanzas are acknowledged, and %s with %d waiting" % (
                self.acknowledged, element, len(self.unacked)))
        self.acknowledged += count
        for _ in range(count):
            self.on_acked(self.unacked.popleft()[1])


class Unmanaged:
    """In the place of a Lasting: a stream without XEP-0198, of which nothing is acknowledged and nothing resumed."""

    id = None

    def __init__(self):
        self.client = None
        self.unacked, self.left = (), collections.deque()

    def attach(self, client):
        self.client = client

    def begin(self, _seconds=None):
        pass

    def acknowledge(self):
        pass

    def send(self, xml, _tag=None, _behind=""):
        self.client.send(xml)

    def next(self, timeout=None):
        return next_of(self.client, timeout)
