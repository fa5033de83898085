# One stream for both ways (XEP-0288).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from cases_proof import gets, say, write
from fake import BIDI, BIDI_FEATURE, EXTERNAL, SERVER
from wire import names
from wire.case import case
from wire.talk import must


@case
def an_answer_comes_on_the_same_stream_where_that_was_asked_for(court):
    """XEP-0288 §2.2"""
    fake, romeo = court.fake(), court.user()
    link = fake.connect()
    must(True, link.stream_features.find("bidi", BIDI_FEATURE) is not None, "it is offered in %s" % link.stream_features)
    link.send("<bidi xmlns='%s'/>" % BIDI)
    fake.prove(link)
    link.send("<iq type='get' id='p' from='%s' to='%s'><ping xmlns='%s'/></iq>" % (fake.domain, court.domain, names.PING))
    must("result", link.expect_element("iq", SERVER, id="p").get("type"), "the answer")
    write(romeo, fake, "hello")
    gets(link, "hello")
    fake.nobody_comes(0.3)


def agreed(court):
    """The stream that the server has opened, for both ways; a message came on it."""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "hello")
    link = fake.to_tls()
    link.greet(EXTERNAL, "<bidi xmlns='%s'/>" % BIDI_FEATURE)
    link.expect_element("bidi", BIDI)
    fake.take_external(link)
    gets(link, "hello")
    return fake, romeo, link


@case
def stanzas_are_taken_on_our_own_stream_where_both_agreed(court):
    """XEP-0288 §2.2"""
    fake, romeo, link = agreed(court)
    say(link, romeo, "and to you")
    court.came(romeo, "and to you", "juliet@" + fake.domain)


@case
def nothing_is_taken_on_our_own_stream_where_nobody_agreed(court):
    """RFC 6120 §4.1"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "hello")
    link = fake.receive()
    gets(link, "hello")
    say(link, romeo, "forged")
    must(False, link.is_open(5), "the stream is still open")
    court.nothing_came(romeo)


@case
def the_stream_for_both_ways_is_for_its_own_domains_alone(court):
    """XEP-0288 §2.4"""
    _, romeo, link = agreed(court)
    say(link, romeo, "forged", "juliet@other.example")
    link.expect_stream_error("invalid-from")
    court.nothing_came(romeo)


@case(server={"mode": "dialback"})
def who_carries_both_ways_may_prove_himself_once_more(court):
    """XEP-0220 §2.2: the question has a stream of its own"""
    fake, romeo = court.fake(), court.user()
    link = fake.connect(certificate=court.certificate(fake.domain))
    link.send("<bidi xmlns='%s'/>" % BIDI)
    fake.prove(link)
    write(romeo, fake, "hello")
    gets(link, "hello")
    other = fake.connect(certificate=court.certificate(fake.domain, self_signed=True))
    fake.dial_back(other)
    fake.vouch()
    fake.expect_result(other, "valid")
    write(romeo, fake, "still here")
    gets(link, "still here")
