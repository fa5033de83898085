# Stream management (XEP-0198): turning it on, counting both ways, acknowledging.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import names
from wire.case import add_case, case
from wire.client import Unexpected
from wire.sm import SM, authenticate, enable, resume
from wire.talk import must

MIB = 1024 * 1024


def ping(client, name, to=None):
    client.send("<iq type='get' id='%s'%s><ping xmlns='%s'/></iq>" % (name, " to='%s'" % to if to else "", names.PING))


# ---- the feature, and when it may be turned on (§2, §3)


@case
def stream_management_is_offered_where_a_resource_can_be_bound(world):
    """XEP-0198 §2"""
    client = world.to_sasl()
    if client.stream_features.find("sm", SM) is not None:
        raise Unexpected("offered before authentication")
    account = world.account()
    client.scram(account.user, account.password)
    if client.open().find("sm", SM) is None:
        raise Unexpected("not offered: %s" % client.stream_features)


@case
def enabling_before_binding_is_an_unexpected_request_and_binding_still_works(world):
    """XEP-0198 §3, §6"""
    client = authenticate(world, world.account())
    for nonza in ("enable", "r", "a h='0'", "nonsense"):
        client.send("<%s xmlns='%s'/>" % (nonza, SM))
        client.expect_failed("unexpected-request")
    client.bind()
    client.enable()
    must(0, client.acknowledged(), "h")


@case
def enabling_before_authentication_ends_the_stream(world):
    """XEP-0198 §3; RFC 6120 §4.9.3.12"""
    client = world.to_sasl()
    client.send("<enable xmlns='%s'/>" % SM)
    client.expect_stream_error("not-authorized", "unsupported-stanza-type")


@case
def resuming_before_authentication_ends_the_stream(world):
    """XEP-0198 §10: nobody resumes what they have not shown to be theirs"""
    alice = enable(world)
    client = world.to_sasl()
    client.send("<resume xmlns='%s' previd='%s' h='0'/>" % (SM, alice.id))
    client.expect_stream_error("not-authorized", "unsupported-stanza-type")
    must(0, alice.acknowledged(), "h of the stream that was asked for")


@case
def enabling_twice_is_an_unexpected_request(world):
    """XEP-0198 §3"""
    client = enable(world)
    client.send("<enable xmlns='%s' resume='true'/>" % SM)
    client.expect_failed("unexpected-request")
    ping(client, "p")
    client.expect_element("iq", id="p")
    must(1, client.acknowledged(), "h")


@case
def enabling_twice_in_one_breath_is_one_stream_and_one_refusal(world):
    """XEP-0198 §3"""
    client = authenticate(world, world.account())
    client.bind()
    client.send("<enable xmlns='%s' resume='true'/>" % SM * 2)
    found = sorted(client.expect("element", "an answer").name for _ in range(2))
    must(["enabled", "failed"], found, "answers")


@case
def acknowledgements_without_stream_management_are_refused(world):
    """XEP-0198 §6"""
    client = authenticate(world, world.account())
    client.bind()
    for nonza in ("r", "a h='0'", "resume previd='x' h='0'", "resumed", "nonsense"):
        client.send("<%s xmlns='%s'/>" % (nonza, SM))
        client.expect_failed("unexpected-request")
    client.fence()


@case
def a_stream_is_only_resumable_when_that_is_asked_for(world):
    """XEP-0198 §3: resume is false unless it says otherwise"""
    for attrs in ("", " resume='false'", " resume='0'", " resume=''", " resume='TRUE'"):
        client = enable(world, resume=False, attrs=attrs)
        if client.answer.get("resume") in ("true", "1"):
            raise Unexpected("%s: %s" % (attrs, client.answer))
        must(0, client.acknowledged(), "h")
    for attrs in (" resume='true'", " resume='1'"):
        client = enable(world, resume=False, attrs=attrs)
        if client.answer.get("resume") not in ("true", "1") or not client.answer.get("id"):
            raise Unexpected("%s: %s" % (attrs, client.answer))


@case
def every_stream_has_another_id(world):
    """XEP-0198 §5: and one that cannot be guessed"""
    ids = {enable(world).id for _ in range(4)}
    if len(ids) != 4 or any(len(i) < 16 or len(i) > 4000 for i in ids):
        raise Unexpected("ids %s" % ids)


