# The header of a stream between servers, and what may pass on it (RFC 6120 §4, §8).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from cases_proof import BY_DIALBACK, ends, gets, returns, say, write
from fake import SERVER
from wire import names
from wire.case import add_case, case
from wire.client import Unexpected, check_error
from wire.talk import must

# ---- the header


@case
def a_host_that_is_not_served_is_unknown(court):
    """RFC 6120 §4.9.3.6"""
    link = court.fake().begin()
    link.say_header(to="elsewhere.example")
    link.expect_stream_error("host-unknown", header=True)


@case
def a_header_without_to_is_refused(court):
    """RFC 6120 §4.7.2, §4.9.3.7"""
    link = court.fake().begin()
    link.say_header(to="")
    link.expect_stream_error("improper-addressing", "host-unknown", header=True)


@case
def a_header_from_no_domain_is_refused(court):
    """RFC 6120 §4.7.1, §4.9.3.9"""
    for me in ("juliet@fake.example", "fake.example/x", "a b.example", "@"):
        link = court.fake().begin()
        link.say_header(me=me)
        link.expect_stream_error("improper-addressing", "invalid-from", header=True)


@case
def our_own_domain_does_not_come_from_elsewhere(court):
    """RFC 6120 §4.9.3.9: nobody but us is us"""
    fake = court.fake()
    link = fake.begin()
    link.say_header(me=court.domain)
    kind, _ = link.next()
    if kind == "open":
        kind, element = link.next()
        if kind == "element" and element.is_a("features", names.STREAMS):
            return  # it will have to prove it
    must(True, kind in ("element", "close", "eof", "reset"), "what comes of it")


@case
def clients_are_told_that_this_is_another_port(court):
    """RFC 6120 §4.9.3.10"""
    link = court.fake().begin()
    link.send("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
              " to='%s' version='1.0'>" % court.domain)
    link.expect_stream_error("invalid-namespace", header=True)


@case
def the_header_of_the_answer_bears_both_addresses_and_an_id(court):
    """RFC 6120 §4.7"""
    fake = court.fake()
    link = fake.begin()
    link.say_header()
    header = link.expect("open", "the server's header")
    must(court.domain, header.get("from"), "from")
    must(fake.domain, header.get("to"), "to")
    must("1.0", header.get("version"), "version")
    must(True, bool(header.get("id")), "it has an id")
    features = link.features()
    tls = features.find("starttls", names.TLS)
    must(True, tls is not None and tls.find("required") is not None, "TLS is required in %s" % features)


@case
def the_service_of_rooms_is_reached_as_a_domain_of_its_own(court):
    """XEP-0045"""
    fake = court.fake()
    link = fake.connect(to="conference." + court.domain)
    fake.prove(link)
    link.send("<iq type='get' id='d' from='juliet@%s/x' to='conference.%s'><query xmlns='%s'/></iq>" % (
        fake.domain, court.domain, names.DISCO_INFO))
    answer = fake.receive().expect_element("iq", SERVER, id="d")
    must("result", answer.get("type"), "the answer")


# ---- stanzas


def refuse(court, make, *conditions):
    """MAKE(fake, user) is a stanza for which the stream ends; nothing of it is delivered."""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send(make(fake, romeo))
    link.expect_stream_error(*conditions)
    court.nothing_came(romeo)


MESSAGE = "<message%s%s type='chat'><body>forged</body></message>"
FORGED = {
    "from another domain": (lambda f, r: MESSAGE % (" from='juliet@other.example'", " to='%s'" % r.jid), "invalid-from"),
    "from our own domain": (lambda f, r: MESSAGE % (" from='admin@%s'" % r.domain, " to='%s'" % r.jid), "invalid-from"),
    "from a user of the same server": (lambda f, r: MESSAGE % (" from='%s'" % r.jid, " to='%s'" % r.jid), "invalid-from"),
    "from a domain below": (lambda f, r: MESSAGE % (" from='a@sub.%s'" % f.domain, " to='%s'" % r.jid), "invalid-from"),
    "from a domain above": (lambda f, r: MESSAGE % (" from='a@example'", " to='%s'" % r.jid), "invalid-from"),
    "from a domain that ends alike": (lambda f, r: MESSAGE % (" from='a@x%s'" % f.domain, " to='%s'" % r.jid), "invalid-from"),
    "from the domain as a user": (lambda f, r: MESSAGE % (" from='%s@other.example'" % f.domain, " to='%s'" % r.jid),
                                  "invalid-from"),
    "from the domain as a resource": (lambda f, r: MESSAGE % (" from='other.example/%s'" % f.domain, " to='%s'" % r.jid),
                                      "invalid-from"),
    "from nobody": (lambda f, r: MESSAGE % ("", " to='%s'" % r.jid), "improper-addressing", "invalid-from"),
    "to nobody": (lambda f, r: MESSAGE % (" from='juliet@%s'" % f.domain, ""), "improper-addressing"),
    "to a host that is not served": (lambda f, r: MESSAGE % (" from='juliet@%s'" % f.domain, " to='r@elsewhere.example'"),
                                     "host-unknown", "improper-addressing"),
    "that is none": (lambda f, r: "<letter from='juliet@%s' to='%s'/>" % (f.domain, r.jid), "unsupported-stanza-type"),
    "of a client's namespace": (lambda f, r: "<message xmlns='jabber:client' from='juliet@%s' to='%s'><body>x</body>"
                                "</message>" % (f.domain, r.jid), "invalid-namespace", "unsupported-stanza-type"),
}
for _what, (_make, *_conditions) in FORGED.items():
    add_case(__name__, "a stanza %s ends the stream" % _what, "RFC 6120 §4.9.3.9, §8.1.1.2, §8.1.2.2",
             lambda court, m=_make, c=_conditions: refuse(court, m, *c))


