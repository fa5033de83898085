# Servers that hang, flood, or lie about sizes: others are served all the while.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from cases_proof import BY_DIALBACK, gets, returns, say, write
from court import SHORT
from fake import DIALBACK, EXTERNAL, SERVER, STARTTLS
from wire import names
from wire.case import add_case, case
from wire.client import Unexpected
from wire.names import Reset
from wire.talk import must

HURRIED = {"conf": 's2s-wait = "3 s"\nstage-timeout = "1 s"\nlogin-timeout = "3 s"\n'}
HURRIED_SECONDS = 8
MANY = 150  # more than connections-per-address


# ---- those that hang


def greeted(fake):
    link = fake.begin()
    link.say_header()
    link.expect("open", "a header")
    link.features()
    return link


def asked_for_tls(fake):
    link = greeted(fake)
    link.send("<starttls xmlns='%s'/>" % names.TLS)
    link.expect_element("proceed", names.TLS)
    return link


def in_the_midst_of_a_tag(fake):
    link = fake.begin()
    link.send("<?xml version='1.0'?><stream:stream xmlns='jabber:ser")
    return link


CALLERS = {
    "after the connection": lambda fake: fake.begin(),
    "in the header": in_the_midst_of_a_tag,
    "after the header": greeted,
    "before the handshake": asked_for_tls,
    "after the handshake": lambda fake: fake.connect(),
    "before the handshake of direct TLS": lambda fake: fake.begin(direct=True),
}


def sends_away(court, start):
    fake = court.fake()
    link = start(fake)
    link.timeout = HURRIED_SECONDS
    link.expect_gone()


for _when, _start in CALLERS.items():
    add_case(__name__, "a server that falls silent %s is sent away" % _when, "jackdaw.conf(5), stage-timeout",
             lambda court, s=_start: sends_away(court, s), server=HURRIED)


def header_only(fake):
    link = fake.accept()
    link.expect("open", "a header")
    link.say_header(link.to, link.me, "silent")


def features_only(fake):
    fake.accept().greet(STARTTLS)


def proceeds(fake):
    link = fake.accept().greet(STARTTLS)
    link.expect_element("starttls", names.TLS)
    link.send("<proceed xmlns='%s'/>" % names.TLS)


def authenticates_never(fake):
    link = fake.to_tls()
    link.greet(EXTERNAL)
    link.expect_element("auth", names.SASL)


def restarts_never(fake):
    link = fake.to_tls()
    link.greet(EXTERNAL)
    link.expect_element("auth", names.SASL)
    link.send("<success xmlns='%s'/>" % names.SASL)


LISTENERS = {
    "that does not accept": lambda fake: None,
    "that is silent after the connection": lambda fake: fake.accept(),
    "that is silent after its header": header_only,
    "that is silent after its features": features_only,
    "that is silent before the handshake": proceeds,
    "that is silent after the handshake": lambda fake: fake.to_tls(),
    "that does not answer to the proof": authenticates_never,
    "that is silent after the proof": restarts_never,
}


def gives_up(court, start):
    fake, other, romeo = court.fake(), court.fake(), court.user()
    romeo.timeout = 20
    write(romeo, fake)
    start(fake)
    write(romeo, other, "hello", "other")
    gets(other.receive(), "hello")
    returns(romeo)


for _how, _start in LISTENERS.items():
    add_case(__name__, "a server %s has messages come back and holds up nobody" % _how, "RFC 6120 §8.3.3.17",
             lambda court, s=_start: gives_up(court, s), server=HURRIED)


@case(server={**HURRIED, **BY_DIALBACK})
def a_key_that_is_never_confirmed_is_not_waited_for_for_ever(court):
    """XEP-0220 §2.4: remote-connection-failed, remote-server-timeout"""
    fake = court.fake()
    link = fake.connect()
    fake.dial_back(link)
    fake.to_tls().greet("<dialback xmlns='urn:xmpp:features:dialback'/>")
    link.timeout = HURRIED_SECONDS
    try:
        kind, element = link.next()
        if kind == "element" and element.is_a("result", DIALBACK):
            must(True, element.get("type") != "valid", "result %s" % element)
    except TimeoutError:
        raise Unexpected("nothing comes of it") from None


# ---- those that send too much


