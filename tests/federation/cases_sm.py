# Stream management between servers (XEP-0198): what is acknowledged arrives once, whatever happens to connections and to Jackdaw.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from cases_proof import gets, say, write
from fake import SERVER
from wire import names, sm
from wire.case import case
from wire.client import Unexpected
from wire.names import Reset
from wire.sm import SM
from wire.talk import must

PATIENT = {"conf": 's2s-wait = "60 s"\n'}
BACK_SECONDS = 40  # Jackdaw tries again after a while


def numbers(link, first, last):
    """The messages of these numbers come, in order."""
    for i in range(first, last):
        gets(link, str(i))


def come_back(fake):
    """Its next connection, as far as <resume/> or <enable/>."""
    return fake.receive(sm=True, link=fake.accept(BACK_SECONDS))


def talk(court, n):
    """N messages of a user to the fake, whose stream is managed."""
    fake, romeo = court.fake(), court.user()
    for i in range(n):
        write(romeo, fake, str(i))
    link = fake.receive(sm=True)
    link.acks = False
    return fake, romeo, fake.expect_enable(link, "previous-" + fake.domain)


def forget(link, old, h=""):
    """The stream OLD is to be resumed, and is not known any more."""
    link.expect_element("resume", SM, previd=old.id)
    link.send("<failed xmlns='%s'%s><item-not-found xmlns='%s'/></failed>" % (SM, h, names.STANZA_ERRORS))


def restart(court):
    court.server.kill()
    court.server.start()


# ---- Jackdaw sends


@case
def a_managed_stream_asks_for_acknowledgements(court):
    """XEP-0198 §4"""
    fake, romeo, link = talk(court, 3)
    link.acks = True
    numbers(link, 0, 3)
    for i in range(3, 40):
        write(romeo, fake, str(i))
    numbers(link, 3, 40)
    while not link.requests:
        link.next()


@case(server=PATIENT)
def what_was_not_acknowledged_is_sent_again_in_order(court):
    """XEP-0198 §5: the stream goes on at the other side's h"""
    fake, romeo, link = talk(court, 20)
    numbers(link, 0, 12)
    link.ack(5)
    link.cut()
    again = come_back(fake)
    fake.expect_resume(again, link, 12)
    for i in range(20, 25):
        write(romeo, fake, str(i))
    numbers(again, 12, 25)
    must(True, again.is_open(0.3), "nothing else comes, and it lasts")


@case(server=PATIENT)
def a_stream_that_breaks_again_and_again_loses_nothing(court):
    """XEP-0198 §5"""
    fake, _, link = talk(court, 30)
    seen = 0
    for seen_next in (7, 8, 19, 30):
        numbers(link, seen, seen_next)
        seen = seen_next
        link.cut()
        again = come_back(fake)
        fake.expect_resume(again, link, seen)
        again.acks, link = False, again
    must(True, link.is_open(0.3), "nothing else comes, and it lasts")


@case(server=PATIENT)
def a_stream_that_cannot_be_resumed_sends_what_was_not_acknowledged_once_more(court):
    """XEP-0198 §5: <failed/>, with and without h"""
    for known in (True, False):
        fake, _, link = talk(court, 10)
        numbers(link, 0, 6)
        link.ack(4)
        link.cut()
        again = come_back(fake)
        forget(again, link, " h='6'" if known else "")
        fake.expect_enable(again, "another")
        numbers(again, 6 if known else 4, 10)


@case(own_server=True, server=PATIENT)
def a_killed_jackdaw_resumes_its_streams_to_others(court):
    """XEP-0198 §5: each message arrives once, in order"""
    fake, romeo, link = talk(court, 20)
    numbers(link, 0, 12)
    link.ack(5)
    restart(court)
    again = come_back(fake)
    fake.expect_resume(again, link, 12)
    numbers(again, 12, 20)
    must(True, again.is_open(0.3), "nothing else comes, and it lasts")