@case
def a_stanza_from_no_address_is_dropped(court):
    """RFC 7622 §3; with XEP-0198 a stream that ended for it would bring it again and again"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send(MESSAGE % (" from='a@@b'", " to='%s'" % romeo.jid))
    link.send("<message from='juliet@%s' to='%s' type='chat'><body>true</body></message>" % (fake.domain, romeo.jid))
    court.came(romeo, "true", "juliet@%s" % fake.domain)
    court.nothing_came(romeo)


@case
def a_stanza_to_no_address_comes_back(court):
    """RFC 6120 §8.3.3.8"""
    fake = court.fake()
    link = fake.enter()
    link.send(MESSAGE % (" from='juliet@%s' id='m'" % fake.domain, " to='@'"))
    error = fake.receive().expect_element("message", SERVER, type="error", id="m").find("error", SERVER)
    must("jid-malformed", error.children[0].name, "the condition")


@case
def stanzas_before_the_proof_end_the_stream(court):
    """RFC 6120 §4.9.3.12"""
    fake, romeo = court.fake(), court.user()
    for link in (fake.begin(), fake.connect()):
        if not link.stream_features:
            link.say_header()
            link.expect("open", "the server's header")
            link.features()
        say(link, romeo, "too early")
        link.expect_stream_error("not-authorized", "policy-violation")
        court.nothing_came(romeo)


@case(server=BY_DIALBACK)
def another_domain_that_was_not_proven_may_not_send_on_the_stream(court):
    """XEP-0220 §2.5"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    link = fake.enter_by_dialback()
    say(link, romeo, "forged", "juliet@" + other.domain)
    link.expect_stream_error("invalid-from")
    court.nothing_came(romeo)


@case(server=BY_DIALBACK)
def another_domain_whose_proof_failed_may_not_send_on_the_stream(court):
    """XEP-0220 §2.5: identity does not change midway"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    link = fake.enter_by_dialback()
    link.send("<db:result from='%s' to='%s'>forged</db:result>" % (other.domain, court.domain))
    other.vouch(keys={})
    kind, element = link.next()
    if kind == "element" and element.ns != names.STREAMS:
        must(True, element.get("type") in ("invalid", "error"), "result %s" % element)
        say(link, romeo, "forged", "juliet@" + other.domain)
        link.expect_stream_error("invalid-from")
    court.nothing_came(romeo)


@case
def a_second_proof_of_another_domain_is_refused(court):
    """RFC 6120 §6.4.6: SASL is done once"""
    fake, other, romeo = court.fake(), court.fake(), court.user()
    link = fake.enter()
    fake.ask_external(link, other.domain.encode())
    say(link, romeo, "forged", "juliet@" + other.domain)
    ends(link)
    court.nothing_came(romeo)


@case
def answers_go_out_on_our_own_stream(court):
    """RFC 6120 §4.1: one direction each, without XEP-0288"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send("<iq type='get' id='p' from='%s' to='%s'><ping xmlns='%s'/></iq>" % (fake.domain, court.domain, names.PING))
    answer = fake.receive().expect_element("iq", SERVER, id="p")
    must(("result", court.domain, fake.domain), (answer.get("type"), answer.get("from"), answer.get("to")), "the answer")
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