@case
def a_stanza_that_is_too_large_ends_the_stream(court):
    """RFC 6120 §13.12"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send_until_answered(b"<message from='juliet@%s' to='%s'><body>%s" % (
        fake.domain.encode(), romeo.jid.encode(), b"x" * 2000000))
    link.expect_stream_error("policy-violation", overrun=True)
    court.nothing_came(romeo)


@case
def an_element_before_the_proof_may_not_be_large(court):
    """RFC 6120 §13.12"""
    link = court.fake().connect()
    link.send_until_answered(b"<auth xmlns='%s' mechanism='EXTERNAL'>%s" % (names.SASL.encode(), b"A" * 200000))
    link.expect_stream_error("policy-violation", overrun=True)


@case
def what_is_no_xml_ends_the_stream(court):
    """RFC 6120 §4.9.3.13, §11.1"""
    for text, conditions in (("<message><body></message>", ("not-well-formed",)), ("<!-- x -->", ("restricted-xml",)),
                             ("<" * 10, ("not-well-formed",)), ("<x>" * 5000, ("policy-violation",))):
        link = court.fake().enter()
        link.send(text)
        link.expect_stream_error(*conditions)


@case
def connections_of_one_address_are_limited(court):
    """jackdaw.conf(5), connections-per-address; others come in"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    refused = 0
    for _ in range(MANY * 2):  # on two shards
        try:
            link = fake.begin()
            link.say_header()
        except (Reset, OSError):
            refused += 1
    time.sleep(0.5)
    for link in fake.links:
        try:
            events = [link.next(1), link.next(1)]
            refused += not events[1][1] or not events[1][1].is_a("features", names.STREAMS)
        except (Reset, TimeoutError):
            refused += 1
    must(True, refused > 0, "some of %d connections are refused" % (MANY * 2))
    link = other.enter()
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + other.domain)


@case(server=BY_DIALBACK)
def a_flood_of_keys_to_be_verified_is_bounded(court):
    """Each would be a question to somebody; others are served"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    link = fake.connect()
    try:
        for i in range(500):
            link.send("<db:result from='v%d.%s' to='%s'>key</db:result>" % (i, fake.domain, court.domain))
    except Reset:
        pass
    time.sleep(0.5)
    asked = {name for name, _ in court.site.zone.asked if name.endswith(fake.domain)}
    must(True, len(asked) < 400, "%d questions to DNS" % len(asked))
    link = other.enter_by_dialback()
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + other.domain)


@case(server=BY_DIALBACK)
def a_flood_of_keys_that_are_not_ours_confirms_none(court):
    """XEP-0220 §2.2"""
    fake = court.fake()
    link = fake.connect()
    link.send("".join("<db:verify from='%s' to='%s' id='%d'>k</db:verify>" % (fake.domain, court.domain, i) for i in range(1000)))
    for _ in range(1000):
        try:
            kind, element = link.next(5)
        except (TimeoutError, Reset):
            break
        if kind != "element" or element.ns == names.STREAMS:
            break
        must(False, element.get("type") == "valid", "a key is confirmed")
    court.fake().enter_by_dialback()


@case(server={"conf": SHORT + "s2s-queue-stanzas = 100\n"})
def what_waits_for_one_server_is_bounded(court):
    """jackdaw.conf(5), s2s-queue-stanzas: more, and senders get an error at once"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    for i in range(150):
        write(romeo, fake, str(i), "w%d" % i)
    link = fake.accept()  # and says nothing
    errors = 0
    while errors < 50:
        element = romeo.expect("element", "an error")
        must("error", element.get("type"), "what comes")
        errors += 1
    write(romeo, other, "hello")
    gets(other.receive(), "hello")
    link.close()


@case(server={"conf": SHORT + 's2s-bytes-per-second = "20 KiB"\n'})
def a_server_sends_no_faster_than_it_may(court):
    """jackdaw.conf(5), s2s-bytes-per-second: twice of it at once, then reading pauses"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    began = time.monotonic()
    for i in range(10):
        say(link, romeo, "%d %s" % (i, "x" * 10000))
    romeo.timeout = 20
    for i in range(10):
        romeo.until(lambda e, n=i: e.name == "message" and e.find("body").text.startswith("%d " % n))
    must(True, time.monotonic() - began > 2, "100 KB took %.1f s" % (time.monotonic() - began))


@case
def a_burst_of_messages_arrives_whole(court):
    """RFC 6120 §10.1"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send("".join("<message from='juliet@%s' to='%s' id='%d'><body>x</body></message>" % (fake.domain, romeo.jid, i)
                      for i in range(2000)))
    for i in range(2000):
        element = romeo.expect("element", "message %d" % i)
        while element.name != "message":
            element = romeo.expect("element", "message %d" % i)
        must(str(i), element.get("id"), "the next message")


@case
def a_reader_that_stops_reading_holds_up_nobody(court):
    """What is written to it is bounded"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    write(romeo, fake, "first")
    link = fake.receive()
    gets(link, "first")
    for i in range(60):
        write(romeo, fake, "x" * 60000, "big%d" % i)
    write(romeo, other, "hello")
    message = other.receive().expect_element("message", SERVER)
    must("hello", message.find("body").text, "the message")
