# Requests and answers (RFC 6120 §8.2.3, RFC 6121 §8.5).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error

UNKNOWN = "<query xmlns='urn:example:unknown'/>"
PING = "<ping xmlns='%s'/>" % names.PING


@case
def an_unknown_request_to_the_host_is_service_unavailable(world):
    """RFC 6120 §8.2.3, §8.4, RFC 6121 §8.4"""
    me = world.connect()
    for kind in ("get", "set"):
        answer = me.ask(UNKNOWN, kind, to=world.domain)
        check_error(answer, ("service-unavailable", "feature-not-implemented"))
        if answer.get("from") != world.domain or answer.get("to") not in (None, me.jid):
            raise Unexpected("addressed wrongly: %s" % answer)


@case
def an_unknown_request_to_the_own_account_is_service_unavailable(world):
    """RFC 6121 §8.5.2.1.3: the server answers for the account"""
    me = world.connect()
    bare = me.jid.partition("/")[0]
    for to in (None, bare):
        answer = me.ask(UNKNOWN, to=to)
        check_error(answer, "service-unavailable", "cancel")
        if answer.get("from") not in (None, bare):
            raise Unexpected("from another address: %s" % answer)


@case
def an_unknown_request_to_anothers_account_is_not_delivered(world):
    """RFC 6121 §8.5.2.1.3"""
    alice, bob = world.pair()
    check_error(alice.ask(UNKNOWN, to=bob.jid.partition("/")[0]), "service-unavailable", "cancel")
    if bob.fence():
        raise Unexpected("the request was delivered")


@case
def a_request_to_nobody_is_service_unavailable(world):
    """RFC 6121 §8.5.1"""
    me = world.connect()
    for to in ("nobody@%s" % world.domain, "nobody@%s/x" % world.domain):
        answer = me.ask(UNKNOWN, to=to)
        check_error(answer, "service-unavailable", "cancel")
        if answer.get("from") != to:
            raise Unexpected("from another address: %s" % answer)


@case
def a_request_to_an_account_without_sessions_tells_nothing_that_nobody_would_not(world):
    """RFC 6121 §8.5.1, §8.5.2.2.3, RFC 6120 §13.11"""
    me, empty = world.connect(), world.account()
    for suffix in ("", "/x"):
        a = me.ask(UNKNOWN, to=empty.jid + suffix)
        b = me.ask(UNKNOWN, to="nobody-%s%s" % (empty.jid, suffix))
        for answer in (a, b):
            check_error(answer, "service-unavailable", "cancel")
        if a.find("error").inner() != b.find("error").inner():
            raise Unexpected("an account can be told from nobody: %s, %s" % (a, b))


@case
def a_request_to_a_resource_that_is_not_there_is_service_unavailable(world):
    """RFC 6121 §8.5.3.2.3"""
    alice, bob = world.pair()
    to = bob.jid.partition("/")[0] + "/elsewhere"
    answer = alice.ask(UNKNOWN, to=to)
    check_error(answer, "service-unavailable", "cancel")
    if answer.get("from") != to:
        raise Unexpected("from another address: %s" % answer)


@case
def a_request_to_a_session_that_shares_its_presence_is_delivered_and_answered(world):
    """RFC 6121 §8.5.3.1; RFC 6120 §8.2.3"""
    alice, bob = world.pair()
    bob.send("<presence to='%s'/>" % alice.jid)
    alice.expect_element("presence")
    alice.send("<iq type='get' id='q' to='%s'>%s</iq>" % (bob.jid, UNKNOWN))
    request = bob.expect_element("iq", id="q", type="get")
    if request.get("from") != alice.jid or request.find("query", "urn:example:unknown") is None:
        raise Unexpected("changed: %s" % request)
    bob.send("<iq type='result' id='q' to='%s'/>" % request.get("from"))
    if alice.expect_answer("q").get("from") != bob.jid:
        raise Unexpected("answered from another address")


@case
def a_request_to_a_session_of_a_stranger_is_delivered_or_refused(world):
    """RFC 6121 §8.5.3.1: without a share of presence the server SHOULD refuse; one of both must happen, once"""
    alice, bob = world.pair()
    alice.send("<iq type='get' id='q' to='%s'>%s</iq><message to='%s' id='end'/>" % (bob.jid, UNKNOWN, bob.jid))
    got = bob.until(lambda e: e.get("id") == "end")
    if got:
        return
    alice.expect_error("service-unavailable", id="q")


