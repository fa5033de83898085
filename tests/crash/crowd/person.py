# One client of the crowd.  Nothing in here waits but logging in: what has come is read when the crowd is pumped.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from auditing.stage import authenticate
from wire import occupancy
from wire.client import AuthFailed, Unexpected
from wire.lasting import REQUEST, Lasting, StreamError, Unmanaged
from wire.names import Reset
from wire.world import World

BROKEN = (Reset, OSError, StreamError)
UNREQUESTED = 10  # stanzas, until an acknowledgement is asked for
REST_SECONDS = 2
DEATH_SECONDS = 0.2  # until a process that was killed is seen to be dead


class Person:
    def __init__(self, crowd, account, resource, is_managed):
        self.crowd, self.account, self.resource = crowd, account, resource
        self.name = "%s/%s" % (account.user, resource)
        self.jid = "%s/%s" % (account.jid, resource)
        self.managed = Lasting() if is_managed else Unmanaged()
        self.source = World.new_source()
        self.client = None
        self.old = []    # connections that we do not read, and that live still for the server
        self.asked = {}  # id -> what is to be called with the answer
        self.unrequested = 0
        self.life = 0    # of the server, when it came
        self.pictures = {jid: occupancy.Picture(jid) for jid in crowd.rooms}

    def is_here(self):
        return self.client is not None

    def is_resumable(self):
        return self.managed.id is not None

    # ---- coming

    def come(self, anew=False):
        """Resumes what can be resumed, unless it is to begin ANEW."""
        self.close_old()
        try:
            self.client = authenticate(self.crowd.server, self.account, self.source)
            self.managed.attach(self.client)
            if not self.is_resumable() or anew or not self.resume():
                self.begin()
        except BROKEN:
            self.lose()
        except (Unexpected, AuthFailed):
            time.sleep(DEATH_SECONDS)
            if self.crowd.server.alive():
                raise
            self.lose()  # it died in the middle of the login

    def resume(self):
        is_resumed = self.managed.resume()
        self.crowd.note("%s %s" % (self.name, "resumes" if is_resumed else "cannot resume"))
        if not is_resumed and self.crowd.is_ours:
            self.crowd.complain("%s could not resume" % self.name)
        if is_resumed and self.life != self.crowd.life:
            self.forget_leaving()
        self.life = self.crowd.life
        return is_resumed

    def forget_leaving(self):
        """The answer may have been lost with the server: presence is.  That we are listed still would be a fault."""
        for picture in self.pictures.values():
            if picture.state == occupancy.LEAVING:
                picture.forget()

    def begin(self):
        self.crowd.note("%s begins" % self.name)
        self.forget()
        self.life = self.crowd.life
        self.client.bind(self.resource)
        self.managed.begin()
        self.managed.left.clear()
        self.send("<presence/>")

    def forget(self):
        self.asked.clear()
        for picture in self.pictures.values():
            picture.forget()

    # ---- going

    def lose(self):
        """The connection is gone."""
        if self.client:
            self.client.close()
        self.client = None
        if not self.is_resumable():
            self.forget()

    def drop(self, manner):
        if manner == "silence":
            self.old.append(self.client.transport)
            self.client = None
        elif manner == "reset":
            self.client.transport.abort()
        self.lose()

    def log_out(self):
        self.managed.id = None
        try:
            self.client.send("</stream:stream>")
        except BROKEN:
            pass
        self.lose()

    def close_old(self):
        for transport in self.old:
            transport.close()
        self.old = []

    # ---- talking

    def send(self, xml):
        if not self.is_here():
            return
        self.crowd.note("%s says %s" % (self.name, xml))
        self.unrequested += 1
        wants = self.is_resumable() and self.unrequested >= UNREQUESTED
        try:
            self.managed.send(xml, None, REQUEST if wants else "")
        except BROKEN:
            self.lose()
        if wants:
            self.unrequested = 0

    def ask(self, xml, name, answered):
        self.asked[name] = answered
        self.send(xml)

    # ---- reading

    def has_more(self):
        return bool(self.client.reader.events or getattr(self.managed, "early", ())
                    or self.client.transport.readable())

    def pump(self):
        """Whether anything came."""
        came = False
        try:
            while self.is_here() and self.has_more():
                came = True
                self.take(self.managed.next(0.01))
        except BROKEN:
            self.lose()
        return came

    def read_rest(self):
        """To the end of the connection."""
        try:
            while self.is_here() and not self.client.ended:
                self.take(self.managed.next(REST_SECONDS))
            while self.is_here():
                self.take(self.managed.next(0))
        except BROKEN:
            pass
        self.lose()

    def take(self, stanza):
        if stanza is None:
            return
        if stanza.name == "presence":
            self.take_presence(stanza)
        elif stanza.name == "iq" and stanza.get("type") in ("get", "set"):
            self.send("<iq type='result' id='%s'%s/>" % (
                stanza.get("id"), " to='%s'" % stanza.get("from") if stanza.get("from") else ""))
        elif stanza.name == "iq" and stanza.get("id") in self.asked:
            self.asked.pop(stanza.get("id"))(stanza)

    def take_presence(self, stanza):
        picture = self.pictures.get((stanza.get("from") or "").partition("/")[0])
        if picture is None:
            return
        what = picture.take(stanza)
        self.crowd.note("%s hears %s%s" % (self.name, stanza, " (%s)" % what if what else ""))
