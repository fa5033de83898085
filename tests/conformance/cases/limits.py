# What a client may cause is bounded, at each stage of its stream.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import names
from wire.case import case
from wire.client import HEADER, Unexpected

BYTES_PER_SECOND = 2000     # and twice as many at once
BATCH = 6000                # bytes sent before the answers are awaited
LONG_LANG = "x" * 8000
END_SECONDS = 8             # less than a guess waits


def slow_clients(text, folder):
    return "bytes-per-second = %d\n" % BYTES_PER_SECOND + text


@case(own_server=True, server={"edit": slow_clients})
def who_asks_for_the_form_again_and_again_is_read_no_faster_than_others(world):
    """RFC 6120 §13.12: rate limiting, before authentication too"""
    client = world.to_sasl()
    iq = "<iq type='get' id='f'><query xmlns='%s'/></iq>" % names.REGISTER
    n = BATCH // len(iq)
    start = time.monotonic()
    for _ in range(3):
        client.send(iq * n)
        for _ in range(n):
            client.expect_element("iq", id="f")
    least = (2 * BATCH - 2 * BYTES_PER_SECOND) / BYTES_PER_SECOND - 1
    if time.monotonic() - start < least:
        raise Unexpected("%d bytes were taken in %.1f s" % (3 * BATCH, time.monotonic() - start))


@case
def a_language_that_is_no_language_is_not_put_on_every_stanza(world):
    """RFC 6120 §4.7.4, §8.1.5: the stream's language goes with each stanza, so its size counts for each"""
    bob = world.online()
    account = world.account()
    client = world.to_sasl()
    client.scram(account.user, account.password)
    client.open((HEADER % world.domain)[:-1] + " xml:lang='%s'>" % LONG_LANG)
    client.bind()
    client.send("<message to='%s' type='chat' id='m'><body>hi</body></message>" % bob.jid)
    if len(str(bob.expect_element("message", id="m"))) > 1000:
        raise Unexpected("a message of 3 words came with 8000 bytes of language")


@case
def nothing_is_answered_behind_the_end_of_a_stream(world):
    """RFC 6120 §4.4, §5.4.2.2: after </stream:stream> nothing more is sent"""
    client = world.to_sasl()
    client.send("<starttls xmlns='%s'/>" % names.TLS)
    client.expect_element("failure", names.TLS)
    client.expect("close", "</stream:stream>")
    client.send("<abort xmlns='%s'/>" % names.SASL)
    client.send("</stream:stream>")
    client.expect_disconnect()


@case(own_server=True)
def logins_that_must_wait_do_not_make_the_end_wait(world):
    """RFC 6120 §6.5, §13.12: wrong passwords slow down those that follow, and not the server's end"""
    account = world.account()
    for _ in range(2):
        clients = [world.to_sasl(source=world.new_source()) for _ in range(12)]
        for client in clients:
            client.plain(account.user, "wrong")
        time.sleep(1)
    start = time.monotonic()
    complaints = world.server.stop()
    if complaints or time.monotonic() - start > END_SECONDS:
        raise Unexpected("the server's end took %.1f s: %s" % (time.monotonic() - start, complaints))
