# Registering with a room (XEP-0045 §7.10), and the nick that is reserved by it (§7.12).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.rooms import Room, admin, an_item, check_presence
from wire.talk import bare, must

from .muc_talk import three

ASK = "<query xmlns='%s'/>" % names.REGISTER
REMOVE = "<query xmlns='%s'><remove/></query>" % names.REGISTER
RESERVED = "<query xmlns='%s' node='x-roomuser-item'/>" % names.DISCO_INFO


def form(nick, form_type=names.MUC + "#register"):
    return ("<query xmlns='%s'><x xmlns='%s' type='submit'><field var='FORM_TYPE'><value>%s</value></field>"
            "<field var='muc#register_roomnick'><value>%s</value></field></x></query>"
            % (names.REGISTER, names.FORMS, form_type, nick))


@case
def a_stranger_registers_and_is_a_member(world):
    """XEP-0045 §7.10"""
    room, alice, bob, _ = three(world)
    stranger = world.connect()
    fields = room.must(stranger, ASK, "get").find("query", names.REGISTER).find("x", names.FORMS).all("field")
    must(True, "muc#register_roomnick" in [f.get("var") for f in fields], "that a nick is asked for")
    room.must(stranger, form("thirdwitch"))
    query = room.must(stranger, ASK, "get").find("query", names.REGISTER)
    must((True, "thirdwitch"), (query.find("registered") is not None, query.find("username").text), "registration")
    check_presence(room.enter(stranger, "thirdwitch").own, room.occupant("thirdwitch"), affiliation="member", role="participant")


@case
def all_see_that_an_occupant_has_registered(world):
    """XEP-0045 §7.10"""
    room, alice, bob, carol = three(world)
    room.must(bob, form("bob"))
    for witness in (alice, carol, bob):
        seen = [e for e in room.heard(witness) if e.name == "presence"]
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant("bob"), affiliation="member", role="participant")


@case
def a_reserved_nick_is_for_nobody_else(world):
    """XEP-0045 §7.2.8, §7.6, §7.10"""
    room, alice, bob, carol = three(world)
    stranger = world.connect()
    room.must(stranger, form("thirdwitch"))
    dave = world.connect()
    room.refuses(dave, "thirdwitch", "conflict", "cancel")
    bob.send("<presence to='%s'/>" % room.occupant("thirdwitch"))
    bob.expect_error("conflict", "cancel")
    room.must_not(bob, form("thirdwitch"), "conflict", "cancel")
    room.enter(stranger, "another")  # he may have another one


@case
def a_room_says_which_nick_is_reserved_for_whom(world):
    """XEP-0045 §7.12"""
    room, alice, bob, _ = three(world)
    stranger = world.connect()
    query = room.must(stranger, RESERVED, "get").find("query", names.DISCO_INFO)
    must([], query.children, "what is known of a stranger")
    room.must(stranger, form("thirdwitch"))
    identities = room.must(stranger, RESERVED, "get").find("query", names.DISCO_INFO).all("identity")
    must([("conference", "text", "thirdwitch")], [tuple(i.get(a) for a in ("category", "type", "name")) for i in identities],
         "identities")
    room.enter(stranger, "another")
    room.must(stranger, RESERVED, "get")


@case
def who_has_registered_may_take_it_back(world):
    """XEP-0077 §3.2"""
    room, alice, bob, carol = three(world)
    room.must(bob, form("bob"))
    room.heard(carol)
    room.must(bob, REMOVE)
    check_presence([e for e in room.heard(carol) if e.name == "presence"][-1], room.occupant("bob"), affiliation="none")
    stranger = world.connect()
    room.must(stranger, form("other"))
    room.must(stranger, REMOVE)
    room.enter(world.connect(), "other")


@case
def who_is_banned_does_not_register(world):
    """XEP-0045 §7.10: not-allowed"""
    room, alice, bob, _ = three(world)
    stranger = world.connect()
    room.must(stranger, form("thirdwitch"))
    room.must(alice, admin(an_item(affiliation="outcast", jid=bare(stranger))))
    room.must_not(stranger, ASK, ("not-allowed", "forbidden"), kind="get")
    room.must_not(stranger, form("thirdwitch"), ("not-allowed", "forbidden"))
    room.enter(world.connect(), "thirdwitch")  # §9.1: his nick is reserved no more


@case
def what_is_no_form_does_not_register(world):
    """XEP-0045 §7.10: bad-request"""
    room, alice, bob, _ = three(world)
    for payload in ("<query xmlns='%s'><username>bob</username></query>" % names.REGISTER, ASK,
                    "<query xmlns='%s'><x xmlns='%s' type='submit'/></query>" % (names.REGISTER, names.FORMS),
                    form("bob", "urn:example:another"), form(""), form("  ")):
        room.must_not(bob, payload, ("bad-request", "not-acceptable"), "modify")
    must([], [e for e in room.heard(alice) if e.name == "presence"], "what others see")


@case
def a_room_that_is_not_there_registers_nobody(world):
    """XEP-0045 §7.10"""
    room, bob = Room(world), world.connect()
    room.must_not(bob, ASK, "item-not-found", "cancel", kind="get")
    room.must_not(bob, form("bob"), "item-not-found", "cancel")
