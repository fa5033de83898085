# Entering a room: who may, what he gets, in which order, and what the others see (XEP-0045 §7.1, §7.2, §10.1).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.rooms import MUC, Room, check_presence, codes, item, occupant_id
from wire.talk import must


def two(world):
    """A room, its owner in it, and somebody at the door."""
    room = Room(world)
    return room, room.found(world.connect(), "alice"), world.connect()


# ---- a new room


@case
def who_makes_a_room_is_its_owner(world):
    """XEP-0045 §10.1.1"""
    room, alice = Room(world), world.connect()
    entry = room.enter(alice, "alice")
    check_presence(entry.own, room.occupant("alice"), affiliation="owner", role="moderator", codes=[110, 170, 201])
    must({}, entry.others, "other occupants")


@case
def a_room_is_locked_until_it_is_configured(world):
    """XEP-0045 §7.2.10, §10.1.2"""
    room, alice, bob = Room(world), world.connect(), world.connect()
    room.enter(alice, "alice")
    room.refuses(bob, "bob", "item-not-found", "cancel")
    must([], room.heard(alice), "what the owner sees of it")
    room.configure(alice)
    must([110, 170], codes(room.enter(bob, "bob").own), "status codes")


@case
def a_message_to_a_locked_room_comes_back(world):
    """XEP-0045 §17.2, 3"""
    room, alice, bob = Room(world), world.connect(), world.connect()
    room.enter(alice, "alice")
    room.say(bob, "m")
    bob.expect_error("item-not-found", "cancel", id="m")


@case
def a_message_to_a_room_that_does_not_exist_comes_back(world):
    """XEP-0045 §17.2, 3"""
    room, bob = Room(world), world.connect()
    room.say(bob, "m")
    bob.expect_error("item-not-found", "cancel", id="m")
    room.whisper(bob, "nobody", "n")
    bob.expect_error("item-not-found", "cancel", id="n")
    must("error", bob.ask("<query xmlns='%s'/>" % names.DISCO_INFO, to=room.jid).get("type"), "an iq's answer")


@case
def a_room_that_does_not_last_ends_with_its_last_occupant(world):
    """XEP-0045 §7.14: the next who comes makes it anew"""
    room, alice, bob = two(world)
    room.enter(bob, "bob")
    room.leave(alice, "alice")
    check_presence(bob.expect("element", "alice's end"), room.occupant("alice"), "unavailable")
    room.leave(bob, "bob")
    check_presence(bob.expect("element", "his own end"), room.occupant("bob"), "unavailable", codes=[110])
    entry = room.enter(bob, "bob")
    check_presence(entry.own, room.occupant("bob"), affiliation="owner", codes=[110, 170, 201])
    must([], entry.history, "history")


# ---- what comes of entering


@case
def who_enters_gets_others_then_himself_then_history_then_the_subject(world):
    """XEP-0045 §7.1"""
    room, alice, bob = two(world)
    room.enter(bob, "bob")
    room.set_subject(alice, "Fire Burn")
    room.say(alice, "m1")
    room.say(alice, "m2")
    room.settle(alice)
    entry = room.enter(world.connect(), "carol")
    must(["alice", "bob"], sorted(entry.others), "others")
    must(["m1", "m2"], [m.get("id") for m in entry.history], "history")
    must("Fire Burn", entry.subject.find("subject").text, "subject")


@case
def others_see_who_enters(world):
    """XEP-0045 §7.2.2: role and affiliation in one <x/>; §15.6.2: 110 for himself alone"""
    room, alice, bob = two(world)
    carol = world.connect()
    room.enter(carol, "carol")
    room.settle(alice)
    entry = room.enter(bob, "bob")
    check_presence(entry.own, room.occupant("bob"), affiliation="none", role="participant", codes=[110, 170])
    check_presence(entry.others["alice"], room.occupant("alice"), affiliation="owner", role="moderator", codes=[])
    check_presence(entry.others["carol"], room.occupant("carol"), affiliation="none", role="participant", codes=[])
    for witness in (alice, carol):
        seen = room.heard(witness)
        must(1, len(seen), "what the others see")
        check_presence(seen[0], room.occupant("bob"), affiliation="none", role="participant", codes=[])


