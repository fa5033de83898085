# A server that says exactly what it is told to: both ends of streams between it and the server under test.
#
#	fake = court.fake()                 its domain is in DNS, and it listens
#	link = fake.connect()               to the server, as far as the features inside TLS
#	fake.prove(link)                    by EXTERNAL; or fake.dial_back(link) and fake.vouch()
#	link = fake.receive()               the server's stream to us, as far as stanzas
#
# A Link is a Client of tests/conformance/wire, so its `send`, `next` and `expect_*` are at hand.  Waits are those of the suite.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import itertools
import socket
import ssl
import time

from wire import names
from wire.client import Client, Unexpected
from wire.names import TIMEOUT, Reset
from wire.sm import SM
from wire.talk import must
from wire.transport import Transport

SERVER = "jabber:server"
DIALBACK = "jabber:server:dialback"
DIALBACK_FEATURE = "urn:xmpp:features:dialback"
BIDI = "urn:xmpp:bidi"
BIDI_FEATURE = "urn:xmpp:features:bidi"
STANZAS = ("iq", "message", "presence")
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'"
          " xmlns:db='jabber:server:dialback'%s version='1.0'>")
STARTTLS = "<starttls xmlns='%s'><required/></starttls>" % names.TLS
EXTERNAL = "<mechanisms xmlns='%s'><mechanism>EXTERNAL</mechanism></mechanisms>" % names.SASL
OFFER_DIALBACK = "<dialback xmlns='%s'><errors/></dialback>" % DIALBACK_FEATURE
OFFER_SM = "<sm xmlns='%s'/>" % SM
_serial = itertools.count(1)


