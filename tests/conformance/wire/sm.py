# A client that manages its stream (XEP-0198): it counts the stanzas both ways, and comes back to a stream that broke.
#
#	a = enable(world, account, "phone")      logged in, <enable resume='true'/> answered
#	a.acknowledged()                         what the server says it has handled
#	a.cut()                                  the connection is gone, without a word
#	b = resume(world, a)                     another connection, the same stream; b.answer is <resumed/>
#
# <r/> of the server is not answered unless `answers` is set; `received` is how many stanzas came, whether the case looked at
# them or not.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections

from . import names
from .client import Client, Unexpected

SM = "urn:xmpp:sm:3"
STANZAS = ("iq", "message", "presence")


class Managed(Client):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.account = self.answer = self.id = None
        self.managed = self.answers = False
        self.received = self.requests = 0
        self._kept = collections.deque()

    # ---- counting

    def next(self, timeout=None):
        """As Client.next, without the server's <r/>."""
        if self._kept:
            return self._kept.popleft()
        while True:
            kind, element = super().next(timeout)
            if kind == "element" and element.is_a("r", SM):
                self.requests += 1
                if self.answers:
                    self.ack()
                continue
            if kind == "element" and self.managed and element.ns == names.CLIENT and element.name in STANZAS:
                self.received += 1
            return kind, element

    def find_next(self, name):
        """The next element of stream management of that name; stanzas before it are kept for later."""
        before = []
        while True:
            kind, element = self.next()
            if kind == "element" and element.is_a(name, SM):
                self._kept.extendleft(reversed(before))
                return element
            if kind != "element" or element.ns != names.CLIENT:
                raise Unexpected("expected <%s/>, got %s %s" % (name, kind, element or ""))
            before.append((kind, element))

    def acknowledged(self):
        """What the server says to <r/>."""
        self.send("<r xmlns='%s'/>" % SM)
        return int(self.find_next("a").get("h"))

    def ack(self, h=None):
        self.send("<a xmlns='%s' h='%d'/>" % (SM, self.received if h is None else h))

    # ---- the stream

    def enable(self, resume=True, attrs=""):
        self.managed = True
        self.send("<enable xmlns='%s'%s%s/>" % (SM, " resume='true'" if resume else "", attrs))
        self.answer = self.find_next("enabled")
        self.id = self.answer.get("id")
        return self.answer

    def ask_to_resume(self, previd, h):
        self.send("<resume xmlns='%s' previd='%s' h='%s'/>" % (SM, previd, h))

    def resume(self, old, h=None):
        """On a stream that is authenticated: that of OLD goes on."""
        self.ask_to_resume(old.id, old.received if h is None else h)
        self.answer = self.expect_element("resumed", SM, previd=old.id)
        self.managed, self.id, self.jid = True, old.id, old.jid
        self.received = old.received if h is None else h
        return self

    def expect_failed(self, condition, h=None):
        failed = self.expect_element("failed", SM)
        found = [c.name for c in failed.children if c.ns == names.STANZA_ERRORS]
        if found != [condition] or failed.get("h") != (None if h is None else str(h)):
            raise Unexpected("expected %s and h %s, got %s" % (condition, h, failed))
        return failed

    def cut(self):
        self.transport.abort()


def authenticate(world, account):
    """A client that may bind or resume."""
    client = world.to_sasl(kind=Managed)
    client.account = account
    client.scram(account.user, account.password)
    client.open()
    return client


def enable(world, account=None, resource=None, resume=True, attrs="", presence=True):
    account = account or world.account()
    client = authenticate(world, account)
    client.bind(resource)
    if presence:
        client.available()
    client.enable(resume, attrs)
    return client


def resume(world, old, h=None):
    return authenticate(world, old.account).resume(old, h)
