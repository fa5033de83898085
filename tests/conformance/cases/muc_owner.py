# What owners decide (XEP-0045 §10): the configuration, what it does to who enters (§7.2.3 to §7.2.9), and the end of a room.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error
from wire.rooms import Room, admin, an_item, check_presence, codes, extension, item
from wire.talk import bare, must

from .muc_talk import three

ASK = "<query xmlns='%s'/>" % names.MUC_OWNER
CANCEL = "<query xmlns='%s'><x xmlns='%s' type='cancel'/></query>" % (names.MUC_OWNER, names.FORMS)


def made(world, **fields):
    """A room that its owner has configured so, and somebody at the door."""
    room, alice = Room(world), world.connect()
    room.enter(alice, "alice")
    room.configure(alice, **fields)
    return room, alice, world.connect()


def with_password(secret):
    return "<x xmlns='%s'><password>%s</password></x>" % (names.MUC, secret)


def form_of(answer):
    """The fields by name, as lists of values."""
    form = answer.find("query", names.MUC_OWNER).find("x", names.FORMS)
    return {f.get("var"): [v.text for v in f.all("value")] for f in form.all("field")}


def destroyed(presence, nick, room, **wanted):
    check_presence(presence, room.occupant(nick), "unavailable", role="none")
    destroy = extension(presence).find("destroy")
    if destroy is None:
        raise Unexpected("no <destroy/>: %s" % presence)
    for key, value in wanted.items():
        child = destroy.find(key)
        must(value, destroy.get("jid") if key == "jid" else child is not None and child.text, key)


# ---- before it is configured


@case
def a_locked_room_ends_when_its_owner_goes(world):
    """XEP-0045 §10.1.3: with <destroy/>"""
    room, alice, bob = Room(world), world.connect(), world.connect()
    room.enter(alice, "alice")
    room.leave(alice, "alice")
    gone = alice.expect("element", "what becomes of the room")
    check_presence(gone, room.occupant("alice"), "unavailable", role="none")
    if extension(gone).find("destroy") is None:
        raise Unexpected("no <destroy/>: %s" % gone)
    must([110, 170, 201], codes(room.enter(bob, "bob").own), "status codes of a room that is made anew")


@case
def a_new_owner_may_decline_to_configure(world):
    """XEP-0045 §10.1.3: the room is destroyed"""
    room, alice, bob = Room(world), world.connect(), world.connect()
    room.enter(alice, "alice")
    must("result", room.request(alice, CANCEL).get("type"), "answer")
    gone = room.unread.pop(alice, None) or [alice.expect("element", "the end of the room")]
    check_presence(gone[0], room.occupant("alice"), "unavailable", role="none")
    if extension(gone[0]).find("destroy") is None:
        raise Unexpected("no <destroy/>: %s" % gone[0])
    must([110, 170, 201], codes(room.enter(bob, "bob").own), "status codes of a room that is made anew")


@case
def a_reserved_room_is_configured_before_anybody_enters(world):
    """XEP-0045 §10.1.3"""
    room, alice, bob = Room(world), world.connect(), world.connect()
    room.enter(alice, "alice")
    fields = form_of(room.must(alice, ASK, "get"))
    must([names.MUC + "#roomconfig"], fields["FORM_TYPE"], "FORM_TYPE")
    for var in ("roomname", "roomdesc", "persistentroom", "publicroom", "membersonly", "moderatedroom", "passwordprotectedroom",
                "roomsecret", "whois", "changesubject", "maxusers"):
        must(True, "muc#roomconfig_" + var in fields, "that there is a field " + var)
    room.refuses(bob, "bob", "item-not-found", "cancel")
    room.configure(alice, roomname="A Dark Cave", moderatedroom=1)
    must("visitor", item(room.enter(bob, "bob").own).get("role"), "his role")


# ---- the configuration


@case
def who_is_no_owner_does_not_configure(world):
    """XEP-0045 §10.2"""
    room, alice, bob, _ = three(world)
    stranger = world.connect()
    for client in (bob, stranger):
        room.must_not(client, ASK, "forbidden", kind="get")
        room.must_not(client, room.configuration(roomname="mine"), "forbidden")
        room.must_not(client, CANCEL, "forbidden")
        room.must_not(client, "<query xmlns='%s'><destroy/></query>" % names.MUC_OWNER, "forbidden")
    must([], [e for e in room.heard(alice) if e.name == "message"], "what is told of it")


