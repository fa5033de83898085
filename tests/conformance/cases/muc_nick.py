# Other nicks (XEP-0045 §7.6), what an occupant shows (§7.7), and how he goes (§7.14, §13.1, §18.1).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import names
from wire.case import add_case, case
from wire.client import Unexpected
from wire.rooms import Room, check_presence, codes, item, occupant_id
from wire.talk import must

from .muc_talk import three

# For the server to see that a connection broke; as often as one may enter in a minute.
TRIES, PAUSE = 50, 0.1


# ---- another nick


@case
def a_new_nick_is_told_to_all_by_both_names(world):
    """XEP-0045 §7.6: 303 and the new nick; then who is there"""
    room, alice, bob, carol = three(world)
    bob.send("<presence to='%s'/>" % room.occupant("robert"))
    room.unread[bob].extend(room.settle(bob))
    ids = set()
    for witness, own in ((alice, []), (carol, []), (bob, [110])):
        old, new = room.heard(witness)
        check_presence(old, room.occupant("bob"), "unavailable", affiliation="none", role="participant", nick="robert",
                       codes=own + [303])
        check_presence(new, room.occupant("robert"), affiliation="none", role="participant", codes=own)
        must([bob.jid if witness is alice else None] * 2, [item(p).get("jid") for p in (old, new)], "addresses")
        ids |= {occupant_id(old), occupant_id(new)}
    must(1, len(ids), "occupant ids")
    room.say(bob, "m")
    must([room.occupant("robert")], [m.get("from") for m in room.heard(alice, after=bob)], "who speaks")
    room.whisper(alice, "bob", "n")
    room.hears_error(alice, "item-not-found", "cancel", "n")
    room.whisper(alice, "robert", "o")
    room.hears(bob, "m", "o", after=alice)


@case
def a_new_nick_keeps_what_the_occupant_shows(world):
    """XEP-0045 §7.6: presence to the new address may show something new"""
    room, alice, bob, _ = three(world)
    bob.send("<presence to='%s'><show>away</show><status>there</status></presence>" % room.occupant("robert"))
    check_presence(room.heard(alice, after=bob)[1], room.occupant("robert"), show="away", status="there")
    must("away", room.enter(world.connect(), "dave").others["robert"].find("show").text, "what newcomers see")


@case
def a_new_nick_that_another_has_is_refused(world):
    """XEP-0045 §7.6: he keeps the old one"""
    room, alice, bob, carol = three(world)
    bob.send("<presence to='%s'/>" % room.occupant("carol"))
    bob.expect_error("conflict", "cancel", from_=room.occupant("carol"))
    must([], room.heard(alice), "what others see")
    room.say(bob, "m")
    must([room.occupant("bob")], [m.get("from") for m in room.heard(alice, after=bob)], "who speaks")


@case
def a_nick_that_was_given_up_is_free(world):
    """XEP-0045 §7.6"""
    room, alice, bob, carol = three(world)
    bob.send("<presence to='%s'/>" % room.occupant("robert"))
    room.settle(bob)
    room.enter(world.connect(), "bob")
    bob.send("<presence to='%s'/>" % room.occupant("bob"))
    bob.until(lambda e: e.get("from") == room.occupant("bob") and e.get("type") is None)
    bob.expect_error("conflict", "cancel", from_=room.occupant("bob"))


@case
def all_sessions_of_an_occupant_change_their_nick(world):
    """XEP-0045 §7.6, §7.2.8: each full address is told"""
    room, alice, _, _ = three(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.connect(account, "desk")
    room.enter(phone, "dave")
    room.enter(desk, "dave")
    for p in (phone, alice):
        room.settle(p)
    phone.send("<presence to='%s'/>" % room.occupant("david"))
    for client in (phone, desk):
        seen = [(p.get("from"), p.get("type"), 110 in codes(p)) for p in room.heard(client, after=phone) if p.name == "presence"]
        must(True, (room.occupant("david"), None, True) in seen or (room.occupant("dave"), None, True) in seen,
             "that he has a nick he knows: %s" % seen)
    room.say(desk, "m")
    speaker = [m.get("from") for m in room.heard(desk) if m.name == "message"][0]
    shown = {p.get("from"): p.get("type") for p in room.heard(alice, after=phone) if p.name == "presence"}
    must(None, shown.get(speaker), "presence of who speaks")
    must(True, speaker in shown, "that he is shown: %s" % shown)


# ---- what he shows


@case
def what_an_occupant_shows_all_see(world):
    """XEP-0045 §7.7"""
    room, alice, bob, carol = three(world)
    bob.send("<presence to='%s'><show>xa</show><status>gone where the goblins go</status></presence>" % room.occupant("bob"))
    for witness, own in ((bob, [110]), (alice, []), (carol, [])):
        seen = room.heard(witness, after=bob)
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant("bob"), affiliation="none", role="participant", codes=own, show="xa",
                       status="gone where the goblins go")
    must("xa", room.enter(world.connect(), "dave").others["bob"].find("show").text, "what newcomers see")
    bob.send("<presence to='%s'/>" % room.occupant("bob"))
    must(None, room.heard(bob)[-1].find("show"), "that he shows nothing any more")


