# Streams that outlive the server: it is stopped, or killed, and what was acknowledged is there, once and in order.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import random
import time

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.restart import Sender, each_way, two_shards
from wire.sm import authenticate, enable, resume
from wire.talk import befriend, chat, must


def expect_ids(client, wanted):
    """Just these messages, in that order, and none behind them."""
    got = [e.get("id") for e in client.until(lambda e: e.get("id") == wanted[-1])] + [wanted[-1]]
    got += [e.get("id") for e in client.fence() if e.name == "message"]
    must(list(wanted), got, "messages")


def soon(text, _folder):
    return "shards = 2\nresume-time = 1s\n" + text


# ---- streams


@each_way("a stream is resumed when the server was %s", "XEP-0198 §5")
def _resumed(world, restart):
    alice, bob = enable(world), enable(world)
    for i in range(10):
        chat(alice, bob.jid, "m%d" % i)
    for i in range(10):
        bob.expect_element("message", id="m%d" % i)
    must(10, alice.acknowledged(), "h")
    bob.ack(3)
    bob.acknowledged()
    restart(world)
    alice = resume(world, alice)
    must("10", alice.answer.get("h"), "h of resumed")
    chat(alice, bob.jid, "m10")
    must(11, alice.acknowledged(), "h")
    bob = resume(world, bob, 5)
    must("0", bob.answer.get("h"), "h of resumed")
    expect_ids(bob, ["m%d" % i for i in range(5, 11)])
    bob.ack()
    chat(bob, alice.jid, "back")
    expect_ids(alice, ["back"])


@each_way("what comes while a client is away is there when the server was %s again and again", "XEP-0198 §5")
def _again(world, restart):
    alice, bob = enable(world), enable(world)
    chat(alice, bob.jid, "m0")
    bob.expect_element("message", id="m0")
    for i in range(1, 5):
        chat(alice, bob.jid, "m%d" % i)
        must(i + 1, alice.acknowledged(), "h")
        restart(world)
        alice = resume(world, alice)
    bob = resume(world, bob)
    expect_ids(bob, ["m%d" % i for i in range(1, 5)])
    restart(world)
    expect_ids(resume(world, bob, 1), ["m%d" % i for i in range(1, 5)])


@each_way("counts go on when the server was %s, presence among what was sent", "XEP-0198 §4: what is not stored is counted too")
def _presence_counts(world, restart):
    alice, bob = world.online(), enable(world)
    for i in range(6):
        alice.send("<presence to='%s' id='p%d'/>" % (bob.jid, i))
        chat(alice, bob.jid, "m%d" % i)
    while bob.received < 12:
        bob.expect("element", "stanzas")
    bob.ack(7)  # p0 m0 … p3
    bob.acknowledged()
    restart(world)
    bob = resume(world, bob, 8)
    expect_ids(bob, ["m4", "m5"])
    bob.ack()
    before = bob.received
    bob.fence()
    bob.ack()
    bob.fence()
    if bob.received - before > 2:
        raise Unexpected("more than the answers came")
    bob.ack(bob.received + 50)
    bob.expect_stream_error("undefined-condition")


@each_way("a session is as it was when the server was %s", "XEP-0198 §5: presence, priority, carbons, roster pushes")
def _as_it_was(world, restart):
    account = world.account()
    bob = authenticate(world, account)
    bob.bind("desk")
    bob.ask("<query xmlns='jabber:iq:roster'/>")
    bob.ask("<enable xmlns='%s'/>" % names.CARBONS, "set")
    bob.send("<presence><show>dnd</show><priority>7</priority></presence>")
    bob.fence()
    bob.enable()
    restart(world)
    phone = world.connect(account, "phone")
    phone.send("<presence/>")
    seen = []
    phone.until(lambda e: seen.append(e) or (e.get("from") == bob.jid and e.get("type") is None))
    must("dnd", seen[-1].find("show").text, "what its other devices see")
    alice = world.online()
    chat(alice, account.jid, "bare")
    bob = resume(world, bob)
    bob.until(lambda e: e.get("id") == "bare")
    must([], phone.fence(), "messages of one with a lower priority, but for carbons")
    chat(alice, phone.jid, "carbon")
    phone.expect_element("message", id="carbon")
    bob.until(lambda e: e.name == "message" and e.find("received", names.CARBONS) is not None)
    phone.send("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@example.org'/></query></iq>")
    bob.until(lambda e: e.name == "iq" and e.get("type") == "set")


@each_way("contacts see no one leave when the server was %s", "XEP-0198 §7")
def _no_flicker(world, restart):
    alice, bob = enable(world), enable(world)
    befriend(alice, bob)
    restart(world)
    alice = resume(world, alice)
    bob = resume(world, bob)
    bob.send("<presence><status>marker</status></presence>")
    while True:
        p = alice.expect("element", "presence")
        if p.find("status") is not None:
            break
        if p.get("from").startswith(bob.account.jid) and p.get("type") == "unavailable":
            raise Unexpected("told of it: %s" % p)
    alice.send("<presence><status>other</status></presence>")
    bob.until(lambda e: e.name == "presence" and e.find("status") is not None and e.find("status").text == "other")