@case(own_server=True, server=PATIENT)
def a_stopped_jackdaw_resumes_its_streams_to_others(court):
    """XEP-0198 §5"""
    fake, romeo, link = talk(court, 20)
    numbers(link, 0, 12)
    link.ack(5)
    must([], court.server.stop(), "complaints")
    court.server.start()
    again = come_back(fake)
    fake.expect_resume(again, link, 12)
    numbers(again, 12, 20)


def hear(court, fake, romeo):
    """What Jackdaw says on a stream that cannot be resumed, of which five are acknowledged, and is killed."""
    for i in range(10):
        write(romeo, fake, str(i))
    link = fake.receive(sm=True, link=fake.accept(BACK_SECONDS))
    link.acks = False
    fake.expect_enable(link, "", resume=False)
    numbers(link, 0, 10)
    link.ack(5)
    romeo.acknowledged()  # what was said before has arrived
    restart(court)


@case(own_server=True, server=PATIENT)
def what_a_server_that_cannot_resume_did_not_acknowledge_outlives_a_kill(court):
    """XEP-0198 §4: it is sent again, as nobody knows whether it came"""
    fake, romeo = court.fake(), sm.enable(court.world)
    hear(court, fake, romeo)
    again = come_back(fake)
    fake.expect_enable(again, "", resume=False)
    first = int(again.expect_element("message", SERVER).find("body").text)
    must(True, first <= 5, "the first of them, %d" % first)
    numbers(again, first + 1, 10)


@case(own_server=True, server=PATIENT)
def what_a_server_that_has_forgotten_the_stream_lacks_outlives_a_kill(court):
    """XEP-0198 §5: <failed/>, and Jackdaw dies before the next stream is managed"""
    fake, _, link = talk(court, 10)
    numbers(link, 0, 6)
    link.ack(4)
    link.cut()
    again = come_back(fake)
    forget(again, link)
    again.expect_element("enable", SM)
    court.user()  # has made an account: what was written before is on disk
    restart(court)
    last = come_back(fake)
    fake.expect_enable(last, "another")
    numbers(last, 4, 10)


@case(own_server=True, server=PATIENT)
def messages_that_wait_outlive_a_kill(court):
    """What a client's message was acknowledged for is on disk, though its server was not reached"""
    fake = court.fake()
    fake.listener.close()
    romeo = sm.enable(court.world)
    for i in range(20):
        write(romeo, fake, str(i))
    must(True, romeo.acknowledged() >= 20, "they are acknowledged")
    restart(court)
    back = court.fake(domain=fake.domain, certificate=fake.certificate)
    numbers(back.receive(link=back.accept(BACK_SECONDS)), 0, 20)


@case(server=PATIENT)
def a_client_is_told_only_of_what_is_stored_for_the_other_server(court):
    """doc/durability.md: the other server's silence holds nobody up"""
    fake = court.fake()
    romeo = sm.enable(court.world)
    before = romeo.acknowledged()
    for i in range(5):
        write(romeo, fake, str(i))
    must(before + 5, romeo.acknowledged(), "acknowledged")
    numbers(fake.receive(link=fake.accept(BACK_SECONDS)), 0, 5)


@case
def an_acknowledgement_of_what_was_not_sent_ends_the_stream(court):
    """XEP-0198 §4: handled-count-too-high"""
    _, _, link = talk(court, 2)
    numbers(link, 0, 2)
    link.ack(7)
    error = link.expect("element", "a stream error")
    must(True, error.is_a("error", names.STREAMS) and error.find("undefined-condition", names.STREAM_ERRORS) is not None and
         error.find("handled-count-too-high", SM) is not None, "the error %s" % error)