@case
def the_form_says_how_a_room_is_set(world):
    """XEP-0045 §10.2"""
    room, alice, bob = made(world)
    wanted = {"roomname": "A &lt;Cave&gt;", "roomdesc": "for witches", "persistentroom": "1", "membersonly": "1",
              "moderatedroom": "1", "whois": "anyone", "passwordprotectedroom": "1", "roomsecret": "cauldron",
              "changesubject": "1", "maxusers": "10", "publicroom": "0", "lang": "en"}
    room.configure(alice, **wanted)
    fields = form_of(room.must(alice, ASK, "get"))
    for var, value in wanted.items():
        got = fields.get("muc#roomconfig_" + var)
        must([value.replace("&lt;", "<").replace("&gt;", ">")], [{"true": "1", "false": "0"}.get(g, g) for g in got or []], var)


@case
def what_a_form_does_not_say_stays_as_it_is(world):
    """XEP-0045 §10.2, XEP-0004 §3.1"""
    room, alice, bob = made(world, moderatedroom=1, passwordprotectedroom=1, roomsecret="cauldron")
    room.configure(alice, roomname="A Dark Cave")
    room.refuses(bob, "bob", "not-authorized", "auth")
    must("visitor", item(room.enter(bob, "bob", with_password("cauldron")).own).get("role"), "his role")


@case
def who_cancels_changes_nothing(world):
    """XEP-0045 §10.2"""
    room, alice, bob, _ = three(world)
    room.must(alice, ASK, "get")
    room.must(alice, CANCEL)
    must([], room.heard(bob), "what is told of it")
    room.say(bob, "m")
    room.hears(bob, "m")


@case
def a_configuration_that_cannot_be_is_refused_as_a_whole(world):
    """XEP-0045 §10.1.3: not-acceptable"""
    room, alice, bob = made(world)
    for fields in ({"passwordprotectedroom": 1, "roomsecret": ""}, {"moderatedroom": 1, "whois": "nobody-knows"},
                   {"moderatedroom": 1, "maxusers": "many"}, {"moderatedroom": "perhaps"}):
        room.must_not(alice, room.configuration(**fields), ("not-acceptable", "bad-request"), "modify")
    must("participant", item(room.enter(bob, "bob").own).get("role"), "his role")


@case
def changes_of_a_rooms_privacy_are_told_to_all(world):
    """XEP-0045 §10.2.1"""
    room, alice, bob, _ = three(world)
    for fields, code in (({"whois": "anyone"}, 172), ({"whois": "moderators"}, 173), ({"enablelogging": 0}, 171),
                         ({"enablelogging": 1}, 170), ({"roomname": "A Dark Cave"}, 104)):
        room.configure(alice, **fields)
        for witness in (alice, bob):
            told = [m for m in room.heard(witness) if m.name == "message"]
            must(True, len(told) > 0, "that %s is told" % fields)
            for m in told:
                must((room.jid, "groupchat"), (m.get("from"), m.get("type")), "header")
                must(None, m.find("body"), "body")
            must([code], sorted({int(s.get("code")) for m in told for s in extension(m).all("status")}), "codes of %s" % fields)


# ---- who gets in


@case
def a_room_with_a_password_wants_it(world):
    """XEP-0045 §7.2.5"""
    room, alice, bob = made(world, passwordprotectedroom=1, roomsecret="cauldron&lt;burn")
    room.refuses(bob, "bob", "not-authorized", "auth")
    for wrong in ("", "cauldron", "Cauldron&lt;burn", "cauldron&lt;burn "):
        room.refuses(bob, "bob", "not-authorized", "auth", with_password(wrong))
    must([], [e for e in room.heard(alice) if e.name == "presence"], "what others see")
    entry = room.enter(bob, "bob", with_password("cauldron&lt;burn"))
    must(["alice"], list(entry.others), "others")
    if "cauldron" in "".join(str(e) for e in room.heard(alice)):
        raise Unexpected("the password is told to others")


@case
def a_room_for_members_is_for_members(world):
    """XEP-0045 §7.2.6"""
    room, alice, bob = made(world, membersonly=1)
    room.refuses(bob, "bob", "registration-required", "auth")
    room.must(alice, admin(an_item(affiliation="member", jid=bare(bob))))
    must("member", item(room.enter(bob, "bob").own).get("affiliation"), "his affiliation")


