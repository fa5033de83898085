# What a room keeps of what was said (XEP-0313 §6.1.2), and what is taken back of it (XEP-0424, XEP-0425).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.rooms import Room, admin, an_item, item, occupant_id
from wire.talk import bare, must

from .muc_owner import made
from .muc_talk import three

MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
RETRACT = "urn:xmpp:message-retract:1"
MODERATE = "urn:xmpp:message-moderate:1"
QUERY = "<query xmlns='%s' queryid='q'/>" % MAM


def page(inside):
    return "<query xmlns='%s' queryid='q'><set xmlns='%s'>%s</set></query>" % (MAM, RSM, inside)


def read(room, client, query=QUERY):
    """[(id, message)] of a page, and <fin/>."""
    answer = room.must(client, query)
    results = [e.find("result", MAM) for e in room.unread.pop(client, []) if e.find("result", MAM) is not None]
    return ([(r.get("id"), r.find("forwarded", names.FORWARD).find("message", names.CLIENT)) for r in results],
            answer.find("fin", MAM))


def said(results):
    return [m.get("id") for _, m in results if m.find("body") is not None]


def id_of(room, message):
    return next(s.get("id") for s in message.all("stanza-id", names.STANZA_ID) if s.get("by") == room.jid)


def retract(stanza_id):
    return "<retract xmlns='%s' id='%s'/><store xmlns='urn:xmpp:hints'/>" % (RETRACT, stanza_id)


def moderate(stanza_id):
    return ("<moderate id='%s' xmlns='%s'><retract xmlns='%s'/><reason>not here</reason></moderate>"
            % (stanza_id, MODERATE, RETRACT))


# ---- reading


@case
def what_was_said_to_all_is_kept_once(world):
    """XEP-0313 §6.1.2: private messages and what was refused are not"""
    room, alice, bob, carol = three(world)
    stranger = world.connect()
    for i, speaker in enumerate((alice, bob, carol)):
        room.say(speaker, "m%d" % i)
        room.settle(speaker)
    live = [m for m in room.heard(alice) if m.name == "message"]  # her own was read before
    room.whisper(bob, "carol", "private")
    room.say(stranger, "stranger")
    room.settle(bob)
    results, fin = read(room, stranger)
    must(["m0", "m1", "m2"], said(results), "messages")
    must("true", fin.get("complete"), "complete")
    must([room.occupant(n) for n in ("alice", "bob", "carol")], [m.get("from") for _, m in results], "by whom")
    must(True, all(occupant_id(m) for _, m in results), "occupant ids")
    must([id_of(room, m) for m in live], [i for i, _ in results[1:]], "ids")


@case
def an_archive_is_read_in_pages(world):
    """XEP-0313 §4.3, XEP-0059"""
    room, alice, bob, _ = three(world)
    for i in range(7):
        room.say(bob, "m%d" % i)
    room.settle(bob)
    results, fin = read(room, bob, page("<max>3</max>"))
    must(["m0", "m1", "m2"], said(results), "the first page")
    results, fin = read(room, bob, page("<max>3</max><after>%s</after>" % fin.find("set", RSM).find("last").text))
    must(["m3", "m4", "m5"], said(results), "the next")
    results, _ = read(room, bob, page("<max>2</max><before/>"))
    must(["m5", "m6"], said(results), "the last")


@case
def addresses_in_an_archive_are_for_who_may_see_them(world):
    """XEP-0313 §6.1.2: in an <x/> that is the room's"""
    room, alice, bob, carol = three(world)
    room.say(bob, "m", inside="<x xmlns='%s'><item jid='king@example.org' affiliation='owner'/></x>" % names.MUC_USER)
    room.settle(bob)
    (_, seen), = read(room, carol)[0]
    if seen.find("x", names.MUC_USER) is not None or bob.jid in str(seen):
        raise Unexpected("his address is told: %s" % seen)
    (_, seen), = read(room, alice)[0]
    must(bob.jid, item(seen).get("jid"), "what a moderator sees")
    room.configure(alice, whois="anyone")
    (_, seen), = read(room, carol)[0]
    must(bob.jid, item(seen).get("jid"), "what all see of a non-anonymous room")


@case
def who_may_not_enter_does_not_read(world):
    """XEP-0313 §6.1.2: as things are when he asks"""
    room, alice, bob = made(world, membersonly=1)
    room.say(alice, "m")
    room.settle(alice)
    room.must_not(bob, QUERY, "forbidden", "auth")
    room.must(alice, admin(an_item(affiliation="member", jid=bare(bob))))
    must(["m"], said(read(room, bob)[0]), "what a member reads")
    room.must(alice, admin(an_item(affiliation="none", jid=bare(bob))))
    room.must_not(bob, QUERY, "forbidden", "auth")
    room.configure(alice, membersonly=0)
    must(["m"], said(read(room, bob)[0]), "what anybody reads of an open room")
    room.must(alice, admin(an_item(affiliation="outcast", jid=bare(bob))))
    room.must_not(bob, QUERY, "forbidden", "auth")