class Link(Client):
    """One stream; `acks` is whether the peer's <r/> are answered, `received` how many stanzas came since it was managed."""

    def __init__(self, fake, peer, **arguments):
        super().__init__(arguments.pop("address", None), peer, **arguments)
        self.fake = fake
        self.to, self.me = peer, fake.domain  # as the header says
        self.managed, self.acks = False, True
        self.received = self.requests = 0
        self.id = None

    def next(self, timeout=None):
        while True:
            kind, element = super().next(timeout)
            if kind == "element" and element.is_a("r", SM):
                self.requests += 1
                if self.acks:
                    self.ack()
                continue
            if kind == "element" and element.is_a("iq", SERVER) and element.find("ping", names.PING) is not None:
                continue  # without stream management it asks so whether all came; nobody answers
            if kind == "element" and self.managed and element.ns == SERVER and element.name in STANZAS:
                self.received += 1
            return kind, element

    def ack(self, h=None):
        self.send("<a xmlns='%s' h='%d'/>" % (SM, self.received if h is None else h))

    def acknowledged(self):
        """What the peer says to <r/>; stanzas before it are left out."""
        self.send("<r xmlns='%s'/>" % SM)
        while True:
            element = self.expect("element", "<a/>")
            if element.is_a("a", SM):
                return int(element.get("h"))

    def say_header(self, to=None, me=None, name=None, **attrs):
        """Sends ours, by default as it was before; an address that is "" is left out."""
        self.to = self.to if to is None else to
        self.me = self.me if me is None else me
        attrs.update({"to": self.to, "from": self.me, "id": name})
        self.send(HEADER % "".join(" %s='%s'" % item for item in attrs.items() if item[1]))

    def offer(self, *features):
        self.send("<stream:features>%s</stream:features>" % "".join(features))

    def greet(self, *features, name=None):
        """The peer's header, answered; it is stored in `header_in`."""
        self.header_in = self.expect("open", "a stream header")
        self.stream_name = name or "stream%d" % next(_serial)
        self.say_header(self.header_in.get("from"), self.header_in.get("to"), self.stream_name)
        self.offer(*features)
        return self

    def encrypt_as_server(self, certificate):
        try:
            self.transport.sock = self.transport.tls = _server_context(certificate, self.fake.authority.pem).wrap_socket(
                self.transport.sock, server_side=True, suppress_ragged_eofs=False)
        except (OSError, ssl.SSLError) as e:
            raise Reset("in the TLS handshake: %s" % e) from None
        self.note("--", "TLS")

    def cut(self):
        self.transport.abort()

    def is_open(self, seconds=0.3):
        """Nothing that ends it comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                kind, element = self.next(max(end - time.monotonic(), 0.001))
            except TimeoutError:
                return True
            if kind != "element" or element.ns == names.STREAMS:
                return False
        return True


def _server_context(certificate, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.both)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


class Fake:
    def __init__(self, site, server, source, domain=None, certificate=None, direct=False, announce=True, at="127.0.0.1",
                 port=0):
        self.site, self.server, self.authority, self.source = site, server, site.authority, source
        self.domain = domain or "fake%d.servers.example" % next(_serial)
        # a good one would do without dialback (XEP-0344)
        self.certificate = certificate or site.authority.issue(self.domain, self_signed=server.proof == "dialback")
        self.direct = direct
        self.links = []
        self.keys = {}  # stream id -> key, of dialback
        self.listener = socket.socket(socket.AF_INET6 if ":" in at else socket.AF_INET)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((at, port))
        self.listener.listen(50)
        self.port = self.listener.getsockname()[1]
        if announce:
            site.zone.serve(self.domain, at=at, **{"direct" if direct else "starttls": self.port})

    def own(self, link):
        self.links.append(link)
        return link

    # ---- our stream to the server

    def begin(self, direct=False, source=None):
        """Connected, and nothing was said."""
        address = ("127.0.0.1", self.server.port("direct" if direct else "starttls"))
        return self.own(Link(self, self.server.domain, address=address, source=source or self.source))

    def connect(self, certificate=None, direct=False, to=None, me=None, show=True):
        """As far as the features inside TLS; SHOW our certificate."""
        link = self.begin(direct)
        shown = (certificate or self.certificate).both if show else None
        if not direct:
            link.say_header(to, me)
            link.header_in = link.expect("open", "the server's header")
            link.features()
            link.send("<starttls xmlns='%s'/>" % names.TLS)
            link.expect_element("proceed", names.TLS)
            link.restart()
        link.secure(client_cert=shown, server_name=to or self.server.domain, alpn=("xmpp-server",) if direct else None)
        self.open(link, to, me)
        return link

    def open(self, link, to=None, me=None):
        link.say_header(to, me)
        link.header_in = link.expect("open", "the server's header")
        return link.features()

    @staticmethod
    def offers_external(link):
        offered = link.stream_features.find("mechanisms", names.SASL)
        return offered is not None and any(m.text == "EXTERNAL" for m in offered.all("mechanism"))

    def ask_external(self, link, authzid=None):
        link.send("<auth xmlns='%s' mechanism='EXTERNAL'>%s</auth>" % (
            names.SASL, base64.b64encode(self.domain.encode() if authzid is None else authzid).decode() or "="))

    def prove(self, link, authzid=None):
        """SASL EXTERNAL, to the end."""
        self.ask_external(link, authzid)
        link.expect_element("success", names.SASL)
        link.restart()
        self.open(link)
        return link

    def dial_back(self, link, key="key", me=None, to=None):
        """<db:result/>; the server will ask us whether KEY is ours."""
        me, to = me or self.domain, to or self.server.domain
        self.keys[link.header_in.get("id")] = key
        link.send("<db:result from='%s' to='%s'>%s</db:result>" % (me, to, key))

    def enter(self, **options):
        """A stream on which we may send stanzas, by EXTERNAL."""
        return self.prove(self.connect(**options))

    def enter_by_dialback(self, **options):
        link = self.connect(**options)
        self.dial_back(link)
        self.vouch()
        self.expect_result(link, "valid")
        return link

    @staticmethod
    def expect_result(link, kind):
        result = link.expect_element("result", DIALBACK, type=kind)
        return result

    # ---- the server's stream to us

    def accept(self, seconds=TIMEOUT):
        self.listener.settimeout(seconds)
        try:
            sock, _ = self.listener.accept()
        except TimeoutError:
            raise Unexpected("nobody connected to %s" % self.domain) from None
        sock.settimeout(TIMEOUT)
        return self.own(Link(self, self.server.domain, transport=Transport.over(sock)))

    def nobody_comes(self, seconds):
        self.listener.settimeout(seconds)
        try:
            sock, _ = self.listener.accept()
        except TimeoutError:
            return
        sock.close()
        raise Unexpected("somebody connected to %s" % self.domain)

    def to_tls(self, link=None, certificate=None):
        """As far as the handshake."""
        link = link or self.accept()
        if not self.direct:
            link.greet(STARTTLS)
            link.expect_element("starttls", names.TLS)
            link.send("<proceed xmlns='%s'/>" % names.TLS)
            link.restart()
        link.encrypt_as_server(certificate or self.certificate)
        return link

    def take_external(self, link, *features):
        auth = link.expect_element("auth", names.SASL, mechanism="EXTERNAL")
        who = base64.b64decode(auth.text) if auth.text not in ("", "=") else b""
        must(True, who in (b"", link.header_in.get("from").encode()), "it says it is %r" % who)
        link.send("<success xmlns='%s'/>" % names.SASL)
        link.restart()
        link.greet(*features)
        return link

    def take_dialback(self, link, answer="valid"):
        """Its <db:result/>; the key is kept."""
        result = link.expect_element("result", DIALBACK)
        link.key = result.text
        link.send("<db:result from='%s' to='%s' type='%s'/>" % (result.get("to"), result.get("from"), answer))
        return link

    def receive(self, sm=False, certificate=None, link=None):
        """Stanzas come next."""
        link = self.to_tls(link, certificate)
        offer = [OFFER_SM] if sm else []
        link.greet(EXTERNAL, OFFER_DIALBACK)
        return self.take_external(link, *offer)

    def receive_by_dialback(self, sm=False, certificate=None):
        link = self.to_tls(certificate=certificate)
        link.greet(OFFER_DIALBACK, *([OFFER_SM] if sm else []))
        return self.take_dialback(link)

    def vouch(self, keys=None, certificate=None, link=None):
        """The server asks whether a key is ours, by a stream of its own; KEYS (id -> key) are."""
        keys = self.keys if keys is None else keys
        link = self.to_tls(link, certificate)
        link.greet(OFFER_DIALBACK)
        return self.answer_verify(link, keys)

    def answer_verify(self, link, keys=None):
        keys = self.keys if keys is None else keys
        verify = link.expect("element", "<db:verify/>")
        if verify.is_a("result", DIALBACK):  # it proves itself on the same stream
            link.send("<db:result from='%s' to='%s' type='valid'/>" % (verify.get("to"), verify.get("from")))
            verify = link.expect("element", "<db:verify/>")
        if not verify.is_a("verify", DIALBACK):
            raise Unexpected("expected <db:verify/>, got %s" % verify)
        name = verify.get("id")
        link.send("<db:verify from='%s' to='%s' id='%s' type='%s'/>" % (
            verify.get("to"), verify.get("from"), name, "valid" if keys.get(name) == verify.text else "invalid"))
        return link

    # ---- stream management (XEP-0198)

    def expect_enable(self, link, name, resume=True):
        """The server's <enable/>, before any stanza; NAME will resume it."""
        enable = link.expect_element("enable", SM)
        if resume:
            must("true", {"1": "true"}.get(enable.get("resume"), enable.get("resume")), "resume in %s" % enable)
        link.send("<enabled xmlns='%s' id='%s'%s/>" % (SM, name, " resume='true'" if resume else ""))
        link.managed, link.id = True, name
        return link

    def expect_resume(self, link, old, h=None):
        """The server goes on with the stream OLD, of which we have received H."""
        link.answer = link.expect_element("resume", SM, previd=old.id)
        link.received = old.received if h is None else h
        link.send("<resumed xmlns='%s' previd='%s' h='%d'/>" % (SM, old.id, link.received))
        link.managed, link.id = True, old.id
        return int(link.answer.get("h"))

    def enable(self, link):
        """Ours, on our stream to the server."""
        link.send("<enable xmlns='%s' resume='true'/>" % SM)
        enabled = link.expect_element("enabled", SM)
        link.managed, link.id = True, enabled.get("id")
        return enabled

    def resume(self, link, old):
        """What the server has handled of OLD."""
        link.send("<resume xmlns='%s' previd='%s' h='%d'/>" % (SM, old.id, old.received))
        resumed = link.expect_element("resumed", SM, previd=old.id)
        link.managed, link.id, link.received = True, old.id, old.received
        return int(resumed.get("h"))

    def close(self):
        for link in self.links:
            link.close()
        self.listener.close()
