# The end of a managed session (XEP-0198 §4): what its client did not acknowledge goes where it would have gone without it.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error
from wire.sm import SM, Managed, authenticate, enable, resume
from wire.talk import chat, must

SOON = 1.0  # seconds, as resume-time below
NOTICED = 0.4  # until the server has surely noticed that a connection is gone


def messages(client):
    return [e for e in client.fence() if e.name == "message"]


def stored(world, account):
    """What a new session gets that comes after all."""
    client = world.connect(account)
    client.send("<presence/>")
    return messages(client)


def ids(elements):
    return [e.get("id") for e in elements]


def _soon(text, _folder):
    return "resume-time = 1s\n" + text


# ---- time is up


@case(own_server=True, server={"edit": _soon})
def what_was_not_acknowledged_is_sent_on_when_time_is_up(world):
    """XEP-0198 §4, RFC 6121 §8.5.3.2, XEP-0203: stored for the account, back to the sender, or dropped, by its type"""
    alice, bob = world.online(), enable(world)
    chat(alice, bob.jid, "read")
    bob.expect_element("message", id="read")
    bob.ack()
    bob.acknowledged()
    bob.cut()
    before = time.time()
    bare = bob.account.jid
    chat(alice, bare, "bare-chat")
    chat(alice, bob.jid, "full-chat")
    chat(alice, bare, "bare-normal", "normal")
    chat(alice, bob.jid, "full-normal", "normal")
    chat(alice, bare, "bare-headline", "headline")
    chat(alice, bob.jid, "full-headline", "headline")
    chat(alice, bob.jid, "error", "error")
    alice.send("<iq type='get' id='iq' to='%s'><ping xmlns='%s'/></iq>" % (bob.jid, names.PING))
    alice.send("<iq type='result' id='result' to='%s'/>" % bob.jid)
    alice.send("<presence to='%s' id='presence'/>" % bob.jid)
    back = sorted(alice.expect("element", "an error").get("id") for _ in range(2))
    must(["full-normal", "iq"], back, "errors to the sender")
    must([], alice.fence(), "more errors to the sender")
    kept = stored(world, bob.account)
    must(["bare-chat", "full-chat", "bare-normal"], ids(kept), "stored messages")
    for m in kept:
        delays = m.all("delay", names.DELAY)
        if not delays:
            raise Unexpected("no delay: %s" % m)
        stamp = time.mktime(time.strptime(delays[0].get("stamp")[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        if not before - 2 < stamp < before + SOON:
            raise Unexpected("the delay is not that of the first delivery: %s" % m)


@case(own_server=True, server={"edit": _soon})
def the_errors_are_as_from_one_who_is_not_there(world):
    """RFC 6120 §10.5.4, RFC 6121 §8.5.3.2.1, §8.5.3.2.3"""
    alice, bob = world.online(), enable(world)
    bob.cut()
    chat(alice, bob.jid, "n", "normal")
    alice.send("<iq type='set' id='q' to='%s'><x xmlns='urn:x'/></iq>" % bob.jid)
    back = sorted(alice.expect_error("service-unavailable", "cancel", from_=bob.jid).get("id") for _ in range(2))
    must(["n", "q"], back, "errors")


@case(own_server=True, server={"edit": _soon})
def another_session_gets_what_was_for_the_account(world):
    """RFC 6121 §8.5.2.1.1"""
    alice, bob = world.online(), enable(world, resource="first")
    bob.cut()
    chat(alice, bob.account.jid, "bare")
    chat(alice, bob.jid, "full")
    alice.fence()
    other = world.online(bob.account, "other")
    got = []
    while len(got) < 2:
        element = other.expect("element", "what was for the other session")
        got += [element] if element.name == "message" else []
    must(["bare", "full"], ids(got), "messages")
    must([1, 1], [len(m.all("delay", names.DELAY)) for m in got], "delays")
    must([], alice.fence(), "errors to the sender")


@case(own_server=True, server={"edit": _soon})
def what_two_sessions_had_and_neither_acknowledged_is_not_lost(world):
    """XEP-0198 §4"""
    alice, account = world.online(), world.account()
    one, two = enable(world, account, "one"), enable(world, account, "two")
    one.cut()
    two.cut()
    chat(alice, account.jid, "m")
    alice.fence()
    time.sleep(2 * SOON)
    must(["m"], ids(stored(world, account)), "messages")


@case(own_server=True, server={"edit": _soon})
def what_the_server_itself_had_to_say_is_forgotten(world):
    """RFC 6121 §2.1.6, XEP-0280: roster pushes and carbons are of one session"""
    alice, account = world.online(), world.account()
    bob = enable(world, account, "desk")
    bob.ask("<query xmlns='jabber:iq:roster'/>")
    bob.ask("<enable xmlns='%s'/>" % names.CARBONS, "set")
    bob.ack()
    bob.acknowledged()
    phone = world.online(account, "phone", priority=-1)
    bob.cut()
    phone.send("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@example.org'/></query></iq>")
    chat(alice, phone.jid, "copied")
    chat(phone, alice.jid, "sent")
    alice.until(lambda e: e.get("id") == "sent")
    phone.until(lambda e: e.get("type") == "unavailable")
    must([], messages(phone), "more messages")
    must([], stored(world, account), "stored messages")


@case(own_server=True, server={"edit": _soon})
def contacts_learn_of_it_when_time_is_up_and_not_before(world):
    """XEP-0198 §7: the server says unavailable on the client's behalf"""
    alice, bob = world.online(), enable(world)
    alice.send("<presence to='%s'/>" % bob.jid)
    bob.send("<presence to='%s' id='here'/>" % alice.jid)
    alice.until(lambda e: e.name == "presence" and e.get("id") == "here")
    start = time.monotonic()
    bob.cut()
    p = alice.expect_element("presence", type="unavailable")
    must(bob.jid, p.get("from"), "from")
    if time.monotonic() - start < 0.9 * SOON:
        raise Unexpected("at once, after %.2f s" % (time.monotonic() - start))


@case(own_server=True, server={"edit": _soon})
def a_session_whose_time_is_up_is_known_to_have_been(world):
    """XEP-0198 §5: item-not-found, with how far it came"""
    bob = enable(world)
    for _ in range(4):
        bob.send("<presence/>")
    must(4, bob.acknowledged(), "h")
    bob.cut()
    time.sleep(2 * SOON)
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, bob.received)
    client.expect_failed("item-not-found", 4)
    must([], world.server.stop(), "complaints")
    world.server.start()
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, bob.received)
    client.expect_failed("item-not-found", 4)
    client.bind()


@case
def a_session_waits_no_longer_than_its_client_wants(world):
    """XEP-0198 §3: max"""
    bob = enable(world, attrs=" max='1'")
    bob.cut()
    time.sleep(2.5)
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, 0)
    client.expect_failed("item-not-found", 0)


