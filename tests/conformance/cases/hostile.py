# Slow, silent and hostile peers: bounded, dropped, and of no concern to anybody else.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import threading
import time

from wire import names
from wire.case import case
from wire.client import HEADER, Unexpected
from wire.names import Reset

MIB = 1024 * 1024
FLOOD_SECONDS = 6
FLOOD_BYTES = 96 * MIB          # more than a bounded server keeps for one that does not read
GROWTH_KIB = 48 * 1024          # and what it may have kept at the end
ANSWER_SECONDS = 3              # for the pair that goes on chatting


def chat(alice, bob, n):
    start = time.monotonic()
    alice.send("<message to='%s' type='chat' id='c%d'><body>fine?</body></message>" % (bob.jid, n))
    bob.expect_element("message", id="c%d" % n)
    bob.send("<message to='%s' type='chat' id='r%d'><body>fine</body></message>" % (alice.jid, n))
    alice.expect_element("message", id="r%d" % n)
    if time.monotonic() - start > ANSWER_SECONDS:
        raise Unexpected("the pair waited for %.1f s" % (time.monotonic() - start))


class Flood(threading.Thread):
    """Sends messages to somebody, and reads what comes back, until told to stop."""

    def __init__(self, client, to):
        super().__init__(daemon=True)
        self.client, self.sent, self.stopped = client, 0, False
        self.data = (b"<message to='%s'><body>%s</body></message>" % (to.encode(), b"x" * 4000)) * 8

    def run(self):
        transport = self.client.transport
        reader = threading.Thread(target=self.drain, daemon=True)
        reader.start()
        end = time.monotonic() + FLOOD_SECONDS
        try:
            while not self.stopped and self.sent < FLOOD_BYTES and time.monotonic() < end:
                transport.send(self.data)
                self.sent += len(self.data)
        except (Reset, TimeoutError, OSError, ValueError):
            pass
        self.stopped = True

    def drain(self):
        try:
            while not self.stopped and self.client.transport.recv(FLOOD_SECONDS):
                pass
        except (Reset, TimeoutError, OSError, ValueError):
            pass


@case(alone=True)
def a_peer_that_does_not_read_is_bounded_and_others_go_on(world):
    """DESIGN: each size and wait has a bound; RFC 6120 §13.12"""
    alice, bob = world.pair()
    deaf, flooder = world.online(), world.online()
    before = world.server.resident_kib()
    flood = Flood(flooder, deaf.jid)
    flood.start()
    n = 0
    end = time.monotonic() + FLOOD_SECONDS + 2
    while flood.is_alive() and time.monotonic() < end:
        chat(alice, bob, n)
        n += 1
        time.sleep(0.02)
    flood.stopped = True
    grown = world.server.resident_kib() - before
    if not world.server.is_instrumented() and grown > GROWTH_KIB:
        raise Unexpected("%d KiB sent to a peer that does not read, and the server grew by %d KiB" % (flood.sent >> 10, grown))
    chat(alice, bob, n)


@case(alone=True)
def a_client_that_asks_and_does_not_read_is_bounded(world):
    """DESIGN: its own answers are its own backlog"""
    alice, bob = world.pair()
    asker = world.connect()
    before = world.server.resident_kib()
    request = b"<iq type='get' id='x' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>" * 50
    asker.transport.sock.settimeout(0.5)
    end = time.monotonic() + FLOOD_SECONDS
    sent = 0
    try:
        while time.monotonic() < end and sent < 32 * MIB:
            asker.transport.send(request)
            sent += len(request)
            if sent % (1 * MIB) < len(request):
                chat(alice, bob, sent)
    except (TimeoutError, Reset):
        pass  # the server reads no more, or has dropped us: both bound it
    grown = world.server.resident_kib() - before
    if not world.server.is_instrumented() and grown > GROWTH_KIB:
        raise Unexpected("%d KiB of requests, and the server grew by %d KiB" % (sent >> 10, grown))
    chat(alice, bob, 0)


@case(alone=True)
def two_hundred_connections_left_open_keep_nobody_out(world):
    """RFC 6120 §13.12: a limit for each address, if any"""
    address = world.new_source()
    refused = 0
    for i in range(200):
        try:
            client = world.client(source=address)
            if i % 4 == 1:
                client.send(HEADER % world.domain)
            elif i % 4 == 2:
                client.send(b"<stream:str")
            elif i % 4 == 3:
                client.send(HEADER % world.domain + "<starttls xmlns='%s'/>" % names.TLS)
        except (OSError, Reset):
            refused += 1
    alice = world.connect(source=world.new_source())
    alice.available()
    alice.fence()


@case
def half_a_stanza_and_then_silence_disturbs_nobody(world):
    """RFC 6120 §4.6"""
    alice, bob = world.pair()
    slow = world.online()
    slow.send("<message to='%s'><body>I was going to s" % bob.jid)
    for n in range(20):
        chat(alice, bob, n)
    slow.send("ay hello</body></message>")
    if bob.expect_element("message").find("body").text != "I was going to say hello":
        raise Unexpected("the halves do not meet")