@case
def the_longest_wait_is_the_shorter_of_what_both_want(world):
    """XEP-0198 §3: max in seconds"""
    most = int(enable(world).answer.get("max"))
    must("7", enable(world, attrs=" max='7'").answer.get("max"), "max of 7")
    for attrs in (" max='99999999'", " max='18446744073709551615'", " max='0'", " max='-5'", " max='soon'",
                  " max='99999999999999999999999'", ""):
        must(str(most), enable(world, attrs=attrs).answer.get("max"), attrs)


def _there(text, _folder):
    return text.replace("\tcertificate =", "\tresume-location = \"[2001:db8::1]:9222\"\n\tcertificate =", 1)


@case(own_server=True, server={"edit": _there})
def where_to_come_back_to_is_said(world):
    """XEP-0198 §3: location"""
    must("[2001:db8::1]:9222", enable(world).answer.get("location"), "location")


@case
def where_to_come_back_to_is_not_said_unless_it_is_known(world):
    """XEP-0198 §3: location"""
    must(None, enable(world).answer.get("location"), "location")


def _never(text, _folder):
    return "resume-time = 0\n" + text


@case(own_server=True, server={"edit": _never})
def a_server_may_not_let_streams_be_resumed(world):
    """XEP-0198 §3, §5: resume is not granted; an attempt is feature-not-implemented"""
    account = world.account()
    client = enable(world, account)
    if client.answer.get("resume") in ("true", "1"):
        raise Unexpected("granted: %s" % client.answer)
    client.send("<message to='%s' id='m'/>" % client.jid)
    client.expect_element("message", id="m")
    must(1, client.acknowledged(), "h")
    again = authenticate(world, account)
    again.ask_to_resume(client.id or "0123456789abcdef", 0)
    again.expect_failed("feature-not-implemented")
    again.bind()


# ---- from the client (§4)


@case
def stanzas_of_all_kinds_are_counted_and_nothing_else_is(world):
    """XEP-0198 §4"""
    alice, bob = enable(world), world.online()
    must(0, alice.acknowledged(), "h at first")
    for i, stanza in enumerate((
            "<message to='%s'/>" % bob.jid, "<presence/>", "<presence to='%s'/>" % bob.jid,
            "<iq type='get' id='1'><ping xmlns='%s'/></iq>" % names.PING,
            "<iq type='get' id='2' to='%s'><ping xmlns='%s'/></iq>" % (bob.jid, names.PING),
            "<iq type='result' id='none' to='%s'/>" % bob.jid, "<message to='%s' type='error'/>" % bob.jid,
            "<message to='nobody@nowhere.invalid'/>", "<message to='a@b@c'/>", "<iq type='get' id='3'/>",
            "<iq type='nonsense' id='4'/>")):
        alice.send(stanza)
        must(i + 1, alice.acknowledged(), "h behind %s" % stanza)
    h = alice.acknowledged()
    for nonza in ("<r xmlns='%s'/>" % SM, "<a xmlns='%s' h='0'/>" % SM, "<enable xmlns='%s'/>" % SM,
                  "<active xmlns='%s'/>" % names.CSI, " ", "<inactive xmlns='%s'/>" % names.CSI):
        alice.send(nonza)
    alice._kept.clear()
    while alice.next()[1].name not in ("failed",):
        pass
    must(h, alice.acknowledged(), "h behind what is no stanza")


@case
def counting_begins_when_it_is_enabled(world):
    """XEP-0198 §4: at zero, whatever came before"""
    client = authenticate(world, world.account())
    client.bind()
    client.available()
    client.send("<message to='%s' id='before'/><enable xmlns='%s'/><message to='%s' id='behind'/><r xmlns='%s'/>"
                % (client.jid, SM, client.jid, SM))
    order = []
    while "a" not in order:
        element = client.expect("element", "an answer")
        order.append(element.get("id") if element.name == "message" else element.name)
    must(1, int(element.get("h")), "h")
    if order.index("before") > order.index("enabled"):
        raise Unexpected("what was sent before is counted: %s" % order)
    sent = len(order) - order.index("enabled") - 2
    client.ack(sent)
    client.ack(sent + 1)
    _too_high(client, sent + 1, sent + (order.index("a") < len(order) - 1))