@case
def what_was_not_acknowledged_at_the_end_of_the_stream_is_sent_on(world):
    """XEP-0198 §4, §7: closed or cut, with resumption or without"""
    for resumable, close in ((True, True), (False, True), (False, False)):
        alice, bob = world.online(), enable(world, resume=resumable)
        chat(alice, bob.jid, "read")
        bob.expect_element("message", id="read")
        bob.ack()
        chat(alice, bob.jid, "unread")
        bob.expect_element("message", id="unread")
        if close:
            bob.send("</stream:stream>")
            bob.expect_end()
        else:
            bob.cut()
        time.sleep(NOTICED)
        must(["unread"], ids(stored(world, bob.account)), "messages")


# ---- too much waits


def _little(text, _folder):
    return "resume-stanzas = 10\nresume-size = \"16 KiB\"\n" + text


def _expect_ended(world, bob):
    time.sleep(NOTICED)
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, bob.received)
    client.expect_element("failed", SM)


@case(own_server=True, server={"edit": _little})
def a_queue_of_too_many_stanzas_ends_its_session_and_is_stored(world):
    """doc/jackdaw.conf.5: resume-stanzas"""
    alice, bob = world.online(), enable(world)
    for i in range(10):
        chat(alice, bob.jid, "m%d" % i)
    alice.fence()
    bob.cut()
    bob = resume(world, bob, 0)
    for i in range(10):
        bob.expect_element("message", id="m%d" % i)
    bob.cut()
    time.sleep(NOTICED)
    for i in range(10, 13):
        chat(alice, bob.jid, "m%d" % i)
    alice.fence()
    _expect_ended(world, bob)
    must(["m%d" % i for i in range(13)], ids(stored(world, bob.account)), "messages")


@case(own_server=True, server={"edit": _little})
def a_queue_of_too_many_bytes_ends_its_session_and_is_stored(world):
    """doc/jackdaw.conf.5: resume-size"""
    alice, bob = world.online(), enable(world)
    bob.cut()
    time.sleep(NOTICED)
    for i in range(5):
        alice.send("<message to='%s' id='m%d' type='chat'><body>%s</body></message>" % (bob.jid, i, "x" * 5000))
    alice.fence()
    _expect_ended(world, bob)
    must(["m%d" % i for i in range(5)], ids(stored(world, bob.account)), "messages")


@case(own_server=True, server={"edit": _little})
def a_connected_client_that_acknowledges_nothing_is_bounded_too(world):
    """doc/jackdaw.conf.5: resume-stanzas"""
    alice, bob = world.online(), enable(world)
    n = 60
    for i in range(n):
        chat(alice, bob.jid, "m%d" % i)
    alice.fence()
    bob.expect_gone()
    time.sleep(NOTICED)
    chat(alice, bob.jid, "m%d" % n)
    alice.fence()
    _expect_ended(world, bob)
    must(["m%d" % i for i in range(n + 1)], ids(stored(world, bob.account)), "messages")