@case
def half_a_client_hello_and_then_silence_disturbs_nobody(world):
    """RFC 6120 §5.4.3"""
    alice, bob = world.pair()
    client = world.client("tls")
    client.transport.send(bytes.fromhex("16030100c8010000c40303"))
    for n in range(5):
        chat(alice, bob, n)


@case
def garbage_on_the_direct_tls_port_ends_the_connection(world):
    """XEP-0368, RFC 8446 §6.2"""
    for data in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\0" + os.urandom(4095), (HEADER % world.domain).encode(), b"\x16\x03\x01\xff\xff"
                 + b"\0" * 70000):
        client = world.client("tls")
        try:
            client.transport.send(data)
            while client.transport.recv():
                pass
        except Reset:
            pass
        client.close()


@case
def garbage_inside_the_tls_session_ends_the_connection(world):
    """RFC 8446 §6.2: bad_record_mac"""
    client = world.client()
    client.open()
    client.start_tls()
    raw = os.dup(client.transport.sock.fileno())
    try:
        os.write(raw, b"\x17\x03\x03\x00\x40" + os.urandom(64))
    finally:
        os.close(raw)
    client.expect_gone()


def _stages(world):
    """Each stage of a login: a function that brings a new client there."""
    account = world.account()

    def connected(client):
        pass

    def opened(client):
        client.open()

    def proceeding(client):
        client.open()
        client.send("<starttls xmlns='%s'/>" % names.TLS)

    def in_handshake(client):
        proceeding(client)
        client.expect_element("proceed", names.TLS)
        client.transport.send(bytes.fromhex("16030100c8010000c40303"))

    def in_tls(client):
        client.open()
        client.start_tls()

    def at_sasl(client):
        client.to_tls()

    def in_scram(client):
        client.to_tls()
        client.begin_scram(account.user, account.password)

    def at_challenge(client):
        in_scram(client)
        client.expect_sasl("challenge")

    def proof_sent(client):
        client.to_tls()
        exchange = client.begin_scram(account.user, account.password)
        client.respond(exchange.final(client.expect_sasl("challenge")))

    def authenticated(client):
        client.to_tls()
        client.scram(account.user, account.password)

    def reopened(client):
        authenticated(client)
        client.open()

    def binding(client):
        reopened(client)
        client.send("<iq type='set' id='b'><bind xmlns='%s'/></iq>" % names.BIND)

    def bound(client):
        reopened(client)
        client.bind()

    def chatting(client):
        bound(client)
        client.available()
        client.send("<message to='%s'><body>to myself</body></message>" % client.jid * 20)

    def registering(client):
        client.to_tls()
        client.send("<iq type='set' id='r'><query xmlns='%s'><username>gone%d</username><password>x</password></query></iq>"
                    % (names.REGISTER, id(client)))

    return (connected, opened, proceeding, in_handshake, in_tls, at_sasl, in_scram, at_challenge, proof_sent, authenticated,
            reopened, binding, bound, chatting, registering)


@case
def a_connection_closed_in_any_stage_leaves_nothing_behind(world):
    """RFC 6120 §4.6.4"""
    for bring in _stages(world):
        client = world.client()
        bring(client)
        client.close()
    world.online().fence()


@case
def a_connection_reset_in_any_stage_leaves_nothing_behind(world):
    """RFC 6120 §4.6.4"""
    for bring in _stages(world):
        client = world.client()
        bring(client)
        client.transport.abort()
    world.online().fence()


@case(alone=True)
def closed_connections_give_their_descriptors_back(world):
    """DESIGN: everything is freed"""
    for bring in _stages(world):  # whatever a first use keeps for good is kept now
        client = world.client()
        bring(client)
        client.close()
    time.sleep(0.3)
    before = world.server.open_files()
    for _ in range(3):
        for bring in _stages(world):
            client = world.client()
            bring(client)
            client.close()
    end = time.monotonic() + names.TIMEOUT
    while world.server.open_files() > before + 4 and time.monotonic() < end:
        time.sleep(0.1)
    if world.server.open_files() > before + 4:
        raise Unexpected("%d descriptors before, %d after" % (before, world.server.open_files()))


@case
def a_storm_of_small_stanzas_is_answered_in_full(world):
    """RFC 6120 §10.1"""
    me = world.connect()
    count = 3000
    flood = ("<iq type='get' id='s' to='%s'><ping xmlns='%s'/></iq>" % (world.domain, names.PING)) * 100
    for _ in range(count // 100):
        me.send(flood)
    for _ in range(count):
        me.expect_answer("s")


@case
def entities_cannot_be_used_to_blow_a_stanza_up(world):
    """RFC 6120 §11.1, §13.12: a billion laughs"""
    client = world.client()
    client.send("<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
                "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><stream:stream xmlns='jabber:client' xmlns:stream='%s' to='&c;'>"
                % names.STREAMS)
    client.expect_stream_error("restricted-xml", header=True)


@case
def a_renegotiation_or_key_update_of_the_client_is_survived(world):
    """RFC 8446 §4.6.3"""
    client = world.direct(gnutls="NORMAL")
    client.open()
    client.log_in_again(world.account())
    for _ in range(3):
        client.transport.sock.update_key()
        client.fence()
