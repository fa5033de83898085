# What was said before somebody came (XEP-0045 §7.2.13, §7.2.14), and the room's subject (§7.2.15, §8.1).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import datetime
import time

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.rooms import Room, occupant_id
from wire.talk import must


def history(**attrs):
    return "<x xmlns='%s'><history %s/></x>" % (names.MUC, " ".join("%s='%s'" % a for a in attrs.items()))


def spoken(world, *said):
    """A room in which its owner has said that."""
    room = Room(world)
    alice = room.found(world.connect(), "alice")
    for name in said:
        room.say(alice, name)
    room.settle(alice)
    return room, alice


def ids(entry):
    return [m.get("id") for m in entry.history]


def visits(world, room, x):
    """Somebody enters, and goes."""
    client = world.connect()
    entry = room.enter(client, "visitor", x)
    room.leave(client, "visitor")
    room.settle(client)
    client.close()
    return entry


def moment(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# ---- what it is


@case
def history_is_as_it_was_said_with_the_time_of_it(world):
    """XEP-0045 §7.2.13: stamped by the room; XEP-0421 §3, XEP-0359 §3"""
    room, alice = spoken(world)
    bob = world.connect()
    before = room.enter(bob, "bob").own
    room.settle(alice)
    room.say(bob, "m1", "Thrice &amp; once", "<thread>t</thread><q xmlns='urn:example:q' a='b'><r/></q>")
    live = next(m for m in room.heard(alice, after=bob) if m.get("id") == "m1")
    got = room.enter(world.connect(), "carol").history
    must(1, len(got), "messages of history")
    must((room.occupant("bob"), "groupchat", "m1"), (got[0].get("from"), got[0].get("type"), got[0].get("id")), "header")
    must("Thrice & once", got[0].find("body").text, "body")
    for child in live.children:
        if child.xml() not in [c.xml() for c in got[0].children]:
            raise Unexpected("it has lost %s: %s" % (child, got[0]))
    delays = got[0].all("delay", names.DELAY)
    must([room.jid], [d.get("from") for d in delays], "delays' origin")
    stamp = datetime.datetime.fromisoformat(delays[0].get("stamp").replace("Z", "+00:00"))
    if abs((datetime.datetime.now(datetime.timezone.utc) - stamp).total_seconds()) > 60:
        raise Unexpected("at another time: %s" % got[0])
    must(occupant_id(before), occupant_id(got[0]), "occupant id")


@case
def what_was_said_under_a_nick_keeps_it(world):
    """XEP-0045 §7.2.13: whoever has that nick now"""
    room, alice = spoken(world)
    bob = world.connect()
    first = occupant_id(room.enter(bob, "bob").own)
    room.say(bob, "m1")
    bob.send("<presence to='%s'/>" % room.occupant("robert"))
    room.say(bob, "m2")
    room.settle(bob)
    carol = world.connect()
    entry = room.enter(carol, "bob")
    must([("m1", room.occupant("bob")), ("m2", room.occupant("robert"))],
         [(m.get("id"), m.get("from")) for m in entry.history], "history")
    must([first, first], [occupant_id(m) for m in entry.history], "occupant ids")


@case
def private_messages_and_subjects_are_no_history(world):
    """XEP-0045 §7.2.13"""
    room, alice = spoken(world, "m1")
    room.whisper(alice, "alice", "private")
    room.set_subject(alice, "one")
    room.set_subject(alice, "two")
    room.say(alice, "m2")
    room.settle(alice)
    entry = visits(world, room, history(maxstanzas=10))
    must(["m1", "m2"], ids(entry), "history")
    must("two", entry.subject.find("subject").text, "subject")


@case
def history_is_not_of_who_may_not_enter(world):
    """XEP-0045 §7.2.8"""
    room, alice = spoken(world, "m1")
    bob = world.connect()
    room.refuses(bob, "alice", "conflict", "cancel")
    must([], room.heard(bob), "what he gets")


# ---- how much of it


@case
def a_newcomer_may_want_no_history(world):
    """XEP-0045 §7.2.14"""
    room, alice = spoken(world, "m1", "m2")
    must([], ids(visits(world, room, history(maxchars=0))), "by maxchars")
    must([], ids(visits(world, room, history(maxstanzas=0))), "by maxstanzas")
    must([], ids(visits(world, room, history(seconds=0))), "by seconds")


@case
def a_newcomer_says_how_many_messages_he_wants(world):
    """XEP-0045 §7.2.14: the latest, the oldest of them first"""
    room, alice = spoken(world, *["m%d" % i for i in range(8)])
    must(["m7"], ids(visits(world, room, history(maxstanzas=1))), "history")
    must(["m5", "m6", "m7"], ids(visits(world, room, history(maxstanzas=3))), "history")
    must(["m%d" % i for i in range(8)], ids(visits(world, room, history(maxstanzas=100))), "history")


@case
def a_newcomer_says_how_much_he_wants(world):
    """XEP-0045 §7.2.14: characters of complete stanzas, as many of those as fit"""
    room, alice = spoken(world, *["m%d" % i for i in range(6)])
    sizes = [len(m.xml(names.CLIENT)) for m in visits(world, room, history(maxstanzas=10)).history]
    must(6, len(sizes), "messages")
    for n in (1, 3):
        least = sum(sizes[-n:])
        got = visits(world, room, history(maxchars=least + sizes[0] // 2)).history
        must(["m%d" % i for i in range(6 - n, 6)], [m.get("id") for m in got], "of %d characters" % (least + sizes[0] // 2))
    must([], ids(visits(world, room, history(maxchars=10))), "of ten characters")


@case
def a_newcomer_says_since_when_he_wants_it(world):
    """XEP-0045 §7.2.14"""
    room, alice = spoken(world, "m1", "m2")
    time.sleep(3)
    middle, began = moment(), time.monotonic()
    room.say(alice, "m3")
    room.settle(alice)
    must(["m3"], ids(visits(world, room, history(since=middle))), "since then")
    seconds = int(time.monotonic() - began) + 2
    must(["m3"], ids(visits(world, room, history(seconds=seconds))), "of the last %d seconds" % seconds)
    must(["m1", "m2", "m3"], ids(visits(world, room, history(seconds=600))), "of ten minutes")
    must(["m1", "m2", "m3"], ids(visits(world, room, history(since="1970-01-01T00:00:00Z"))), "of all time")
    must([], ids(visits(world, room, history(since=moment(3600)))), "of the future")


@case
def all_that_a_newcomer_says_holds(world):
    """XEP-0045 §7.2.14: the smallest of them"""
    room, alice = spoken(world, *["m%d" % i for i in range(5)])
    for fields in ({"maxstanzas": 2, "seconds": 600, "maxchars": 100000}, {"maxstanzas": 2, "since": moment(-600)}):
        must(["m3", "m4"], ids(visits(world, room, history(**fields))), "history")
    must([], ids(visits(world, room, history(maxstanzas=2, maxchars=0))), "history")
    must([], ids(visits(world, room, history(since=moment(3600), seconds=600))), "history")


@case
def what_is_no_number_is_no_limit(world):
    """XEP-0045 §7.2.14: a client that errs still enters"""
    room, alice = spoken(world, "m1", "m2")
    for fields in ({"maxstanzas": "many"}, {"maxchars": "-1"}, {"seconds": ""}, {"since": "yesterday"},
                   {"maxstanzas": "99999999999999999999"}, {"seconds": "18446744073709551615"}):
        must(["m1", "m2"], ids(visits(world, room, history(**fields))), "history for %s" % fields)


@case
def a_room_gives_no_more_than_it_keeps_for_newcomers(world):
    """XEP-0045 §7.2.14: service-level defaults"""
    room, alice = spoken(world, *["m%d" % i for i in range(30)])
    must(["m%d" % i for i in range(10, 30)], ids(visits(world, room, history(since="1970-01-01T00:00:00Z"))), "history")


# ---- the subject


@case
def a_room_without_a_subject_says_so(world):
    """XEP-0045 §7.2.15"""
    room, alice = spoken(world)
    subject = visits(world, room, history(maxstanzas=0)).subject
    must((room.jid, ""), (subject.get("from"), subject.find("subject").text), "subject")


@case
def a_subject_is_told_to_all_and_to_who_comes(world):
    """XEP-0045 §8.1, §7.2.15"""
    room, alice = spoken(world)
    bob = world.connect()
    room.enter(bob, "bob")
    room.settle(alice)
    room.set_subject(alice, "Fire &lt;Burn")
    for witness in (alice, bob):
        got = room.heard(witness, after=alice)
        must([("subject", room.occupant("alice"), "groupchat")],
             [(m.get("id"), m.get("from"), m.get("type")) for m in got], "told")
        must("Fire <Burn", got[0].find("subject").text, "subject")
        if got[0].find("delay", names.DELAY) is not None:
            raise Unexpected("it is not late: %s" % got[0])
    subject = visits(world, room, history(maxstanzas=0)).subject
    must((room.occupant("alice"), "Fire <Burn"), (subject.get("from"), subject.find("subject").text), "subject")
    must([room.jid], [d.get("from") for d in subject.all("delay", names.DELAY)], "delays' origin")


@case
def an_empty_subject_removes_it(world):
    """XEP-0045 §8.1, §7.2.15"""
    room, alice = spoken(world)
    room.set_subject(alice, "one")
    room.set_subject(alice, "")
    must([("subject", "one"), ("subject", "")], [(m.get("id"), m.find("subject").text) for m in room.heard(alice)], "told")
    must("", visits(world, room, history(maxstanzas=0)).subject.find("subject").text, "subject")


@case
def who_may_not_change_the_subject_is_told(world):
    """XEP-0045 §8.1: moderators may"""
    room, alice = spoken(world)
    bob = world.connect()
    room.enter(bob, "bob")
    room.set_subject(bob, "mine")
    room.hears_error(bob, "forbidden", "auth", "subject")
    must([], [e for e in room.heard(alice) if e.name == "message"], "told")
    carol = world.connect()
    room.set_subject(carol, "mine")
    carol.expect_error(("not-acceptable", "forbidden"))
    must("", visits(world, room, history(maxstanzas=0)).subject.find("subject").text, "subject")


@case
def a_message_with_a_subject_and_more_is_no_change_of_it(world):
    """XEP-0045 §8.1"""
    room, alice = spoken(world)
    bob = world.connect()
    room.enter(bob, "bob")
    room.say(bob, "body", "x", "<subject>no</subject>")
    bob.send("<message type='groupchat' id='thread' to='%s'><subject>no</subject><thread>t</thread></message>" % room.jid)
    room.hears(bob, "body", "thread")
    must("", visits(world, room, history(maxstanzas=0)).subject.find("subject").text, "subject")