def _too_high(client, h, sent):
    while True:
        kind, error = client.next()
        if kind != "element" or error.is_a("error", names.STREAMS):
            break
    if kind != "element" or error.find("undefined-condition", names.STREAM_ERRORS) is None:
        raise Unexpected("expected undefined-condition, got %s %s" % (kind, error or ""))
    told = error.find("handled-count-too-high", SM)
    if told is None or (told.get("h"), told.get("send-count")) != (str(h), str(sent)):
        raise Unexpected("expected handled-count-too-high of %d and %d: %s" % (h, sent, error))
    client.expect_end()


@case
def many_stanzas_in_one_breath_are_all_acknowledged(world):
    """XEP-0198 §4"""
    alice, bob = enable(world), world.online()
    n = 300
    alice.send("".join("<message to='%s' id='m%d' type='chat'><body>x</body></message><r xmlns='%s'/>" % (bob.jid, i, SM)
                       for i in range(n)))
    hs = [int(alice.find_next("a").get("h")) for _ in range(n)]
    must(n, hs[-1], "the last h")
    if hs != sorted(hs):
        raise Unexpected("h went back: %s" % hs)
    must(n, alice.acknowledged(), "h")
    got = bob.until(lambda e: e.get("id") == "m%d" % (n - 1))
    must(["m%d" % i for i in range(n - 1)], [e.get("id") for e in got], "messages")


@case
def what_takes_its_time_is_not_acknowledged_before_it_is_done(world):
    """XEP-0198 §4: handled; a change of password is done when the new one is stored"""
    alice = enable(world)
    for i in range(5):
        alice.send("<iq type='set' id='p%d'><query xmlns='%s'><username>%s</username><password>new%d</password></query></iq>"
                   "<r xmlns='%s'/>" % (i, names.REGISTER, alice.account.user, i, SM))
    answered = h = 0
    while answered < 5:
        element = alice.expect("element", "answers")
        if element.name == "iq":
            answered += 1
        elif int(element.get("h")) > answered:
            raise Unexpected("h is %s with %d answers" % (element.get("h"), answered))
        else:
            h += 1
    alice._kept.clear()
    while h < 5:
        alice.find_next("a")
        h += 1
    must(5, alice.acknowledged(), "h")


def _narrow(text, _folder):
    return "out-size = \"64 KiB\"\nresume-size = \"16 KiB\"\nbytes-per-second = \"256 MiB\"\n" + text


