# How streams end (RFC 6120 §4.4).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire.case import case
from wire.client import HEADER, Unexpected

END = "</stream:stream>"


@case
def a_closing_tag_before_tls_is_answered_by_ours(world):
    """RFC 6120 §4.4"""
    client = world.client()
    client.open()
    client.send(END)
    client.expect_end()


@case
def a_closing_tag_inside_tls_is_answered_by_ours_and_close_notify(world):
    """RFC 6120 §4.4"""
    client = world.to_sasl()
    client.send(END)
    client.expect_end()


@case
def a_session_that_closes_is_answered_by_ours_and_close_notify(world):
    """RFC 6120 §4.4"""
    client = world.online()
    client.send(END)
    client.expect_end()


@case
def a_closing_tag_right_after_the_header_is_answered(world):
    """RFC 6120 §4.4"""
    client = world.client()
    client.send(HEADER % world.domain + END)
    client.expect("open", "a header")
    client.features()
    client.expect_end()


@case
def what_was_sent_before_the_closing_tag_is_answered_first(world):
    """RFC 6120 §4.4: the other side finishes what it has to send"""
    client = world.connect()
    client.send("<iq type='get' id='last'><ping xmlns='urn:xmpp:ping'/></iq>" + END)
    client.expect_answer("last")
    client.expect_end()


@case
def a_message_sent_just_before_the_end_is_delivered(world):
    """RFC 6120 §4.4"""
    alice, bob = world.pair()
    alice.send("<message to='%s' id='m'><body>bye</body></message>" % bob.jid + END)
    alice.expect_end()
    bob.expect_element("message", id="m")


@case
def a_message_sent_just_before_the_connection_drops_is_delivered(world):
    """RFC 6120 §4.6.4: what arrived whole is handled"""
    alice, bob = world.pair()
    alice.send("<message to='%s' id='m'><body>bye</body></message>" % bob.jid)
    alice.close()
    bob.expect_element("message", id="m")


@case
def a_half_closed_connection_is_closed(world):
    """RFC 6120 §4.4, §4.6: the end of the client's bytes is the end of its stream"""
    client = world.client()
    client.open()
    client.transport.half_close()
    client.expect_gone()


@case
def a_half_closed_tls_session_is_closed(world):
    """RFC 8446 §6.1: close_notify of one side"""
    client = world.direct(gnutls="NORMAL")
    client.open()
    client.log_in_again(world.account())
    client.transport.sock.end_writing()
    client.expect_gone()


@case
def a_dropped_connection_ends_the_session(world):
    """RFC 6120 §4.6.4; RFC 6121 §8.5.3.2.3: an iq to a resource that is gone is refused"""
    alice, bob = world.pair()
    jid = bob.jid
    bob.close()
    for _ in range(100):
        alice.send("<iq type='get' to='%s' id='x'><ping xmlns='urn:xmpp:ping'/></iq>" % jid)
        time.sleep(0.05)
        if any(e.get("type") == "error" for e in alice.fence()):
            return
    raise Unexpected("the session outlives its connection")