@case
def answers_are_delivered_to_sessions_and_never_answered(world):
    """RFC 6121 §8.5.3.1, RFC 6120 §8.2.3"""
    alice, bob = world.pair()
    for kind in ("result", "error"):
        error = "<error type='cancel'><gone xmlns='%s'/></error>" % names.STANZA_ERRORS if kind == "error" else ""
        alice.send("<iq type='%s' id='r-%s' to='%s'>%s</iq>" % (kind, kind, bob.jid, error))
        bob.expect_element("iq", id="r-" + kind, type=kind)
    if alice.fence():
        raise Unexpected("an answer was answered")


@case
def results_that_nobody_awaits_are_silently_ignored(world):
    """RFC 6120 §8.2.3, RFC 6121 §8.5.3.2.3"""
    me = world.online()
    for to in (None, world.domain, me.jid.partition("/")[0], "nobody@" + world.domain, me.jid + "-gone"):
        me.send("<iq type='result' id='stray'%s><query xmlns='urn:example:x'/></iq>" % (" to='%s'" % to if to else ""))
    me.send("<iq type='get' id='end' to='%s-gone'>%s</iq>" % (me.jid, PING))
    before = me.until(lambda e: e.get("id") == "end")
    if before:
        raise Unexpected("answered: %s" % before[0])


@case
def a_request_without_a_payload_is_a_bad_request(world):
    """RFC 6120 §8.2.3: exactly one child"""
    me = world.connect()
    for to in (None, world.domain):
        check_error(me.ask("", to=to), "bad-request", "modify")


@case
def a_request_with_two_payloads_is_a_bad_request(world):
    """RFC 6120 §8.2.3: exactly one child"""
    me = world.connect()
    check_error(me.ask(PING + PING, to=world.domain), "bad-request", "modify")


@case
def a_request_of_an_unknown_type_is_a_bad_request(world):
    """RFC 6120 §8.2.3: 'type' is one of four"""
    me = world.connect()
    for attribute in ("", " type='demand'", " type=''", " type='GET'"):
        me.send("<iq%s id='t' to='%s'>%s</iq>" % (attribute, world.domain, PING))
        me.expect_error("bad-request", "modify", id="t")


@case
def a_request_without_an_id_is_a_bad_request_or_ends_the_stream(world):
    """RFC 6120 §8.1.3, §8.2.3: 'id' is required"""
    me = world.connect()
    me.send("<iq type='get' to='%s'>%s</iq>" % (world.domain, PING))
    element = me.expect("element", "bad-request")
    if not element.is_a("error", names.STREAMS):
        check_error(element, "bad-request", "modify")


@case
def the_answer_has_the_requests_id_and_addresses_turned_round(world):
    """RFC 6120 §8.1.3, §8.2.3"""
    me = world.connect()
    me.send("<iq type='get' id='&lt;odd &quot;id&apos;\u00e9&gt;' to='%s'>%s</iq>" % (world.domain, PING))
    answer = me.expect_element("iq", id="<odd \"id'\u00e9>", type="result")
    if answer.get("from") != world.domain or answer.get("to") not in (None, me.jid):
        raise Unexpected("addressed wrongly: %s" % answer)


@case
def an_error_tells_its_type(world):
    """RFC 6120 §8.3.2: 'type', exactly one condition, an application condition only in its own namespace"""
    me = world.connect()
    answer = me.ask(UNKNOWN, to=world.domain)
    check_error(answer, ("service-unavailable", "feature-not-implemented"), "cancel")
    for child in answer.find("error").children:
        if child.ns == names.CLIENT:
            raise Unexpected("a child of <error/> in jabber:client: %s" % answer)


@case
def a_request_to_an_ill_formed_address_is_refused(world):
    """RFC 6120 §8.3.3.8"""
    me = world.connect()
    check_error(me.ask(PING, to="@@nowhere"), "jid-malformed", "modify")


@case
def a_request_to_ones_own_other_session_is_delivered(world):
    """RFC 6121 §8.5.3.1"""
    account = world.account()
    a, b = world.online(account, "a"), world.online(account, "b")
    a.fence()
    a.send("<iq type='get' id='q' to='%s'>%s</iq>" % (b.jid, UNKNOWN))
    requests = b.until(lambda e: e.is_a("iq", names.CLIENT) and e.get("id") == "q")
    if requests:
        raise Unexpected("something else came first: %s" % requests[0])


@case
def a_remote_address_that_cannot_be_reached_is_an_error_and_no_hang(world):
    """RFC 6120 §10.4: remote-server-not-found, remote-server-timeout"""
    me = world.connect()
    check_error(me.ask(PING, to="nowhere.invalid"), ("remote-server-not-found", "remote-server-timeout", "service-unavailable",
                                                    "item-not-found"))