def _ask_and_do_not_read(client, nonza):
    many = ("<%s xmlns='%s'/>" % (nonza, SM)).encode() * 2000
    client.transport.sock.settimeout(1)
    try:
        for _ in range(64 * MIB // len(many)):
            client.transport.send(many)
    except names.Reset:
        return
    except TimeoutError:
        raise Unexpected("neither read nor dropped") from None
    raise Unexpected("64 MiB of <%s/> were taken from one that reads no answers" % nonza)


@case(own_server=True, server={"edit": _narrow})
def one_that_asks_for_acknowledgements_and_does_not_read_is_dropped(world):
    """DESIGN: each buffer has a bound"""
    _ask_and_do_not_read(enable(world), "r")
    _ask_and_do_not_read(enable(world), "enable")
    _ask_and_do_not_read(authenticate(world, world.account()), "r")


# ---- to the client (§4)


@case
def the_server_asks_and_is_told(world):
    """XEP-0198 §4"""
    alice, bob = world.online(), enable(world)
    for i in range(25):
        alice.send("<message to='%s' id='m%d'/>" % (bob.jid, i))
    for i in range(25):
        bob.expect_element("message", id="m%d" % i)
    try:
        bob.next(2)
    except TimeoutError:
        pass
    if not bob.requests:
        raise Unexpected("never asked for an acknowledgement")
    bob.ack(25)
    bob.fence()


@case
def the_server_counts_what_it_sends(world):
    """XEP-0198 §4, §6: it knows to one what it sent"""
    alice, bob = world.online(), enable(world)
    alice.send("<message to='{0}' id='m'/><presence to='{0}' id='p'/>".format(bob.jid))
    bob.expect_element("message", id="m")
    bob.expect_element("presence", id="p")
    ping(bob, "1")
    ping(bob, "2", world.domain)
    ping(bob, "3", "nobody@" + world.domain)
    for _ in range(3):
        bob.expect_element("iq")
    must(5, bob.received, "stanzas")
    bob.ack(5)
    bob.ack(6)
    _too_high(bob, 6, 5)


@case
def acknowledging_nothing_new_is_no_fault(world):
    """XEP-0198 §4: an <a/> may come at any time"""
    alice, bob = world.online(), enable(world)
    bob.ack(0)
    bob.ack(0)
    alice.send("<message to='%s' id='m'/>" % bob.jid)
    bob.expect_element("message", id="m")
    bob.ack(0)
    bob.ack(1)
    bob.ack(1)
    must(0, bob.acknowledged(), "h")


@case
def acknowledging_too_much_ends_the_stream(world):
    """XEP-0198 §6: undefined-condition, with handled-count-too-high"""
    for h in (1, 1000, 4294967295):
        bob = enable(world)
        bob.ack(h)
        _too_high(bob, h, 0)


@case
def a_stream_that_was_misused_is_over(world):
    """XEP-0198 §6: it is closed, and there is nothing to come back to"""
    bob = enable(world)
    bob.ack(7)
    _too_high(bob, 7, 0)
    again = authenticate(world, bob.account)
    again.ask_to_resume(bob.id, 0)
    again.expect_failed("item-not-found", 0)


def _malformed(attrs):
    def check(world):
        bob = enable(world)
        bob.send("<a xmlns='%s' %s/>" % (SM, attrs))
        bob.expect_stream_error("policy-violation", "undefined-condition", "bad-format")
    return check


for _what, _attrs in (("no count", ""), ("an empty count", "h=''"), ("a negative count", "h='-1'"), ("no number", "h='many'"),
                      ("a count beyond 32 bits", "h='4294967296'"), ("a fraction", "h='0.5'"),
                      ("a count of a hundred digits", "h='%s'" % ("9" * 100)), ("a count in hexadecimal", "h='0x0'")):
    add_case(__name__, "an acknowledgement with %s ends the stream" % _what, "XEP-0198 §4", _malformed(_attrs))


# ---- one that says nothing


def _impatient(text, _folder):
    return "ack-timeout = 1s\n" + text


@case(own_server=True, server={"edit": _impatient})
def a_client_that_does_not_acknowledge_is_taken_for_dead_and_may_come_back(world):
    """XEP-0198 §1: that is how a broken connection is found"""
    alice, bob = world.online(), enable(world)
    alice.send("<message to='%s' id='m' type='chat'><body>x</body></message>" % bob.jid)
    bob.expect_element("message", id="m")
    start = time.monotonic()
    bob.expect_gone()
    if time.monotonic() - start < 0.9:
        raise Unexpected("dropped after %.1f s" % (time.monotonic() - start))
    back = resume(world, bob, 0)
    back.expect_element("message", id="m")
    back.ack()
    try:
        kind, element = back.next(2.5)
        raise Unexpected("a client that is quiet and has acknowledged all: %s %s" % (kind, element or ""))
    except TimeoutError:
        pass


def _relaxed(text, _folder):
    return text.replace("\tcertificate =", "\tdurability = relaxed\n\tcertificate =", 1)


@case(own_server=True, server={"edit": _relaxed})
def where_nobody_waits_for_the_disk_all_is_said_as_well(world):
    """doc/jackdaw.conf.5: durability = relaxed"""
    alice, bob = enable(world), enable(world)
    for i in range(50):
        alice.send("<message to='%s' id='m%d' type='chat'><body>x</body></message>" % (bob.jid, i))
    for i in range(50):
        bob.expect_element("message", id="m%d" % i)
    must(50, alice.acknowledged(), "h")
    bob.ack(50)
    bob.cut()
    alice.send("<message to='%s' id='last' type='chat'><body>x</body></message>" % bob.jid)
    must(51, alice.acknowledged(), "h")
    back = resume(world, bob)
    back.expect_element("message", id="last")
    must([], world.server.stop(), "complaints")
    world.server.start()
    resume(world, back, back.received - 1).expect_element("message", id="last")