@case
def a_server_that_cannot_resume_is_managed_all_the_same(court):
    """XEP-0198 §3: <enabled/> without resume"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "0")
    link = fake.receive(sm=True)
    fake.expect_enable(link, "", resume=False)
    numbers(link, 0, 1)


@case
def a_server_that_refuses_management_gets_messages_without(court):
    """XEP-0198 §3: <failed/>"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "0")
    link = fake.receive(sm=True)
    link.expect_element("enable", SM)
    link.send("<failed xmlns='%s'><unexpected-request xmlns='%s'/></failed>" % (SM, names.STANZA_ERRORS))
    numbers(link, 0, 1)


@case(server=PATIENT)
def without_management_the_next_message_finds_a_new_stream(court):
    """RFC 6120 §4.4"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "0")
    link = fake.receive()
    numbers(link, 0, 1)
    link.cut()
    write(romeo, fake, "1")
    link = fake.receive(link=fake.accept(BACK_SECONDS))
    while True:
        body = link.expect_element("message", SERVER).find("body").text
        if body == "1":
            return
        must("0", body, "only what may have been lost comes again")


# ---- Jackdaw receives


def send_numbers(link, account_jid, first, last):
    for i in range(first, last):
        link.send("<message from='juliet@%s' to='%s' id='%d' type='chat'><body>%d</body></message>" % (
            link.fake.domain, account_jid, i, i))


def inbox(court, account):
    """The ids of what waits for the account."""
    client = court.world.connect(account)
    client.send("<presence/>")
    got = [e.get("id") for e in client.fence() if e.name == "message"]
    return got


def managed(court):
    fake = court.fake()
    link = fake.enter()
    fake.enable(link)
    return fake, link


def resumed(fake, old):
    link = fake.prove(fake.connect())
    return link, fake.resume(link, old)


@case
def stanzas_of_each_kind_are_counted(court):
    """XEP-0198 §4"""
    fake, link = managed(court)
    romeo = court.user()
    must(0, link.acknowledged(), "h at the beginning")
    say(link, romeo, "one")
    link.send("<presence from='juliet@%s/x' to='%s'/><iq type='result' id='r' from='%s' to='%s'/>" % (
        fake.domain, romeo.jid, fake.domain, court.domain))
    must(3, link.acknowledged(), "h")
    court.came(romeo, "one", "juliet@" + fake.domain)


@case
def management_is_offered_once_the_stream_is_authenticated(court):
    """XEP-0198 §2"""
    link = court.fake().enter()
    must(True, link.stream_features.find("sm", SM) is not None, "the feature in %s" % link.stream_features)


@case
def a_resumed_stream_goes_on_where_it_broke(court):
    """XEP-0198 §5: each message arrives once"""
    fake, link = managed(court)
    account = court.world.account()
    send_numbers(link, account.jid, 0, 12)
    must(12, link.acknowledged(), "h")
    send_numbers(link, account.jid, 12, 20)
    link.cut()
    again, h = resumed(fake, link)
    must(True, 12 <= h <= 20, "h %d" % h)
    send_numbers(again, account.jid, h, 25)
    must(25, again.acknowledged(), "h")
    must([str(i) for i in range(25)], inbox(court, account), "messages")


@case
def a_stream_is_resumed_though_the_old_connection_is_still_open(court):
    """XEP-0198 §5"""
    fake, link = managed(court)
    account = court.world.account()
    send_numbers(link, account.jid, 0, 3)
    must(3, link.acknowledged(), "h")
    again, h = resumed(fake, link)
    must(3, h, "h")
    send_numbers(again, account.jid, 3, 5)
    must(5, again.acknowledged(), "h")
    must([str(i) for i in range(5)], inbox(court, account), "messages")
    link.expect_gone()


@case(own_server=True)
def a_killed_jackdaw_knows_the_streams_of_others(court):
    """XEP-0198 §5: h covers what is on disk, and each message arrives once"""
    fake, link = managed(court)
    account = court.world.account()
    send_numbers(link, account.jid, 0, 12)
    must(12, link.acknowledged(), "h")
    send_numbers(link, account.jid, 12, 40)
    restart(court)
    again, h = resumed(fake, link)
    must(True, 12 <= h <= 40, "h %d" % h)
    send_numbers(again, account.jid, h, 45)
    must(45, again.acknowledged(), "h")
    must([str(i) for i in range(45)], inbox(court, account), "messages")


@case(own_server=True)
def a_stopped_jackdaw_knows_the_streams_of_others(court):
    """XEP-0198 §5"""
    fake, link = managed(court)
    account = court.world.account()
    send_numbers(link, account.jid, 0, 12)
    must(12, link.acknowledged(), "h")
    must([], court.server.stop(), "complaints")
    court.server.start()
    again, h = resumed(fake, link)
    must(12, h, "h")
    send_numbers(again, account.jid, 12, 20)
    must(20, again.acknowledged(), "h")
    must([str(i) for i in range(20)], inbox(court, account), "messages")


@case
def nobody_resumes_the_stream_of_another_domain(court):
    """XEP-0198 §5: item-not-found, as if it did not exist"""
    fake, link = managed(court)
    thief = court.fake()
    other = thief.enter()
    other.send("<resume xmlns='%s' previd='%s' h='0'/>" % (SM, link.id))
    failed = other.expect_element("failed", SM)
    must(["item-not-found"], [c.name for c in failed.children if c.ns == names.STANZA_ERRORS], "why")
    say(link, court.user(), "still here")
    must(1, link.acknowledged(), "h of the stream itself")


@case
def a_stream_that_nobody_knows_is_not_resumed(court):
    """XEP-0198 §5"""
    fake = court.fake()
    link = fake.enter()
    for previd in ("", "x", "x" * 3000):
        link.send("<resume xmlns='%s' previd='%s' h='0'/>" % (SM, previd))
        link.expect_element("failed", SM)
    fake.enable(link)


@case
def a_stream_that_was_closed_in_order_is_over(court):
    """XEP-0198 §5"""
    fake, link = managed(court)
    link.send("</stream:stream>")
    link.expect("close", "the end of its stream as well")
    again = fake.prove(fake.connect())
    again.send("<resume xmlns='%s' previd='%s' h='0'/>" % (SM, link.id))
    again.expect_element("failed", SM)


@case
def nothing_is_managed_before_the_proof(court):
    """XEP-0198 §3"""
    fake = court.fake()
    link = fake.connect()
    link.send("<enable xmlns='%s' resume='true'/>" % SM)
    try:
        kind, element = link.next()
    except (TimeoutError, Reset):
        return
    if kind == "element" and element.is_a("enabled", SM):
        raise Unexpected("it is: %s" % element)


@case
def a_request_is_said_again_on_the_stream_that_goes_on(court):
    """XEP-0198 §5: nobody hears of an error when the next attempt succeeds"""
    fake, romeo = court.fake(), court.user()
    romeo.send("<iq type='get' id='q' to='juliet@%s/x'><query xmlns='jabber:iq:version'/></iq>" % fake.domain)
    link = fake.receive(sm=True)
    fake.expect_enable(link, "before")
    link.acks = False
    link.expect_element("iq", SERVER, id="q")
    link.cut()
    again = fake.receive(sm=True)
    fake.expect_resume(again, link, 0)
    again.expect_element("iq", SERVER, id="q")
    must([], [e for e in romeo.fence() if e.get("type") == "error"], "errors")


@case(server={"conf": 'out-size = "64 KiB"\n'})
def what_waited_goes_out_though_it_is_more_than_a_socket_may_have_waiting(court):
    """jackdaw.conf(5): s2s-queue-size is a bound of its own"""
    fake, romeo = court.fake(), court.user()
    for i in range(40):
        write(romeo, fake, "x" * 8000)
    link = fake.receive(sm=True)
    fake.expect_enable(link, "whole")
    for i in range(40):
        gets(link, "x" * 8000)
    must(True, link.is_open(0.3), "the stream lasts")