@case
def who_is_banned_does_not_enter(world):
    """XEP-0045 §7.2.7"""
    room, alice, bob = made(world)
    room.must(alice, admin(an_item(affiliation="outcast", jid=bare(bob))))
    room.refuses(bob, "bob", "forbidden", "auth")
    room.must(alice, admin(an_item(affiliation="none", jid=bare(bob))))
    room.enter(bob, "bob")


@case
def a_full_room_is_full_but_for_those_who_run_it(world):
    """XEP-0045 §7.2.9"""
    room, alice, bob = made(world, maxusers=10)
    for i in range(9):
        room.enter(world.connect(), "o%d" % i)
    room.refuses(bob, "bob", "service-unavailable", "wait")
    room.must(alice, admin(an_item(affiliation="admin", jid=bare(bob))))
    room.enter(bob, "bob")


@case
def a_non_anonymous_room_shows_addresses_and_says_so(world):
    """XEP-0045 §7.2.3"""
    room, alice, bob = made(world, whois="anyone")
    carol = world.connect()
    room.enter(carol, "carol")
    entry = room.enter(bob, "bob")
    must([100, 110, 170], codes(entry.own), "status codes")
    must([alice.jid, carol.jid], [item(entry.others[nick]).get("jid") for nick in ("alice", "carol")], "addresses")
    must(bob.jid, item(room.heard(carol)[-1]).get("jid"), "the address of who comes")


@case
def a_room_without_logs_does_not_say_that_it_has(world):
    """XEP-0045 §7.2.12"""
    room, alice, bob = made(world, enablelogging=0)
    must([110], codes(room.enter(bob, "bob").own), "status codes")


@case
def visitors_of_a_moderated_room_have_no_voice(world):
    """XEP-0045 §7.4, §5.1.2"""
    room, alice, bob = made(world, moderatedroom=1)
    check_presence(room.enter(bob, "bob").own, room.occupant("bob"), affiliation="none", role="visitor")
    room.heard(alice)
    room.say(bob, "m")
    room.hears_error(bob, "forbidden", "auth", "m")
    room.set_subject(bob, "mine")
    room.hears_error(bob, "forbidden", "auth", "subject")
    must([], room.heard(alice), "messages")


@case
def presence_of_some_roles_may_be_hidden(world):
    """XEP-0045 §7.2.2, muc#roomconfig_presencebroadcast"""
    room, alice, bob = made(world, moderatedroom=1, presencebroadcast=["moderator", "participant"])
    carol = world.connect()
    room.enter(carol, "carol")
    must(["alice"], list(room.enter(bob, "bob").others), "whom a newcomer sees")
    bob.send("<presence to='%s'><show>away</show></presence>" % room.occupant("bob"))
    must([], [e for e in room.heard(carol, after=bob) if e.name == "presence"], "what a visitor sees of another")
    room.must(alice, admin(an_item(nick="bob", role="participant")))
    check_presence(room.heard(carol)[-1], room.occupant("bob"), role="participant")
    room.must(alice, admin(an_item(nick="bob", role="visitor")))
    check_presence(room.heard(carol)[-1], room.occupant("bob"), "unavailable")
    room.say(alice, "m")
    room.hears(bob, "m", after=alice)


@case
def some_roles_may_be_kept_from_private_messages(world):
    """XEP-0045 §7.5, muc#roomconfig_allowpm"""
    room, alice, bob = made(world, allowpm="moderators")
    carol = world.connect()
    room.enter(bob, "bob")
    room.enter(carol, "carol")
    room.settle(bob)
    room.whisper(bob, "carol", "m")
    check_error(room.heard(bob)[-1], ("forbidden", "not-allowed", "not-acceptable"))
    room.whisper(alice, "carol", "n")
    room.hears(carol, "n", after=alice)


@case
def participants_may_be_let_change_the_subject(world):
    """XEP-0045 §8.1, muc#roomconfig_changesubject"""
    room, alice, bob = made(world, changesubject=1)
    room.enter(bob, "bob")
    room.heard(alice)
    room.set_subject(bob, "Toil and Trouble")
    room.hears(alice, "subject", after=bob)


@case
def a_room_keeps_as_much_history_as_it_is_told(world):
    """XEP-0045 §7.2.13, muc#maxhistoryfetch"""
    room, alice, bob = made(world, maxhistoryfetch=2)
    for i in range(5):
        room.say(alice, "m%d" % i)
    room.settle(alice)
    must(["m3", "m4"], [m.get("id") for m in room.enter(bob, "bob").history], "history")


