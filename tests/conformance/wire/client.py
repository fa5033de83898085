# A client that says exactly what it is told to, and checks what comes back.
#
# A Client is one TCP connection.  `send` writes bytes as they are; `next` gives the next thing that the server wrote as
# ("open", element), ("element", element), ("close", None) or ("eof", None).  The `expect_*` calls read on and raise
# Unexpected with a sentence.  All that went over the wire is kept in `log`, for the report of a failure.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import time

from . import names
from .binding import binding_data
from .names import TIMEOUT, Reset
from .reader import BadXml, StreamReader
from .scram import Scram
from .transport import Transport

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
          " to='%s' version='1.0'>")
LOG_LINES = 40


class Unexpected(AssertionError):
    """The server said something else than the case expects."""


class AuthFailed(Exception):
    """SASL failed; `condition` is the name of the failure."""

    def __init__(self, condition, element):
        super().__init__(str(element))
        self.condition, self.element = condition, element


class Client:
    def __init__(self, address, domain, source=None, timeout=TIMEOUT, transport=None):
        """TRANSPORT: one that is connected already; ADDRESS is not looked at then."""
        self.log = []
        self.domain = domain
        self.timeout = timeout
        self.jid = None
        self.header = None
        self.stream_features = None
        self._ids = 0
        self.transport = transport or Transport(address, source, timeout)
        self.reader = StreamReader()
        self.ended = None

    # ---- bytes

    def note(self, mark, what):
        self.log.append("%s %s" % (mark, what if len(what) <= 600 else "%s… (%d)" % (what[:600], len(what))))
        del self.log[:-LOG_LINES]

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.note("C:", data.decode("utf-8", "replace"))
        self.transport.send(data)

    def send_slowly(self, data, size=1, pause=0):
        """The same bytes, SIZE at a time, each in a write of its own."""
        data = data.encode() if isinstance(data, str) else data
        self.note("C:", "(by %d) %s" % (size, data.decode("utf-8", "replace")))
        for i in range(0, len(data), size):
            self.transport.send(data[i:i + size])
            if pause:
                time.sleep(pause)

    def send_until_answered(self, data, size=8192):
        """Sends as much as the server takes before it says something, for input that it must refuse midway."""
        self.note("C:", "(%d bytes, until answered)" % len(data))
        for i in range(0, len(data), size):
            if self.transport.readable():
                return
            try:
                self.transport.send(data[i:i + size])
            except Reset:
                return

    def close(self):
        self.transport.close()

    # ---- reading

    def next(self, timeout=None):
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not self.reader.events:
            if self.ended:
                return (self.ended, None)
            try:
                data = self.transport.recv(max(end - time.monotonic(), 0.001))
            except Reset as e:
                self.note("S:", "(reset: %s)" % e)
                self.ended = "reset"
                continue
            if not data:
                self.note("S:", "(end of connection)")
                self.ended = "eof"
            else:
                self.note("S:", data.decode("utf-8", "replace"))
                try:
                    self.reader.feed(data)
                except BadXml as e:
                    raise Unexpected("the server's XML is not well-formed: %s" % e) from None
        return self.reader.events.popleft()

    def expect(self, kind, what):
        try:
            got, element = self.next()
        except TimeoutError:
            raise Unexpected("expected %s, and nothing came" % what) from None
        if got != kind:
            raise Unexpected("expected %s, got %s %s" % (what, got, element or ""))
        return element

    def expect_element(self, name, ns=names.CLIENT, **attrs):
        what = "<%s xmlns='%s'>%s" % (name, ns, " %s" % attrs if attrs else "")
        element = self.expect("element", what)
        if not element.is_a(name, ns) or any(element.get(k.rstrip("_")) != v for k, v in attrs.items()):
            raise Unexpected("expected %s, got %s" % (what, element))
        return element

    def nothing_for(self, seconds):
        try:
            got, element = self.next(seconds)
        except TimeoutError:
            return
        raise Unexpected("expected silence for %s s, got %s %s" % (seconds, got, element or ""))

    def expect_end(self):
        """RFC 6120 §4.4: the stream's closing tag, then the end of the TLS and TCP connection, in order."""
        self.expect("close", "</stream:stream>")
        self.expect_disconnect()

    def expect_disconnect(self):
        self.expect("eof", "an orderly end of the connection")

    def expect_gone(self):
        """The connection ends, whatever is said before."""
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            try:
                got, _ = self.next(max(end - time.monotonic(), 0.001))
            except TimeoutError:
                break
            if got in ("eof", "reset"):
                return
        raise Unexpected("the connection is still open")

    def expect_stream_error(self, *conditions, header=False, overrun=False):
        """RFC 6120 §4.9.1: (the header, if none was sent yet,) the error, the closing tag, the end of the connection.
        OVERRUN: we sent more than was read, so TCP may end it with RST after the closing tag."""
        if header:
            self.header = self.expect("open", "the server's stream header before the error")
        error = self.expect("element", "stream error %s" % " or ".join(conditions))
        if not error.is_a("error", names.STREAMS):
            raise Unexpected("expected stream error %s, got %s" % (" or ".join(conditions), error))
        found = [c.name for c in error.children if c.ns == names.STREAM_ERRORS and c.name != "text"]
        if len(found) != 1 or found[0] not in conditions:
            raise Unexpected("expected stream error %s, got %s" % (" or ".join(conditions), error))
        if overrun:
            self.expect("close", "</stream:stream>")
            self.expect_gone()
        else:
            self.expect_end()
        return error

    # ---- negotiation

    def open(self, header=None):
        """Sends a stream header and reads the server's, and its features."""
        self.send(header if header is not None else HEADER % self.domain)
        self.header = self.expect("open", "a stream header")
        return self.features()

    def features(self):
        self.stream_features = self.expect_element("features", names.STREAMS)
        return self.stream_features

    def restart(self):
        if self.reader.events:
            raise Unexpected("the server spoke before the stream was restarted: %s" % (self.reader.events,))
        self.reader = StreamReader()

    def start_tls(self, gnutls=None, **options):
        self.send("<starttls xmlns='%s'/>" % names.TLS)
        self.expect_element("proceed", names.TLS)
        self.restart()
        self.secure(gnutls, **options)

    def secure(self, gnutls=None, **options):
        """The TLS handshake.  GNUTLS names a priority string and picks that library; options are Transport.start_tls's."""
        if gnutls:
            self.transport.start_gnutls(self.domain, gnutls)
        else:
            options.setdefault("server_name", self.domain)
            self.transport.start_tls(**options)
        self.note("--", "TLS")

    def to_tls(self, gnutls=None, **options):
        """Connects as far as the features inside TLS."""
        self.open()
        self.start_tls(gnutls, **options)
        return self.open()

    def auth(self, mechanism, initial=None):
        """Sends <auth/>; INITIAL is bytes, or None for no initial response."""
        text = "" if initial is None else base64.b64encode(initial).decode() or "="
        self.send("<auth xmlns='%s' mechanism='%s'>%s</auth>" % (names.SASL, mechanism, text))

    def respond(self, data):
        self.send("<response xmlns='%s'>%s</response>" % (names.SASL, base64.b64encode(data).decode()))

    def expect_sasl(self, name):
        """The next SASL element, which must be NAME; a <failure/> raises AuthFailed.  Gives the decoded content."""
        element = self.expect("element", "<%s/> of SASL" % name)
        if element.is_a("failure", names.SASL):
            conditions = [c.name for c in element.children if c.ns == names.SASL and c.name != "text"]
            raise AuthFailed(" ".join(conditions), element)
        if not element.is_a(name, names.SASL):
            raise Unexpected("expected <%s/> of SASL, got %s" % (name, element))
        return b"" if element.text in ("", "=") else base64.b64decode(element.text, validate=True)

    def expect_sasl_failure(self, *conditions):
        try:
            self.expect_sasl("failure")
        except AuthFailed as e:
            if e.condition not in conditions:
                raise Unexpected("expected SASL failure %s, got %s" % (" or ".join(conditions), e)) from None

    def scram(self, user, password, mechanism="SCRAM-SHA-1", binding=None):
        """A whole SCRAM exchange; BINDING names a channel-binding type for the PLUS form."""
        exchange = self.begin_scram(user, password, mechanism, binding)
        self.respond(exchange.final(self.expect_sasl("challenge")))
        if not exchange.server_is_genuine(self.expect_sasl("success")):
            raise Unexpected("the server's signature is wrong: it does not know the password's verifier")
        self.restart()

    def begin_scram(self, user, password, mechanism="SCRAM-SHA-1", binding=None, gs2=None, data=None):
        if binding:
            gs2 = gs2 or "p=%s,," % binding
            data = data if data is not None else binding_data(self.transport, binding)
        exchange = Scram(mechanism, user, password, gs2 or "n,,", data or b"")
        self.auth(mechanism, exchange.first())
        return exchange

    def plain(self, user, password, authzid=""):
        self.auth("PLAIN", ("%s\0%s\0%s" % (authzid, user, password)).encode())

    def bind(self, resource=None):
        iq = self.ask("<bind xmlns='%s'>%s</bind>" % (
            names.BIND, "<resource>%s</resource>" % resource if resource is not None else ""), "set")
        jid = iq.find("bind", names.BIND) and iq.find("bind", names.BIND).find("jid")
        if iq.get("type") != "result" or jid is None:
            raise Unexpected("binding failed: %s" % iq)
        self.jid = jid.text
        return self.jid

    def login(self, account, resource=None, tls=None, mechanism="SCRAM-SHA-1"):
        """Everything from the stream header to a bound session; the session is not yet available."""
        self.to_tls(**(tls or {}))
        self.log_in_again(account, resource, mechanism)
        return self

    def log_in_again(self, account, resource=None, mechanism="SCRAM-SHA-1"):
        if mechanism == "PLAIN":
            self.plain(account.user, account.password)
            self.expect_sasl("success")
            self.restart()
        else:
            self.scram(account.user, account.password, mechanism)
        self.open()
        self.bind(resource)
        return self

    # ---- stanzas

    def new_id(self):
        self._ids += 1
        return "i%d" % self._ids

    def ask(self, payload, kind="get", to=None):
        """Sends an iq and gives its answer, which must be the next thing that comes."""
        name = self.new_id()
        self.send("<iq type='%s' id='%s'%s>%s</iq>" % (kind, name, " to='%s'" % to if to else "", payload))
        return self.expect_answer(name)

    def expect_answer(self, name):
        iq = self.expect_element("iq", id=name)
        if iq.get("type") not in ("result", "error"):
            raise Unexpected("expected an answer to iq %s, got %s" % (name, iq))
        return iq

    def available(self, priority=None):
        """Becomes available, and returns when the server has taken it in (it echoes our own presence or answers the ping)."""
        self.send("<presence>%s</presence>" % ("" if priority is None else "<priority>%d</priority>" % priority))
        self.fence()
        return self

    def fence(self):
        """A ping to our own account: what the server wrote before its answer is returned, presence left out."""
        name = self.new_id()
        self.send("<iq type='get' id='%s'><ping xmlns='%s'/></iq>" % (name, names.PING))
        return self.until(lambda e: e.name == "iq" and e.get("id") == name)

    def until(self, wanted, limit=10000):
        """Reads to the first element for which WANTED holds; gives those before it, presence left out."""
        before = []
        for _ in range(limit):
            element = self.expect("element", "more stanzas")
            if wanted(element):
                return before
            if not element.is_a("presence", names.CLIENT):
                before.append(element)
        raise Unexpected("%d stanzas, and not the one awaited" % limit)

    def expect_error(self, condition, kind=None, **attrs):
        """A stanza error with that condition (several: any of them) and exactly one defined condition (RFC 6120 §8.3.2)."""
        stanza = self.expect("element", "an error stanza %s" % (condition,))
        check_error(stanza, condition, kind)
        for key, value in attrs.items():
            if stanza.get(key.rstrip("_")) != value:
                raise Unexpected("expected %s='%s' on %s" % (key.rstrip("_"), value, stanza))
        return stanza


def check_error(stanza, condition, kind=None):
    conditions = (condition,) if isinstance(condition, str) else condition
    error = stanza.find("error", names.CLIENT)
    if stanza.get("type") != "error" or error is None:
        raise Unexpected("expected an error %s, got %s" % (" or ".join(conditions), stanza))
    found = [c.name for c in error.children if c.ns == names.STANZA_ERRORS and c.name != "text"]
    if len(found) != 1 or found[0] not in conditions or (kind and error.get("type") != kind):
        raise Unexpected("expected an error %s, got %s" % (" or ".join(conditions), stanza))
    if error.get("type") not in ("auth", "cancel", "continue", "modify", "wait"):
        raise Unexpected("no such type of error (RFC 6120 §8.3.2): %s" % stanza)
