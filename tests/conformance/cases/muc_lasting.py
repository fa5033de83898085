# Occupants whose streams are resumed (XEP-0198): they miss nothing, and are in the room still, even when the server was killed.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import random
import time

from wire.case import case
from wire.restart import Sender, each_way, two_shards
from wire.rooms import NO_HISTORY, Room, check_presence
from wire.sm import enable, resume
from wire.talk import must

from .muc_talk import three


def until_said(client, last):
    """What comes up to that message, which it ends with."""
    got = []
    client.until(lambda e: got.append(e) or e.get("id") == last)
    return got


def messages(stanzas):
    return [e.get("id") for e in stanzas if e.name == "message"]


def numbered(*numbers):
    return ["m%d" % i for i in numbers]


def lasting(world, *nicks):
    """A room with managed sessions in it, the first of which made it; all is read and acknowledged."""
    room, people = Room(world), [enable(world, presence=False) for _ in nicks]
    room.found(people[0], nicks[0])
    for client, nick in zip(people[1:], nicks[1:]):
        room.enter(client, nick)
    for client in people:
        room.settle(client)
        client.ack()
        client.acknowledged()
    return (room, *people)


@case
def who_is_cut_off_misses_nothing_and_is_not_seen_to_go(world):
    """XEP-0198 §5, XEP-0045 §7.4"""
    room, alice, bob, _ = three(world)
    dave = enable(world, presence=False)
    room.enter(dave, "dave")
    for p in (alice, bob):
        room.settle(p)
    room.say(bob, "m0")
    room.hears(dave, "m0", after=bob)
    dave.ack()
    dave.acknowledged()
    dave.cut()
    for i in range(1, 21):
        room.say((alice, bob)[i % 2], "m%d" % i)
        room.unread[(alice, bob)[i % 2]] += room.settle((alice, bob)[i % 2])
    dave = resume(world, dave)
    must(numbered(*range(1, 21)), messages(until_said(dave, "m20")), "messages, in order")
    room.hears(dave)
    room.say(dave, "back")
    for p in (alice, bob):
        must(numbered(*range(21)) + ["back"], [e.get("id") for e in room.heard(p, after=dave)], "what the others got")


@case
def who_had_read_some_gets_the_rest_once(world):
    """XEP-0198 §5: by his h"""
    room, alice, bob, _ = three(world)
    dave = enable(world, presence=False)
    room.enter(dave, "dave")
    room.settle(dave)
    before = dave.received
    for i in range(10):
        room.say(bob, "m%d" % i)
    room.settle(bob)
    while dave.received < before + 10:
        dave.expect("element", "messages")
    dave.cut()
    for i in range(10, 15):
        room.say(bob, "m%d" % i)
    room.settle(bob)
    dave = resume(world, dave, before + 4)
    must(numbered(*range(4, 15)), messages(until_said(dave, "m14")), "messages, in order")
    room.hears(dave)


@case
def who_leaves_after_he_was_resumed_is_gone(world):
    """XEP-0198 §5, XEP-0045 §7.14"""
    room, alice, bob, _ = three(world)
    dave = enable(world, presence=False)
    room.enter(dave, "dave")
    room.settle(alice)
    dave.cut()
    dave = resume(world, dave)
    room.leave(dave, "dave")
    gone = room.heard(alice, after=dave)
    must(1, len(gone), "presences")
    check_presence(gone[0], room.occupant("dave"), "unavailable", role="none", codes=[])


@case
def who_does_not_come_back_is_gone_when_his_time_is_up(world):
    """XEP-0198 §5, XEP-0045 §18.1"""
    room, alice, bob, _ = three(world)
    dave = enable(world, presence=False, attrs=" max='1'")
    room.enter(dave, "dave")
    room.settle(alice)
    dave.cut()
    room.say(bob, "m")
    room.hears(alice, "m", after=bob)
    check_presence(alice.expect("element", "that he is gone"), room.occupant("dave"), "unavailable", role="none")


# ---- across a restart