@case
def who_is_no_member_goes_when_a_room_becomes_for_members(world):
    """XEP-0045 §10.2: 322 for all"""
    room, alice, bob, carol = three(world)
    room.must(alice, admin(an_item(affiliation="member", jid=bare(carol))))
    for p in (alice, bob, carol):
        room.heard(p)
    room.configure(alice, membersonly=1)
    for witness, own in ((alice, []), (carol, []), (bob, [110])):
        seen = [e for e in room.heard(witness) if e.name == "presence"]
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant("bob"), "unavailable", role="none", codes=own + [322])
    room.refuses(bob, "bob", "registration-required", "auth")


@case
def a_persistent_room_outlasts_its_occupants(world):
    """XEP-0045 §4.2, §7.14"""
    room, alice, bob = made(world, persistentroom=1, roomname="A Dark Cave")
    room.say(alice, "m1")
    room.set_subject(alice, "Fire Burn")
    room.leave(alice, "alice")
    room.settle(alice)
    entry = room.enter(bob, "bob")
    check_presence(entry.own, room.occupant("bob"), affiliation="none", role="participant", codes=[110, 170])
    must((["m1"], "Fire Burn"), ([m.get("id") for m in entry.history], entry.subject.find("subject").text), "what it remembers")
    check_presence(room.enter(alice, "alice").own, room.occupant("alice"), affiliation="owner", role="moderator")


@case
def owners_and_admins_may_be_named_in_the_form(world):
    """XEP-0045 §10.2: each change is shown; §10.5, note"""
    room, alice, bob, carol = three(world)
    if "muc#roomconfig_roomadmins" not in form_of(room.must(alice, ASK, "get")):
        return
    room.configure(alice, roomadmins=[bare(bob)], roomowners=[bare(alice), bare(carol)])
    seen = {p.get("from"): item(p) for p in room.heard(bob) if p.name == "presence"}
    must(("admin", "moderator"), tuple(seen[room.occupant("bob")].get(a) for a in ("affiliation", "role")), "bob")
    must(("owner", "moderator"), tuple(seen[room.occupant("carol")].get(a) for a in ("affiliation", "role")), "carol")
    room.must_not(alice, room.configuration(roomowners=[]), ("conflict", "not-acceptable"))


# ---- the end


@case
def an_owner_destroys_his_room(world):
    """XEP-0045 §10.9: each occupant is told once, and why"""
    room, alice, bob, carol = three(world)
    room.configure(alice, persistentroom=1)
    for p in (alice, bob, carol):
        room.heard(p)
    room.must(alice, "<query xmlns='%s'><destroy jid='other@%s'><password>p</password><reason>Macbeth doth come.</reason>"
              "</destroy></query>" % (names.MUC_OWNER, room.service))
    for p, nick in ((alice, "alice"), (bob, "bob"), (carol, "carol")):
        seen = room.unread.pop(p, []) or [p.expect("element", "the end")]
        destroyed(seen[0], nick, room, jid="other@" + room.service, reason="Macbeth doth come.", password="p")
        room.say(p, "m")
        p.expect_error("item-not-found", "cancel", id="m")
    entry = room.enter(bob, "bob")
    check_presence(entry.own, room.occupant("bob"), affiliation="owner", codes=[110, 170, 201])
    must([], entry.history, "history")


@case
def a_room_is_destroyed_without_a_reason(world):
    """XEP-0045 §10.9"""
    room, alice, bob, carol = three(world)
    room.must(alice, "<query xmlns='%s'><destroy/></query>" % names.MUC_OWNER)
    destroyed(bob.expect("element", "the end"), "bob", room)
    destroyed(carol.expect("element", "the end"), "carol", room)


@case
def a_room_that_is_not_there_is_not_destroyed(world):
    """XEP-0045 §10.9"""
    room, alice = Room(world), world.connect()
    room.must_not(alice, "<query xmlns='%s'><destroy/></query>" % names.MUC_OWNER, "item-not-found")


@case
def what_an_owner_asks_must_make_sense(world):
    """RFC 6120 §8.3.3.1"""
    room, alice, bob, carol = three(world)
    for inside in ("<nonsense/>", "<x xmlns='%s' type='form'/>" % names.FORMS, "<x xmlns='%s' type='result'/>" % names.FORMS):
        room.must_not(alice, "<query xmlns='%s'>%s</query>" % (names.MUC_OWNER, inside), "bad-request", "modify")
