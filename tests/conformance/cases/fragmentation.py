# The same session however its bytes arrive: one by one, split anywhere, or all at once (RFC 6120 §4, §10.1).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import time

from wire import names
from wire.case import add_case, case
from wire.client import HEADER, Unexpected
from wire.scram import Scram

STARTTLS = "<starttls xmlns='%s'/>" % names.TLS
BIND = "<iq type='set' id='b'><bind xmlns='%s'><resource>r\u00e9s</resource></bind></iq>" % names.BIND
CHAT = ("<message to='%s' type='chat' id='m' xml:lang='cs'><body>\u017elu\u0165 &amp; k\u016f\u0148 &#x1F426; <![CDATA[<a>]]></body>"
        "<x:x xmlns:x='urn:example:x' x:y=\"it's\"/></message>")
PING = "<iq type='get' id='p'><ping xmlns='%s'/></iq>" % names.PING
TEXT = "\u017elu\u0165 & k\u016f\u0148 \U0001F426 <a>"
PAUSE = 0.0015  # enough for the first part to be read alone


def check_chat(client):
    message = client.expect_element("message", id="m", type="chat")
    x = message.find("x", "urn:example:x")
    if message.find("body").text != TEXT or x is None or x.get("{urn:example:x}y") != "it's" or message.get("xml:lang") != "cs":
        raise Unexpected("the message arrived changed: %s" % message)


def authenticate(client, account, say):
    exchange = Scram("SCRAM-SHA-1", account.user, account.password)
    say("<auth xmlns='%s' mechanism='SCRAM-SHA-1'>%s</auth>" % (names.SASL, base64.b64encode(exchange.first()).decode()))
    final = exchange.final(client.expect_sasl("challenge"))
    say("<response xmlns='%s'>%s</response>" % (names.SASL, base64.b64encode(final).decode()))
    if not exchange.server_is_genuine(client.expect_sasl("success")):
        raise Unexpected("the server's signature is wrong")
    client.restart()


def open_stream(client, say):
    say(HEADER % client.domain)
    client.expect("open", "a header")
    client.features()


def whole_session(client, account, say, secure):
    """SECURE gets the connection to a stream inside TLS; SAY sends, in whatever pieces."""
    say = say or client.send
    secure(client, say)
    open_stream(client, say)
    authenticate(client, account, say)
    open_stream(client, say)
    say(BIND)
    client.expect_answer("b")
    client.jid = account.jid + "/r\u00e9s"
    say("<presence><priority>1</priority></presence>")
    client.fence()
    say(CHAT % client.jid)
    check_chat(client)
    say(PING)
    client.expect_answer("p")
    say("</stream:stream>")
    client.expect_end()


def by_starttls(client, say):
    open_stream(client, say)
    say(STARTTLS)
    client.expect_element("proceed", names.TLS)
    client.restart()
    client.secure()


@case
def a_session_sent_stanza_by_stanza_works(world):
    """RFC 6120 §9: what the others are compared with"""
    whole_session(world.client(), world.account(), None, by_starttls)


@case
def a_session_sent_byte_by_byte_is_the_same(world):
    """RFC 6120 §4"""
    account = world.account()
    client = world.client()
    whole_session(client, account, client.send_slowly, by_starttls)


def split_at(client, position):
    def say(text):
        data = text.encode()
        cut = 1 + position % (len(data) - 1)
        client.note("C:", "(split at %d) %s" % (cut, text))
        client.transport.send(data[:cut])
        time.sleep(PAUSE)
        client.transport.send(data[cut:])
    return say


# Each session is split at one place in each of its parts; as many sessions as the longest part has places.
def _split_sessions(first, step):
    def check(world):
        account = world.account()
        longest = max(len((HEADER % world.domain).encode()), 300)
        for position in range(first, longest, step):
            client = world.client("tls")
            whole_session(client, account, split_at(client, position), lambda c, _say: c.secure())
            client.close()
            world.clients.remove(client)
    return check


for _first in range(4):
    add_case(__name__, "a session split in two at every place of each part is the same (%d of 4)" % (_first + 1),
             "RFC 6120 §4", _split_sessions(_first, 4))


@case
def the_parts_before_tls_split_at_every_place_are_the_same(world):
    """RFC 6120 §4, §5"""
    for position in range(max(len(HEADER % world.domain), len(STARTTLS))):
        client = world.client()
        say = split_at(client, position)
        open_stream(client, say)
        say(STARTTLS)
        client.expect_element("proceed", names.TLS)
        client.close()
        world.clients.remove(client)


@case
def a_message_split_at_every_place_is_the_same(world):
    """RFC 6120 §4"""
    me = world.online()
    data = (CHAT % me.jid).encode()
    for cut in range(1, len(data)):
        me.transport.send(data[:cut])
        time.sleep(PAUSE)
        me.transport.send(data[cut:])
        check_chat(me)