@case(own_server=True, server={"edit": _little})
def a_client_that_acknowledges_is_never_too_far_behind(world):
    """doc/jackdaw.conf.5: resume-stanzas"""
    alice, bob = world.online(), enable(world)
    for i in range(200):
        chat(alice, bob.jid, "m%d" % i)
        bob.expect_element("message", id="m%d" % i)
        bob.ack()
    bob.fence()


# ---- binding beside those that wait


def _few(text, _folder):
    return "sessions-per-account = 3\n" + text


@case(own_server=True, server={"edit": _few})
def who_waits_longest_makes_room(world):
    """RFC 6120 §7.6.2.1: only those who are there are too many"""
    account = world.account()
    first, second = enable(world, account, "first"), enable(world, account, "second")
    third = world.connect(account, "third")
    first.cut()
    time.sleep(NOTICED)
    second.cut()
    time.sleep(NOTICED)
    fourth = world.connect(account, "fourth")
    back = authenticate(world, account)
    back.ask_to_resume(first.id, 0)
    back.expect_failed("item-not-found", 0)
    second = resume(world, second)
    check_error(back.ask("<bind xmlns='%s'/>" % names.BIND, "set"), "resource-constraint")
    for client in (second, third, fourth):
        client.fence()


@case
def a_new_session_takes_the_resource_of_one_that_waits_and_what_it_missed(world):
    """RFC 6120 §7.7.2.2: replace"""
    alice, bob = world.online(), enable(world, resource="phone")
    bob.cut()
    chat(alice, bob.jid, "m")
    alice.fence()
    new = authenticate(world, bob.account)
    new.bind("phone")
    must(bob.jid, new.jid, "address")
    new.send("<presence/>")
    new.until(lambda e: e.get("id") == "m")
    must([], messages(new), "more messages")
    old = authenticate(world, bob.account)
    old.ask_to_resume(bob.id, 0)
    old.expect_failed("item-not-found", 0)
    new.fence()


def _refuse(text, _folder):
    return text.replace("\tcertificate =", "\tconflict = refuse\n\tcertificate =", 1)


@case(own_server=True, server={"edit": _refuse})
def one_that_waits_does_not_keep_its_resource_from_the_client_that_comes_back(world):
    """RFC 6120 §7.7.2.2: refuse protects a client that is there"""
    bob = enable(world, resource="phone")
    check_error(authenticate(world, bob.account).ask(
        "<bind xmlns='%s'><resource>phone</resource></bind>" % names.BIND, "set"), "conflict")
    bob.cut()
    time.sleep(NOTICED)
    must(bob.jid, authenticate(world, bob.account).bind("phone"), "address")


# ---- the account goes


@case
def the_account_of_a_session_that_waits_may_be_removed(world):
    """XEP-0077 §3.2: the session goes with it, and is nobody's who takes the name"""
    alice, bob = world.online(), enable(world)
    bob.cut()
    chat(alice, bob.jid, "m")
    alice.fence()
    remover = world.connect(bob.account)
    remover.send("<iq type='set' id='bye'><query xmlns='%s'><remove/></query></iq>" % names.REGISTER)
    remover.expect_element("iq", id="bye", type="result")
    remover.expect_gone()
    check_error(alice.expect_element("message", id="m"), "service-unavailable")
    account = world.account(user=bob.account.user, password="another")
    client = authenticate(world, account)
    client.ask_to_resume(bob.id, 0)
    client.expect_failed("item-not-found")
    client.bind()
    client.available()
    must([], messages(client), "messages for the next owner of the name")


@case
def a_managed_client_may_remove_its_account(world):
    """XEP-0077 §3.2"""
    alice, bob = world.online(), enable(world)
    bob.send("<iq type='set' id='bye'><query xmlns='%s'><remove/></query></iq>" % names.REGISTER)
    bob.expect_element("iq", id="bye", type="result")
    bob.expect_stream_error("not-authorized")
    chat(alice, bob.jid, "m")
    check_error(alice.expect_element("message", id="m"), "service-unavailable")


# ---- who has no account


def _anonymous(text, _folder):
    return text.replace("\tcertificate =", "\tanonymous = true\n\tcertificate =", 1)


@case(own_server=True, server={"edit": _anonymous})
def nobody_is_promised_to_come_back_who_cannot(world):
    """XEP-0175, XEP-0198 §5: each anonymous login is another account"""
    alice = world.online()
    client = world.to_sasl(kind=Managed)
    client.auth("ANONYMOUS", b"")
    client.expect_sasl("success")
    client.restart()
    client.open()
    client.bind()
    client.available()
    client.enable()
    if client.answer.get("resume") in ("true", "1"):
        raise Unexpected("granted: %s" % client.answer)
    chat(alice, client.jid, "m")
    client.expect_element("message", id="m")
    chat(client, alice.jid, "n")
    alice.expect_element("message", id="n")
    must(1, client.acknowledged(), "h")
    client.ack()
    client.fence()
    chat(alice, client.jid, "lost", "normal")
    client.expect_element("message", id="lost")
    client.cut()
    check_error(alice.expect_element("message", id="lost"), "service-unavailable")