@each_way("occupants are in the room still when the server was %s", "XEP-0198 §5, XEP-0045 §7.2: nobody enters again")
def _still_there(world, restart):
    room, *people = lasting(world, "alice", "bob", "carol")
    room.set_subject(people[0], "Fire Burn")
    room.say(people[1], "m0")
    for client in people:
        room.settle(people[1])
        room.settle(client)
        client.ack()
        client.acknowledged()
    restart(world)
    people = [resume(world, client) for client in people]
    for i, client in enumerate(people, 1):
        room.say(client, "m%d" % i)
        room.unread[client] += room.settle(client)
    for client in people:
        got = room.heard(client)
        must(numbered(1, 2, 3), messages(got), "messages")
        must([], [str(e) for e in got if e.name == "presence" and e.get("type") is not None], "who is said to have gone")
    entry = room.enter(world.connect(), "dave")
    must(["alice", "bob", "carol"], sorted(entry.others), "who is there")
    check_presence(entry.others["alice"], room.occupant("alice"), affiliation="owner", role="moderator")
    must(numbered(*range(4)), messages(entry.history), "history")
    must("Fire Burn", entry.subject.find("subject").text, "subject")


@each_way("what was said while an occupant was away is there when the server was %s", "XEP-0198 §5")
def _meanwhile(world, restart):
    room, alice, bob = lasting(world, "alice", "bob")
    bob.cut()
    for i in range(5):
        room.say(alice, "m%d" % i)
    room.hears(alice, *numbered(*range(5)))
    alice.ack()
    must(alice.acknowledged(), alice.acknowledged(), "h")
    restart(world)
    alice = resume(world, alice)
    room.say(alice, "m5")
    room.hears(alice, "m5")
    bob = resume(world, bob)
    must(numbered(*range(6)), messages(until_said(bob, "m5")), "messages, in order")
    room.hears(bob)
    room.say(bob, "back")
    room.hears(alice, "back", after=bob)


@each_way("who did not last is gone from the room when the server was %s", "XEP-0045 §18.1, §7.14")
def _did_not_last(world, restart):
    room, alice = lasting(world, "alice")
    room.enter(world.connect(), "bob")
    room.settle(alice)
    alice.ack()
    alice.acknowledged()
    restart(world)
    alice = resume(world, alice)
    alice.until(lambda e: e.name == "presence" and e.get("from") == room.occupant("bob") and e.get("type") == "unavailable")
    must(["alice"], sorted(room.enter(world.connect(), "carol", NO_HISTORY).others), "who is there")


@case(own_server=True, server={"edit": two_shards})
def a_room_whose_server_is_killed_between_many_messages_loses_and_doubles_none(world):
    """XEP-0198 §5, XEP-0045 §7.4: what was acknowledged all get, once and in one order"""
    rng = random.Random(45)
    room, *clients = lasting(world, "alice", "bob", "carol")
    people = [Sender(c, room.jid, mark, "groupchat") for c, mark in zip(clients, "abc")]
    for p in people:
        p.before = p.client.acknowledged()
    inboxes = [[] for _ in people]
    for _ in range(4):
        for _ in range(rng.randrange(1, 4)):
            for p, inbox in zip(people, inboxes):
                p.send(rng.randrange(1, 20))
                p.read(inbox, rng.choice((0, 1, 7)))
        for p in people:
            p.send(15)
        time.sleep(rng.uniform(0, 0.02))
        world.server.kill()
        for p, inbox in zip(people, inboxes):
            p.read(inbox, 0)
        world.server.start()
        for p in people:
            p.come_back(world)
    for p in people:
        must(p.sent, p.client.acknowledged() - p.before, "h")
    room.say(people[0].client, "end")
    for p, inbox in zip(people, inboxes):
        inbox += messages(until_said(p.client, "end"))
    must(sorted(["end"] + ["%s%d" % (p.mark, i) for p in people for i in range(p.sent)]), sorted(inboxes[0]), "messages")
    for inbox in inboxes[1:]:
        must(inboxes[0], inbox, "messages, in order")