@case
def in_a_semi_anonymous_room_moderators_alone_see_addresses(world):
    """XEP-0045 §7.2.4, §17.3, 10: full ones"""
    room, alice, bob = two(world)
    carol = world.connect()
    room.enter(carol, "carol")
    must(carol.jid, item(room.heard(alice)[0]).get("jid"), "what the moderator sees")
    entry = room.enter(bob, "bob")
    for nick in ("alice", "carol"):
        must(None, item(entry.others[nick]).get("jid"), "the address of %s" % nick)
    must(None, item(room.heard(carol)[0]).get("jid"), "what a participant sees")
    must(bob.jid, item(room.heard(alice)[0]).get("jid"), "what the moderator sees")


@case
def what_a_newcomer_shows_all_see_but_not_what_the_room_alone_may_say(world):
    """XEP-0045 §17.3, 6 and 7; XEP-0421 §3"""
    room, alice, bob = two(world)
    room.enter(bob, "bob", inside="<show>away</show><status>spinning</status><priority>3</priority><c xmlns='urn:example:caps'/>"
               "<x xmlns='%s'><item affiliation='owner' role='moderator' jid='king@example.org'/><status code='100'/></x>"
               "<occupant-id xmlns='%s' id='false'/>" % (names.MUC_USER, names.OCCUPANT_ID))
    for seen in (room.heard(alice)[0], room.enter(world.connect(), "carol").others["bob"]):
        check_presence(seen, room.occupant("bob"), affiliation="none", role="participant", codes=[], show="away",
                       status="spinning")
        if seen.find("c", "urn:example:caps") is None or seen.find("x", names.MUC) is not None:
            raise Unexpected("not what he shows: %s" % seen)
        if occupant_id(seen) in ("false", "", None):
            raise Unexpected("a false occupant id: %s" % seen)


@case
def who_enters_again_gets_it_all_again(world):
    """XEP-0045 §7.2.1, §17.3, 3"""
    room, alice, bob = two(world)
    room.enter(bob, "bob")
    room.say(alice, "m1")
    room.hears(bob, "m1", after=alice)
    room.heard(alice)
    entry = room.enter(bob, "bob", inside="<show>dnd</show>")
    must(["alice"], list(entry.others), "others")
    must(["m1"], [m.get("id") for m in entry.history], "history")
    check_presence(entry.own, room.occupant("bob"), affiliation="none", role="participant", codes=[110, 170], show="dnd")
    seen = room.heard(alice)
    must(1, len(seen), "what the others see of it")
    check_presence(seen[0], room.occupant("bob"), show="dnd", codes=[])


# ---- who does not get in


@case
def without_a_nick_nobody_enters(world):
    """XEP-0045 §7.2.1"""
    room, alice, bob = two(world)
    room.refuses(bob, None, "jid-malformed", "modify")
    Room(world).refuses(bob, None, "jid-malformed", "modify")


@case
def a_nick_of_spaces_is_none(world):
    """XEP-0045 §17.1"""
    room, alice, bob = two(world)
    for nick in (" ", "  ", "\u00a0"):
        room.ask(bob, nick)
        bob.expect_error("jid-malformed", "modify")
        Room(world).ask(bob, nick)
        bob.expect_error("jid-malformed", "modify")
    room.enter(bob, "bob")
    bob.send("<presence to='%s/ '/>" % room.jid)
    bob.expect_error("jid-malformed", "modify")
    must(1, len(room.heard(alice)), "what the others saw")


@case
def a_nick_is_prepared(world):
    """XEP-0045 §17.1: by Resourceprep, so the same word in two spellings is one nick"""
    room, alice, bob = two(world)
    room.enter(bob, "b\u00f6b")
    room.refuses(world.connect(), "b\u00f6b", "conflict", "cancel")
    carol = world.connect()
    room.ask(carol, "bo\u0308b")
    carol.expect_error("conflict", "cancel", from_=room.occupant("b\u00f6b"))