@case
def a_fault_split_at_every_place_is_the_same_fault(world):
    """RFC 6120 §4.9.3.18"""
    data = b"<presence/><!-- never -->"
    for cut in range(len(b"<presence/><") + 1, len(data)):
        me = world.client()
        me.open()
        me.send(b" ")
        me.send(data[len(b"<presence/>"):cut])
        time.sleep(PAUSE)
        try:
            me.send(data[cut:])
        except names.Reset:
            pass
        me.expect_stream_error("restricted-xml")
        me.close()
        world.clients.remove(me)


@case
def no_stanza_waits_for_the_byte_after_it(world):
    """RFC 6120 §10.1: a stanza is whole when its end tag is"""
    alice, bob = world.pair()
    for size in (1, 10, 100, 1000, 5000, 20000, 60000):
        data = b"<message to='%s' id='n%d'><body>%s</body></message>" % (bob.jid.encode(), size, b"y" * size)
        for i in range(0, len(data), max(1, size // 8)):
            alice.transport.send(data[i:i + max(1, size // 8)])
            time.sleep(PAUSE)
        bob.expect_element("message", id="n%d" % size)


@case
def a_header_and_starttls_in_one_write_are_both_answered(world):
    """RFC 6120 §4.3, §5.4"""
    client = world.client()
    client.send(HEADER % world.domain + STARTTLS)
    client.expect("open", "a header")
    client.features()
    client.expect_element("proceed", names.TLS)
    client.restart()
    client.secure()
    client.open()


@case
def a_header_and_auth_in_one_write_are_both_answered(world):
    """RFC 6120 §6.4.2"""
    account = world.account()
    client = world.direct()
    response = base64.b64encode(("\0%s\0%s" % (account.user, account.password)).encode()).decode()
    client.send(HEADER % world.domain + "<auth xmlns='%s' mechanism='PLAIN'>%s</auth>" % (names.SASL, response))
    client.expect("open", "a header")
    client.features()
    client.expect_sasl("success")
    client.restart()
    client.open()
    client.bind()


@case
def a_whole_session_after_authentication_in_one_write_is_answered_in_order(world):
    """RFC 6120 §10.1"""
    account = world.account()
    client = world.to_sasl()
    client.scram(account.user, account.password)
    count = 100
    session = "<iq type='set' id='s'><session xmlns='%s'/></iq>" % names.SESSION
    me = account.jid + "/r\u00e9s"
    client.send(HEADER % world.domain + BIND + session + "<presence/>"
                + "".join("<message to='%s' id='m%d'/>" % (me, i) for i in range(count)) + PING + "</stream:stream>")
    client.expect("open", "a header")
    client.features()
    client.expect_answer("b")
    client.expect_answer("s")
    seen = client.until(lambda e: e.get("id") == "p")
    # Messages go through the account's own shard: they may come after the answer to the ping, but not after the end.
    while len(seen) < count:
        seen.append(client.expect("element", "message %d" % len(seen)))
    if [e.get("id") for e in seen] != ["m%d" % i for i in range(count)]:
        raise Unexpected("messages in another order, or lost: %s" % [e.get("id") for e in seen])
    client.expect_end()


@case
def many_messages_in_one_write_keep_their_order(world):
    """RFC 6120 §10.1"""
    alice, bob = world.pair()
    count = 500
    alice.send("".join("<message to='%s' id='m%d'><body>%d</body></message>" % (bob.jid, i, i) for i in range(count)))
    got = [bob.expect_element("message").get("id") for _ in range(count)]
    if got != ["m%d" % i for i in range(count)]:
        raise Unexpected("another order: %s" % got)


@case
def many_requests_in_one_write_are_all_answered_in_order(world):
    """RFC 6120 §10.1, §8.2.3"""
    client = world.connect()
    count = 200
    client.send("".join("<iq type='get' id='q%d'><ping xmlns='%s'/></iq>" % (i, names.PING) for i in range(count)))
    for i in range(count):
        client.expect_answer("q%d" % i)


@case
def kinds_of_stanza_to_one_address_keep_their_order(world):
    """RFC 6120 §10.1"""
    alice, bob = world.pair()
    alice.send("<presence to='%s'/>" % bob.jid)
    bob.expect_element("presence")
    alice.send("".join("<message to='%s' id='k%d'/><iq type='result' to='%s' id='k%d'/>" % (bob.jid, i, bob.jid, i + 1)
                       for i in range(0, 40, 2)))
    got = [bob.expect("element", "a stanza").get("id") for _ in range(40)]
    if got != ["k%d" % i for i in range(40)]:
        raise Unexpected("another order: %s" % got)
