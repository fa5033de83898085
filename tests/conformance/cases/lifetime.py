# What the start, the stop and the time limits of the server show to its clients.  Each case has a server of its own.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.sm import enable


@case(own_server=True)
def streams_end_with_system_shutdown(world):
    """RFC 6120 §4.9.3.20"""
    session, opened, secured = world.online(), world.client(), world.to_sasl()
    opened.open()
    world.server.ask_to_stop()
    for client in (session, opened, secured):
        client.expect_stream_error("system-shutdown")


@case(own_server=True)
def a_stream_that_can_be_resumed_is_not_closed_by_the_stop(world):
    """XEP-0198 §5: what is closed in order is over for its client"""
    resumable, counted = enable(world), enable(world, resume=False)
    world.server.ask_to_stop()
    counted.expect_stream_error("system-shutdown")
    kind, element = resumable.next()
    if kind not in ("eof", "reset"):
        raise Unexpected("expected the end of the connection, got %s %s" % (kind, element))


@case(own_server=True)
def a_message_sent_just_before_the_shutdown_is_delivered(world):
    """DESIGN: SIGTERM loses nothing"""
    alice, bob = world.pair()
    bob.fence()  # what he wrote as he came online is on disk: nothing waits behind it
    alice.send("<message to='%s' id='m'/>" % bob.jid)
    alice.fence()
    world.server.ask_to_stop()
    bob.expect_element("message", id="m")
    bob.expect_stream_error("system-shutdown")


@case(own_server=True)
def a_peer_that_does_not_read_does_not_hold_the_shutdown_up(world):
    """DESIGN: each wait has a bound"""
    deaf, alice = world.online(), world.online()
    for _ in range(200):
        alice.send("<message to='%s'><body>%s</body></message>" % (deaf.jid, "x" * 8000))
    alice.fence()
    start = time.monotonic()
    world.server.ask_to_stop()
    complaints = world.server.stop()
    if complaints or time.monotonic() - start > 10:
        raise Unexpected("stopping took %.1f s: %s" % (time.monotonic() - start, complaints))


@case(own_server=True)
def accounts_outlive_a_restart(world):
    """DESIGN: nothing acknowledged is lost"""
    account = world.account()
    complaints = world.server.stop()
    if complaints:
        raise Unexpected("; ".join(complaints))
    world.server.start()
    world.online(account)


@case(own_server=True)
def accounts_outlive_a_kill(world):
    """DESIGN: nothing acknowledged is lost"""
    account = world.account()
    other = world.account()
    changed = world.connect(other).ask("<query xmlns='%s'><username>%s</username><password>new</password></query>" % (
        names.REGISTER, other.user), "set")
    if changed.get("type") != "result":
        raise Unexpected("no new password: %s" % changed)
    world.server.kill()
    world.server.start()
    world.online(account)
    world.online(other._replace(password="new"))


def quick_to_give_up(text, _folder):
    """The demo's configuration, with a second for the whole of a login."""
    return "login-timeout = 1s\n" + text


@case(own_server=True, server={"edit": quick_to_give_up})
def a_connection_that_never_speaks_times_out(world):
    """RFC 6120 §4.9.3.4"""
    client = world.client()
    client.expect_stream_error("connection-timeout", header=True)
    if client.header.get("id") is None:
        raise Unexpected("the header before the error must have an id (§4.7.3): %s" % client.header)


@case(own_server=True, server={"edit": quick_to_give_up})
def a_stream_that_never_logs_in_times_out(world):
    """RFC 6120 §4.9.3.4"""
    opened, secured = world.client(), world.to_sasl()
    opened.open()
    for client in (opened, secured):
        client.expect_stream_error("connection-timeout")


def short_stages(text, _folder):
    """The demo's configuration, with a second for each stage of a login, and three for all of it."""
    return "stage-timeout = 1s\nlogin-timeout = 3s\n" + text


@case(own_server=True, server={"edit": short_stages})
def a_user_who_looks_at_the_certificate_has_the_time_of_the_whole_login(world):
    """DESIGN: each wait has a bound, and a person reads slowly"""
    patient = world.client()
    patient.open()
    patient.start_tls()
    time.sleep(1.7)
    patient.open()
    hesitant = world.client()
    hesitant.open()
    hesitant.start_tls()
    start = time.monotonic()
    hesitant.expect_stream_error("connection-timeout", header=True)
    if time.monotonic() - start > 6:
        raise Unexpected("silence inside TLS was borne for %.1f s" % (time.monotonic() - start))


@case(own_server=True, server={"edit": short_stages})
def who_fills_in_a_form_has_the_time_of_a_whole_login_for_it(world):
    """XEP-0077 §3.1: a person does it"""
    client = world.to_sasl()
    client.ask("<query xmlns='%s'/>" % names.REGISTER)
    time.sleep(2)
    made = client.ask("<query xmlns='%s'><username>slow</username><password>writer</password></query>" % names.REGISTER, "set")
    if made.get("type") != "result":
        raise Unexpected("no account: %s" % made)
    time.sleep(2)
    client.scram("slow", "writer")
    client.open()


@case(own_server=True, server={"edit": short_stages})
def asking_for_forms_over_and_over_does_not_put_the_end_off(world):
    """DESIGN: each wait has a bound"""
    client = world.to_sasl()
    for _ in range(10):
        client.ask("<query xmlns='%s'/>" % names.REGISTER)
    time.sleep(2)
    client.ask("<query xmlns='%s'/>" % names.REGISTER)
    start = time.monotonic()
    client.expect_stream_error("connection-timeout")
    if time.monotonic() - start > 2:
        raise Unexpected("the form put the end off by %.1f s" % (time.monotonic() - start))


@case(own_server=True, server={"edit": quick_to_give_up})
def a_stream_that_says_nothing_inside_tls_hears_from_its_host_why_it_ends(world):
    """RFC 6120 §4.9.1.2, §4.7.1, §4.7.3"""
    client = world.client()
    client.open()
    client.start_tls()
    client.expect_stream_error("connection-timeout", header=True)
    if client.header.get("id") is None or client.header.get("from") != world.domain:
        raise Unexpected("the header before the error must have an id and name its host: %s" % client.header)


@case(own_server=True, server={"edit": quick_to_give_up})
def a_session_outlives_the_time_for_logging_in(world):
    """RFC 6120 §4.6.1"""
    me = world.online()
    time.sleep(2.5)
    me.fence()