@case
def a_nick_that_another_has_is_refused(world):
    """XEP-0045 §7.2.8"""
    room, alice, bob = two(world)
    room.refuses(bob, "alice", "conflict", "cancel")
    must([], room.heard(alice), "what the others see")
    room.enter(bob, "bob")


@case
def a_refusal_has_the_id_of_what_it_refuses(world):
    """RFC 6120 §8.1.3, XEP-0045 §7.2.8"""
    room, alice, bob = two(world)
    bob.send("<presence id='n13' to='%s'>%s</presence>" % (room.occupant("alice"), MUC))
    bob.expect_error("conflict", "cancel", id="n13", to=bob.jid)


@case
def presence_of_another_type_is_no_request_to_enter(world):
    """XEP-0045 §17.3, 1"""
    room, alice, bob = two(world)
    for kind in ("unavailable", "probe", "subscribe", "subscribed", "unsubscribe", "unsubscribed"):
        bob.send("<presence type='%s' to='%s'>%s</presence>" % (kind, room.occupant("bob"), MUC))
    room.settle(bob)
    must([], room.heard(alice), "what the others see")
    room.say(bob, "m")
    room.hears_error(bob, "not-acceptable", None, "m")


@case
def presence_that_is_no_request_to_enter_is_answered_by_a_kick(world):
    """XEP-0045 §7.2.17"""
    room, alice, bob = two(world)
    for there in (room, Room(world)):
        bob.send("<presence to='%s'/>" % there.occupant("bob"))
        check_presence(bob.expect("element", "a kick"), there.occupant("bob"), "unavailable", affiliation="none", role="none",
                       codes=[110, 307, 333])
    must([], room.heard(alice), "what the others see")


# ---- several sessions of one account


@case
def another_session_of_the_same_account_may_have_the_same_nick(world):
    """XEP-0045 §7.2.8"""
    room, alice, _ = two(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.connect(account, "desk")
    room.enter(phone, "bob")
    room.settle(alice)
    entry = room.enter(desk, "bob")
    must(["alice"], list(entry.others), "others")
    check_presence(entry.own, room.occupant("bob"), role="participant", codes=[110, 170])
    for p in room.heard(phone):
        check_presence(p, room.occupant("bob"), role="participant")
        must(True, 110 in codes(p), "that it is himself")
    room.settle(alice)
    for n, speaker in enumerate((phone, desk, alice)):
        room.say(speaker, "m%d" % n)
        for listener in (phone, desk, alice):
            room.hears(listener, "m%d" % n, after=speaker)


@case
def the_occupant_stays_until_his_last_session_goes(world):
    """XEP-0045 §7.2.8, §7.14"""
    room, alice, _ = two(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.connect(account, "desk")
    room.enter(phone, "bob")
    room.enter(desk, "bob")
    room.settle(alice)
    room.leave(desk, "bob")
    check_presence(room.heard(desk)[-1], room.occupant("bob"), "unavailable", role="none", codes=[110])
    must([], [p for p in room.heard(alice) + room.heard(phone) if p.get("type") == "unavailable"], "who is gone")
    room.say(alice, "m")
    room.hears(phone, "m", after=alice)
    room.say(desk, "n")
    room.hears_error(desk, "not-acceptable", None, "n")
    room.leave(phone, "bob")
    room.settle(phone)
    check_presence(room.heard(alice)[-1], room.occupant("bob"), "unavailable", role="none")


@case
def an_account_may_have_two_occupants_with_one_id(world):
    """XEP-0421 §4: of the bare address"""
    room, alice, bob = two(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.connect(account, "desk")
    ids = [occupant_id(room.enter(phone, "phone").own), occupant_id(room.enter(desk, "desk").own)]
    must(ids[0], ids[1], "occupant ids")
    if occupant_id(room.enter(bob, "bob").own) == ids[0]:
        raise Unexpected("two accounts have one occupant id")
    room.leave(phone, "phone")
    room.settle(phone)
    must(ids[0], occupant_id(room.enter(phone, "other").own), "occupant id when he comes again")
    elsewhere = Room(world)
    if occupant_id(elsewhere.enter(phone, "phone").own) == ids[0]:
        raise Unexpected("two rooms have one occupant id")