@case
def presence_for_all_contacts_is_not_for_rooms(world):
    """RFC 6121 §4.4.2: broadcasts go to who is subscribed"""
    room, alice = Room(world), world.connect()
    room.found(alice, "alice")
    bob = world.online()
    room.enter(bob, "bob")
    room.settle(alice)
    bob.send("<presence><show>dnd</show></presence>")
    bob.fence()
    room.settle(bob)
    must([], room.heard(alice), "what the room shows")


@case
def a_subscription_to_a_room_is_none(world):
    """XEP-0045 §17.3, 1 and 2: presence with another type changes nothing"""
    room, alice, bob, _ = three(world)
    for kind in ("subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"):
        for to in (room.jid, room.occupant("bob")):
            bob.send("<presence type='%s' to='%s'/>" % (kind, to))
    room.settle(bob)
    must([], [p for p in room.heard(alice) if p.get("type") == "unavailable"], "who went")
    room.say(bob, "m")
    room.hears(alice, "m", after=bob)


# ---- he goes


@case
def who_leaves_is_gone_to_all_and_himself(world):
    """XEP-0045 §7.14"""
    room, alice, bob, carol = three(world)
    room.leave(bob, "bob", "<status>gone where the goblins go</status><x xmlns='%s'><status code='307'/></x>" % names.MUC_USER)
    for witness, own in ((bob, [110]), (alice, []), (carol, [])):
        seen = room.heard(witness, after=bob)
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant("bob"), "unavailable", affiliation="none", role="none", codes=own,
                       status="gone where the goblins go")
        occupant_id(seen[0])
    must(["alice", "carol"], sorted(room.enter(world.connect(), "bob").others), "who is there")


@case
def who_is_not_there_cannot_leave(world):
    """XEP-0045 §17.3, 5: it is ignored"""
    room, alice, bob, carol = three(world)
    stranger = world.connect()
    for nick in ("bob", "stranger"):
        room.leave(stranger, nick)
    must([], room.heard(stranger), "answers")
    for p in (alice, bob, carol):
        must([], room.heard(p), "what is seen of it")


@case
def who_has_left_hears_no_more(world):
    """XEP-0045 §7.14"""
    room, alice, bob, carol = three(world)
    room.leave(bob, "bob")
    room.heard(bob)
    room.say(alice, "m")
    must([], room.heard(bob, after=alice), "what he gets")
    room.say(bob, "n")
    room.hears_error(bob, "not-acceptable", None, "n")


def _closes(client):
    client.send("</stream:stream>")
    client.close()


def _is_cut_off(client):
    client.transport.abort()


def _says_so_to_all(client):
    client.send("<presence type='unavailable'><status>bye</status></presence>")
    client.fence()


@case
def a_locked_room_ends_when_its_owner_is_cut_off(world):
    """XEP-0045 §10.1.3: its owner's connection was lost before it was configured"""
    room, alice, bob = Room(world), world.connect(), world.online()
    room.enter(alice, "alice")
    alice.transport.abort()
    for _ in range(TRIES):
        room.ask(bob, "bob")
        e = bob.expect("element", "entry, or an error")
        if e.get("type") != "error":
            check_presence(e, room.occupant("bob"), affiliation="owner", codes=[110, 170, 201])
            return
        time.sleep(PAUSE)
    raise Unexpected("the room is locked still")


def _goes(how, is_online):
    def run(world):
        room, alice, bob, carol = three(world)
        dave = (world.online if is_online else world.connect)()
        room.enter(dave, "dave")
        for p in (alice, bob, carol):
            room.settle(p)
        how(dave)
        for p in (alice, bob, carol):
            gone = p.expect("element", "that he is gone")
            check_presence(gone, room.occupant("dave"), "unavailable", affiliation="none", role="none")
            must([], room.heard(p), "more")
        room.enter(world.connect(), "dave")
    return run


