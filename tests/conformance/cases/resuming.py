# What a resumed session (XEP-0198) is to the rest of the server, above all when that was killed: its carbons, its roster,
# its presence, its stored messages.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import random

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.sm import enable, resume
from wire.talk import bare, befriend, must, seen

ROSTER = "jabber:iq:roster"


def kill(world):
    world.server.kill()
    world.server.start()


def short(text, _folder):
    return "resume-time = 2s\n" + text


@case(own_server=True)
def carbons_and_roster_pushes_go_on_when_the_server_was_killed(world):
    """XEP-0198 §5, XEP-0280 §4, RFC 6121 §2.1.6"""
    phone, friend = enable(world, resource="phone"), world.account()
    must("result", phone.ask("<enable xmlns='%s'/>" % names.CARBONS, "set").get("type"), "carbons")
    must("result", phone.ask("<query xmlns='%s'/>" % ROSTER).get("type"), "roster")
    kill(world)
    phone = resume(world, phone)
    desk = world.connect(phone.account, "desk")
    friend = world.connect(friend)
    friend.send("<message to='%s' type='chat' id='m'><body>x</body></message>" % desk.jid)
    desk.expect_element("message", id="m")
    carbon = phone.expect_element("message")
    if carbon.find("received", names.CARBONS) is None:
        raise Unexpected("expected a copy, got %s" % carbon)
    desk.ask("<query xmlns='%s'><item jid='%s'/></query>" % (ROSTER, bare(friend)), "set")
    push = phone.expect_element("iq", type="set")
    if push.find("query", ROSTER) is None:
        raise Unexpected("expected a push, got %s" % push)


@case(own_server=True)
def contacts_notice_nothing_of_a_killed_server_when_both_resume(world):
    """XEP-0198 §5: the state is retained by the server"""
    alice, bob = enable(world, resource="a"), enable(world, resource="b")
    befriend(alice, bob)
    kill(world)
    alice = resume(world, alice)
    must([(bob.jid, "available")], seen(alice, bob), "what Alice sees of Bob, who has not come back yet")
    bob = resume(world, bob)
    must([(alice.jid, "available")], seen(bob, alice), "what Bob sees of Alice")
    must([], seen(alice, bob), "what Alice sees when Bob is back")
    alice.cut()
    alice = resume(world, alice)
    must([], seen(alice, bob) + seen(bob, alice), "what is seen of a connection that broke")


@case(own_server=True)
def who_went_with_a_killed_server_becomes_unavailable_to_who_stayed(world):
    """RFC 6121 §4.3.2, XEP-0198 §5"""
    alice, account = enable(world, resource="a"), world.account()
    gone, stays = world.online(account, "gone"), enable(world, account, "stays")
    befriend(alice, gone)
    desk = world.online(alice.account, "desk")
    alice.fence()
    alice.acknowledged()  # so that what is known of the desk is on disk
    kill(world)
    alice = resume(world, alice)
    must({(desk.jid, "unavailable"), (gone.jid, "unavailable"), (stays.jid, "available")}, set(seen(alice, gone)),
         "what Alice sees")


@case(own_server=True, server={"edit": short})
def a_session_that_nobody_resumes_goes_in_the_eyes_of_all_who_saw_it(world):
    """RFC 6121 §4.5, §4.6.3, XEP-0198 §5"""
    friends, stranger = world.account(), world.account()
    alice, bob, watcher = enable(world, resource="a"), world.online(friends, "b"), world.connect(stranger, "w")
    befriend(alice, bob)
    alice.send("<presence to='%s'/>" % watcher.jid)
    watcher.expect_element("presence")
    kill(world)
    bob, watcher = world.connect(friends, "b"), world.connect(stranger, "w")
    bob.send("<presence/>")
    bob.until(lambda e: e.get("from") == bob.jid)
    must([(alice.jid, "available")], seen(bob, alice), "what Bob sees before the time is up")
    for client in (bob, watcher):
        gone = client.expect_element("presence", type="unavailable")
        must(alice.jid, gone.get("from"), "who is gone")


@case(own_server=True)
def stored_messages_come_once_over_cuts_and_kills_in_the_middle_of_their_delivery(world):
    """XEP-0160, XEP-0198 §4, §5, DESIGN: exactly once, in order"""
    random.seed(5)
    count = 400
    account, alice = world.account(), enable(world)
    for i in range(count):
        alice.send("<message to='%s' id='m%d' type='chat'><body>%s</body></message>" % (account.jid, i, "x" * 200))
    must(count, alice.acknowledged(), "h")
    bob = enable(world, account, "b", presence=False)
    bob.send("<presence/>")
    got = []
    while len(got) < count:
        stop = len(got) + random.randrange(1, 120)
        while len(got) < min(stop, count):
            element = bob.expect("element", "a message")
            if element.is_a("message", names.CLIENT):
                got.append(element.get("id"))
        if random.random() < 0.5:
            bob.ack()
        if random.random() < 0.4:
            kill(world)
        else:
            bob.cut()
        bob = resume(world, bob)
    must(["m%d" % i for i in range(count)], got, "messages")
    left = [e for e in bob.fence() if e.is_a("message", names.CLIENT)]
    must([], left, "what comes behind them")
    bob.ack()
    bob.fence()
    bob.send("</stream:stream>")
    bob.expect("close", "the end of the stream")
    again = world.connect(account, "c")
    again.send("<presence/>")
    must([], [e.get("id") for e in again.fence() if e.is_a("message", names.CLIENT)], "what is still stored")


@case(own_server=True, server={"edit": short})
def stored_messages_that_a_dead_client_did_not_acknowledge_are_stored_again(world):
    """XEP-0198 §4, XEP-0203: with the delay of their first storing, one and no more"""
    account, alice = world.account(), enable(world)
    for i in range(20):
        alice.send("<message to='%s' id='m%d' type='chat'><body>x</body></message>" % (account.jid, i))
    must(20, alice.acknowledged(), "h")
    bob = enable(world, account, "b", presence=False)
    bob.send("<presence/>")
    stamps = {}
    while len(stamps) < 20:
        element = bob.expect("element", "a message")
        if element.is_a("message", names.CLIENT):
            stamps[element.get("id")] = [d.get("stamp") for d in element.all("delay", names.DELAY)]
    bob.ack(10)
    bob.fence()
    bob.acknowledged()  # so that what he acknowledged is on disk
    kept = dict(list(stamps.items())[9:])  # its own presence was the first stanza
    kill(world)
    waiting = world.online(account, "w", -1)
    waiting.until(lambda e: e.get("from") == bob.jid and e.get("type") == "unavailable")
    waiting.send("</stream:stream>")
    waiting.expect("close", "the end of the stream")
    fresh = world.connect(account, "c")
    fresh.send("<presence/>")
    got = [e for e in fresh.fence() if e.is_a("message", names.CLIENT)]
    must(list(kept), [e.get("id") for e in got], "messages")
    for element in got:
        must(kept[element.get("id")], [d.get("stamp") for d in element.all("delay", names.DELAY)], "delays")