@case
def a_room_that_is_not_logged_has_no_archive_to_read(world):
    """XEP-0045 §7.2.12: who was not told of it is not read"""
    room, alice, bob = made(world, enablelogging=0)
    room.say(alice, "m")
    room.settle(alice)
    room.must_not(bob, QUERY, ("service-unavailable", "feature-not-implemented", "forbidden"))
    features = [f.get("var") for f in room.must(bob, "<query xmlns='%s'/>" % names.DISCO_INFO, "get").find(
        "query", names.DISCO_INFO).all("feature")]
    must(False, MAM in features, "that it says that it has one")


@case
def an_archive_ends_with_its_room(world):
    """XEP-0045 §10.9: who makes a room of that name reads nothing of the old one"""
    room, alice, bob, _ = three(world)
    room.say(alice, "m")
    room.must(alice, "<query xmlns='%s'><destroy/></query>" % names.MUC_OWNER)
    room.must_not(bob, QUERY, "item-not-found")
    other = Room(world, room.jid.partition("@")[0])
    other.found(bob, "bob")
    must([], read(other, bob)[0], "what is left")


# ---- taking back


@case
def who_said_something_takes_it_back(world):
    """XEP-0424 §5: all are told, and it is neither history nor in the archive"""
    room, alice, bob, carol = three(world)
    room.say(bob, "m1", "a secret")
    room.say(bob, "m2")
    first = next(m for m in room.heard(carol, after=bob) if m.get("id") == "m1")
    bob.send("<message type='groupchat' id='r' to='%s'>%s</message>" % (room.jid, retract(id_of(room, first))))
    told = room.heard(carol, after=bob)
    must([("r", room.occupant("bob"))], [(m.get("id"), m.get("from")) for m in told], "told")
    must(id_of(room, first), told[0].find("retract", RETRACT).get("id"), "which")
    must(occupant_id(first), occupant_id(told[0]), "by whom")
    history = room.enter(world.connect(), "dave").history
    must(["m2"], [m.get("id") for m in history if m.find("body") is not None], "history")
    results, _ = read(room, carol)
    if "a secret" in "".join(str(m) for _, m in results):
        raise Unexpected("it is in the archive still")
    must(["m2"], said(results), "archive")


@case
def nobody_takes_back_what_another_said(world):
    """XEP-0424 §6"""
    room, alice, bob, carol = three(world)
    room.say(bob, "m1")
    stanza_id = id_of(room, room.heard(carol, after=bob)[-1])
    carol.send("<message type='groupchat' id='r' to='%s'>%s</message>" % (room.jid, retract(stanza_id)))
    room.heard(carol)
    must(["m1"], said(read(room, bob)[0]), "archive")
    must(["m1"], [m.get("id") for m in room.enter(world.connect(), "dave").history if m.find("body") is not None], "history")


@case
def a_moderator_takes_back_what_another_said(world):
    """XEP-0425 §3, §4: the room tells it, and leaves a tombstone"""
    room, alice, bob, carol = three(world)
    room.say(bob, "m1", "free magic potions")
    said_by_bob = next(m for m in room.heard(carol, after=bob) if m.get("id") == "m1")
    stanza_id = id_of(room, said_by_bob)
    room.heard(alice)
    room.must_not(carol, moderate(stanza_id), "forbidden")
    room.must_not(world.connect(), moderate(stanza_id), "forbidden")
    room.must_not(alice, moderate("nothing"), "item-not-found")
    room.must(alice, moderate(stanza_id))
    for witness in (alice, bob, carol):
        told = [m for m in room.heard(witness) if m.find("retract", RETRACT) is not None]
        must([(room.jid, "groupchat")], [(m.get("from"), m.get("type")) for m in told], "told")
        retracted = told[0].find("retract", RETRACT)
        must((stanza_id, "not here"), (retracted.get("id"), retracted.find("reason").text), "which, and why")
        must(room.occupant("alice"), retracted.find("moderated", MODERATE).get("by"), "by whom")
    results, _ = read(room, carol)
    if "magic" in "".join(str(m) for _, m in results):
        raise Unexpected("it is in the archive still")
    tombs = [(i, m) for i, m in results if m.find("retracted", RETRACT) is not None]
    must([stanza_id], [i for i, _ in tombs], "tombstones")
    must(occupant_id(said_by_bob), occupant_id(tombs[0][1]), "whose it was")
    must(True, tombs[0][1].find("retracted", RETRACT).find("moderated", MODERATE) is not None, "that it was moderated")
    must([], [m.get("id") for m in room.enter(world.connect(), "dave").history if m.find("body") is not None], "history")


@case
def an_occupant_does_not_speak_as_the_room_of_moderation(world):
    """XEP-0425 §5: from the service alone"""
    room, alice, bob, carol = three(world)
    room.say(alice, "m1")
    stanza_id = id_of(room, room.heard(carol, after=alice)[-1])
    bob.send("<message type='groupchat' id='r' to='%s'><retract xmlns='%s' id='%s'><moderated by='%s' xmlns='%s'/></retract>"
             "</message>" % (room.jid, RETRACT, stanza_id, room.occupant("alice"), MODERATE))
    for m in room.heard(carol, after=bob):
        if m.get("from") == room.jid:
            raise Unexpected("the room says it: %s" % m)
    must(["m1"], said(read(room, carol)[0]), "archive")