for _how, _sentence in ((_closes, "who closes his stream is gone"), (_is_cut_off, "whose connection breaks is gone"),
                        (_says_so_to_all, "who is unavailable to all is gone")):
    for _online in (True, False):
        add_case(__name__, _sentence + (" from the room" if _online else " from the room though he was available to it alone"),
                 "XEP-0045 §7.14, RFC 6121 §4.5.2, §4.6.3", _goes(_how, _online))


@case
def who_has_had_several_nicks_and_rooms_is_gone_from_all_of_them(world):
    """RFC 6121 §4.6.3: directed presence is remembered by address"""
    room, alice, bob, _ = three(world)
    other = Room(world)
    other.found(alice, "alice")
    for nick in ("robert", "rob"):
        bob.send("<presence to='%s'/>" % room.occupant(nick))
    other.enter(bob, "bob")
    other.settle(alice)
    other.leave(bob, "bob")
    other.heard(bob)
    other.enter(bob, "bobby")
    for r in (room, other):
        r.heard(alice, after=bob)
    bob.transport.abort()
    gone = {alice.expect_element("presence", type="unavailable").get("from") for _ in range(2)}
    must({room.occupant("rob"), other.occupant("bobby")}, gone, "who is gone")
    for r in (room, other):
        must([], r.heard(alice), "more")


@case
def who_was_refused_may_try_again_and_is_gone_when_he_goes(world):
    """RFC 6121 §4.6.3: an error for one address ends nothing but that"""
    room, alice, bob, _ = three(world)
    dave = world.connect()
    room.refuses(dave, "alice", "conflict", "cancel")
    room.enter(dave, "dave")
    room.settle(alice)
    dave.transport.abort()
    check_presence(alice.expect("element", "that he is gone"), room.occupant("dave"), "unavailable", role="none")


# ---- he is not there any more


@case
def whose_client_bounces_what_it_gets_is_gone(world):
    """XEP-0045 §18.1, §13.1: for each error that says so, with 333 for all"""
    room, alice, bob, carol = three(world)
    for i, condition in enumerate(("gone", "item-not-found", "recipient-unavailable", "remote-server-not-found",
                                   "remote-server-timeout")):
        dave = world.connect()
        room.enter(dave, "dave")
        for p in (alice, bob, carol):
            room.settle(p)
        dave.send("<message type='error' to='%s' id='m%d'><error type='cancel'><%s xmlns='%s'/></error></message>" % (
            room.jid, i, condition, names.STANZA_ERRORS))
        for p, own in ((dave, True), (alice, False), (bob, False), (carol, False)):
            seen = room.heard(p, after=dave)
            must(1, len(seen), "presences for %s" % condition)
            check_presence(seen[0], room.occupant("dave"), "unavailable", affiliation="none", role="none")
            must((own, True), (110 in codes(seen[0]), 333 in codes(seen[0])), "codes 110 and 333 of %s" % seen[0])


@case
def an_error_that_is_about_a_stanza_ends_nothing(world):
    """XEP-0045 §18.1: only delivery-related errors do"""
    room, alice, bob, carol = three(world)
    for condition in ("not-acceptable", "feature-not-implemented", "bad-request", "policy-violation", "undefined-condition"):
        for name in ("message", "presence"):
            bob.send("<%s type='error' to='%s'><error type='cancel'><%s xmlns='%s'/></error></%s>" % (
                name, room.occupant("alice"), condition, names.STANZA_ERRORS, name))
    room.settle(bob)
    must([], [p for p in room.heard(alice) if p.get("type") == "unavailable"], "who is gone")
    room.say(bob, "m")
    room.hears(bob, "m")


@case
def an_error_from_who_is_no_occupant_ends_nothing(world):
    """XEP-0045 §18.1"""
    room, alice, bob, carol = three(world)
    stranger = world.connect()
    for to in (room.jid, room.occupant("bob")):
        stranger.send("<message type='error' to='%s'><error type='cancel'><gone xmlns='%s'/></error></message>" % (
            to, names.STANZA_ERRORS))
    must([], room.heard(alice, after=stranger), "what is seen of it")
    room.say(bob, "m")
    room.hears(bob, "m")
