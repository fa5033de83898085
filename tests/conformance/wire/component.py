# A component that says exactly what it is told to (XEP-0114).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import hashlib
import re

from . import names
from .client import Client, Unexpected

NS = "jabber:component:accept"
DOMAIN = "irc.localhost"
SECRET = "a secret of both"
HEADER = "<stream:stream xmlns='%s' xmlns:stream='%s' to='%s'>"


def edit(more="", blocks=""):
    """The configuration of a server that knows the component."""
    def add(text, _folder):
        base = int(re.search(r"^s2s-port = (\d+)", text, re.M).group(1)) - 5269
        return ("component-port = %d\n%s\n%s\ncomponent \"%s\" { secret = \"%s\" }\n%s"
                % (5347 + base, more, text, DOMAIN, SECRET, blocks))
    return add


class Component(Client):
    def begin(self, domain=DOMAIN):
        """As far as the server's header."""
        self.component = domain
        self.send(HEADER % (NS, names.STREAMS, domain))
        self.header = self.expect("open", "a stream header")
        return self

    def shake(self, secret=SECRET):
        text = self.header.get("id") + secret
        self.send("<handshake>%s</handshake>" % hashlib.sha1(text.encode()).hexdigest())

    def connect(self, domain=DOMAIN, secret=SECRET):
        self.begin(domain).shake(secret)
        self.expect_element("handshake", NS)
        return self

    def pong(self, ping):
        self.send("<iq type='result' id='%s' from='%s' to='%s'/>" % (ping.get("id"), ping.get("to"), ping.get("from")))

    def stanza(self, name="message", **attrs):
        """The next stanza, which must be that; the server's pings are answered meanwhile."""
        while True:
            element = self.expect("element", "<%s/> for the component" % name)
            if element.is_a("iq", NS) and element.find("ping", names.PING) is not None:
                self.pong(element)
                continue
            if not element.is_a(name, NS) or any(element.get(k.rstrip("_")) != v for k, v in attrs.items()):
                raise Unexpected("expected <%s/> %s, got %s" % (name, attrs, element))
            return element

    def quiet(self, seconds):
        """Nothing comes but pings."""
        try:
            while True:
                kind, element = self.next(seconds)
                if kind != "element" or element.find("ping", names.PING) is None:
                    raise Unexpected("expected nothing for the component, got %s %s" % (kind, element))
                self.pong(element)
        except TimeoutError:
            pass


def component(world):
    """A connection to where components connect."""
    return world.client("component", kind=Component)