@each_way("a contact who went while the server was being %s is seen as gone", "XEP-0198 §5: the client is told what changed",
          soon)
def _gone_meanwhile(world, restart):
    alice, bob = enable(world, attrs=" max='60'"), enable(world, resume=False)
    befriend(alice, bob)
    restart(world)
    alice = resume(world, alice)
    alice.until(lambda e: e.name == "presence" and e.get("type") == "unavailable" and e.get("from").startswith(bob.account.jid))


@each_way("answers that take their time are given once when the server was %s", "XEP-0198 §4")
def _later(world, restart):
    alice = enable(world)
    sent = ["<iq type='set' id='p%d'><query xmlns='%s'><username>%s</username><password>pencil</password></query></iq>" % (
        i, names.REGISTER, alice.account.user) if i % 2 else
        "<iq type='get' id='p%d'><ping xmlns='%s'/></iq>" % (i, names.PING) for i in range(10)]
    alice.send("".join(sent))
    time.sleep(0.02)
    restart(world)
    alice = resume(world, alice, 0)
    alice.send("".join(sent[int(alice.answer.get("h")):]))
    answers = []
    while len(answers) < 10:
        answers.append(alice.expect_element("iq", type="result").get("id"))
    must(sorted("p%d" % i for i in range(10)), sorted(answers), "answers")
    must(10, alice.acknowledged(), "h")
    must([], alice.fence(), "more answers")


# ---- their end


@each_way("what nobody came back for is stored when the server was %s", "XEP-0198 §4", soon)
def _nobody_came(world, restart):
    alice, bob, carol = enable(world), enable(world), enable(world, resume=False)
    for to in (bob, carol):
        chat(alice, to.jid, "m")
        chat(alice, to.jid, "n")
        to.expect_element("message", id="m")
        to.expect_element("message", id="n")
        to.ack(1)
        to.send("<presence/>")
        must(1, to.acknowledged(), "h")  # and what stands behind it is on disk
    restart(world)
    time.sleep(2.2)
    for old in (bob, carol):
        later = world.connect(old.account)
        later.send("<presence/>")
        got = [e for e in later.fence() if e.name == "message"]
        must(["n"], [e.get("id") for e in got], "messages")
        if got[0].find("delay", names.DELAY) is None:
            raise Unexpected("no delay: %s" % got[0])


@each_way("a stream that was closed stays so when the server was %s", "XEP-0198 §7")
def _closed(world, restart):
    bob = enable(world)
    bob.send("<presence/>")
    must(1, bob.acknowledged(), "h")
    bob.send("</stream:stream>")
    while bob.next()[0] == "element":
        pass
    bob.close()
    world.online(bob.account).fence()  # its end is on disk
    restart(world)
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, 1)
    client.expect_failed("item-not-found", 1)


@each_way("an account that was removed is not there when the server was %s", "XEP-0077 §3.2")
def _removed(world, restart):
    bob = enable(world)
    bob.cut()
    remover = world.connect(bob.account)
    remover.send("<iq type='set' id='bye'><query xmlns='%s'><remove/></query></iq>" % names.REGISTER)
    remover.expect_element("iq", id="bye", type="result")
    remover.close()
    restart(world)
    account = world.account(user=bob.account.user)
    client = authenticate(world, account)
    client.ask_to_resume(bob.id, 0)
    client.expect_failed("item-not-found")


# ---- in the middle of it all


@case(own_server=True, server={"edit": two_shards})
def a_server_that_is_killed_between_many_messages_loses_and_doubles_none(world):
    """XEP-0198 §5; DESIGN: what was acknowledged is on disk"""
    rng = random.Random(198)
    a = enable(world)
    b = enable(world)
    people = [Sender(a, b.jid, "a"), Sender(b, a.jid, "b")]
    inboxes = ([], [])
    for _ in range(6):
        for _ in range(rng.randrange(1, 5)):
            for p in people:
                p.send(rng.randrange(1, 40))
            for p, inbox in zip(people, inboxes):
                p.read(inbox, rng.choice((0, 1, 7)))
        for p in people:
            p.send(30)
        time.sleep(rng.uniform(0, 0.02))
        world.server.kill()
        for p, inbox in zip(people, inboxes):
            p.read(inbox, 0)
        world.server.start()
        for p in people:
            p.come_back(world)
    for p in people:
        must(p.sent, p.client.acknowledged(), "h")
    end = world.online()
    for p, inbox, other in zip(people, inboxes, reversed(people)):
        chat(end, p.client.jid, "end")
        inbox += [e.get("id") for e in p.client.until(lambda e: e.get("id") == "end") if e.name == "message"]
        must(["%s%d" % (other.mark, i) for i in range(other.sent)], inbox, "messages")