@case
def errors_are_not_answered(court):
    """RFC 6120 §8.3.1"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send("<message type='error' from='juliet@%s' to='nobody@%s'><error type='cancel'><item-not-found xmlns='%s'/></error>"
              "</message><iq type='result' id='r' from='juliet@%s' to='nobody@%s'/>" % (
                  fake.domain, court.domain, names.STANZA_ERRORS, fake.domain, court.domain))
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)
    fake.nobody_comes(0.5)


@case
def what_cannot_be_delivered_comes_back_to_the_other_server(court):
    """RFC 6121 §8.1"""
    fake = court.fake()
    link = fake.enter()
    link.send("<message from='juliet@%s/x' to='nobody@%s' id='b' type='chat'><body>x</body></message>" % (
        fake.domain, court.domain))
    message = fake.receive().expect_element("message", SERVER, id="b", type="error")
    must(("nobody@" + court.domain, "juliet@%s/x" % fake.domain), (message.get("from"), message.get("to")), "addresses")


@case
def a_stanza_goes_out_in_the_namespace_of_servers_with_both_addresses(court):
    """RFC 6120 §4.8.3, §8.1.1.2"""
    fake, romeo = court.fake(), court.user()
    romeo.send("<message to='juliet@%s' xml:lang='fr' id='n'><body>salut</body><x xmlns='urn:x'><y/></x></message>" % fake.domain)
    message = fake.receive().expect_element("message", SERVER, id="n")
    must(romeo.jid, message.get("from"), "from")
    must("juliet@" + fake.domain, message.get("to"), "to")
    must("fr", message.get("xml:lang"), "language")
    must("salut", message.find("body").text, "body")
    must(True, message.find("x", "urn:x").find("y", "urn:x") is not None, "the extension in %s" % message)


@case
def two_users_share_a_stream_and_messages_stay_in_order(court):
    """RFC 6120 §10.1"""
    fake, romeo, mercutio = court.fake(), court.user(), court.user()
    for i in range(100):
        for user in (romeo, mercutio):
            user.send("<message to='juliet@%s' id='%d'><body>x</body></message>" % (fake.domain, i))
    link = fake.receive()
    next_of = {romeo.jid: 0, mercutio.jid: 0}
    for _ in range(200):
        message = link.expect_element("message", SERVER)
        must(str(next_of[message.get("from")]), message.get("id"), "the next message of %s" % message.get("from"))
        next_of[message.get("from")] += 1
    fake.nobody_comes(0.2)


def gets_at_last(link, before, body):
    """BEFORE may come again: without stream management nobody knows whether it had arrived."""
    found = link.expect_element("message", SERVER).find("body").text
    if found == before:
        found = link.expect_element("message", SERVER).find("body").text
    must(body, found, "the message")


@case
def a_stream_that_ended_is_opened_anew_for_the_next_message(court):
    """RFC 6120 §4.4"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "one")
    link = fake.receive()
    gets(link, "one")
    link.send("</stream:stream>")
    link.expect("close", "the end of its stream as well")
    link.close()
    write(romeo, fake, "two")
    gets_at_last(fake.receive(), "one", "two")


@case
def a_stream_error_of_theirs_is_no_end_for_messages(court):
    """RFC 6120 §4.9.1: the message that comes next opens a stream again"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "one")
    link = fake.receive()
    gets(link, "one")
    link.send("<stream:error><system-shutdown xmlns='%s'/></stream:error></stream:stream>" % names.STREAM_ERRORS)
    link.close()
    write(romeo, fake, "two")
    gets_at_last(fake.receive(), "one", "two")


@case
def a_subscription_from_elsewhere_asks_and_presence_follows(court):
    """RFC 6121 §3.1"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    me = romeo.jid.partition("/")[0]
    link.send("<presence type='subscribe' from='juliet@%s' to='%s'/>" % (fake.domain, me))
    romeo.until(lambda e: e.is_a("presence", names.CLIENT) and e.get("type") == "subscribe")
    romeo.send("<presence type='subscribed' to='juliet@%s'/>" % fake.domain)
    theirs = fake.receive()
    kinds = []
    for _ in range(2):
        presence = theirs.expect_element("presence", SERVER)
        kinds.append((presence.get("type"), presence.get("from"), presence.get("to")))
    must([("subscribed", me, "juliet@" + fake.domain), (None, romeo.jid, "juliet@" + fake.domain)], kinds, "presence")


@case
def no_stranger_gets_presence_by_a_probe(court):
    """RFC 6121 §4.3.2.1"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send("<presence type='probe' from='juliet@%s' to='%s'/>" % (fake.domain, romeo.jid.partition("/")[0]))
    say(link, romeo, "through")
    court.came(romeo, "through", "juliet@" + fake.domain)
    try:
        theirs = fake.receive(link=fake.accept(0.5))
    except Unexpected:
        return
    presence = theirs.expect_element("presence", SERVER)
    must("unsubscribed", presence.get("type"), "what a stranger is told")


@case
def an_unknown_request_to_an_account_is_answered_for_it(court):
    """RFC 6121 §8.5.2.1.3"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter()
    link.send("<iq type='get' id='q' from='juliet@%s' to='%s'><q xmlns='urn:example:q'/></iq>" % (
        fake.domain, romeo.jid.partition("/")[0]))
    answer = fake.receive().expect_element("iq", SERVER, id="q", type="error")
    found = [c.name for c in answer.find("error", SERVER).children]
    must(["service-unavailable"], found[:1], "the error")


@case
def what_is_for_a_domain_that_cannot_be_is_refused_at_once(court):
    """RFC 6120 §8.3.3.8, §8.3.3.16"""
    romeo = court.user()
    romeo.send("<message to='juliet@[1::2::3]' id='bad'><body>x</body></message>")
    check_error(romeo.expect("element", "an error"), ("jid-malformed", "remote-server-not-found"))


@case
def nobody_is_there_for_an_unknown_domain(court):
    """RFC 6120 §8.3.3.16"""
    romeo = court.user()
    romeo.send("<message to='juliet@nowhere.example' id='w'><body>x</body></message>")
    must("remote-server-not-found", returns(romeo), "the error")
