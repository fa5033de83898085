# Roles and affiliations, and who may change them (XEP-0045 §8.2 to §8.6, §9, §10.3 to §10.8).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.rooms import admin, an_item, check_presence, codes, extension, item
from wire.talk import bare, must

from .muc_owner import made
from .muc_talk import three


def presences(stanzas):
    return [e for e in stanzas if e.name == "presence"]


def items_of(answer):
    return [i.attrs for i in answer.find("query", names.MUC_ADMIN).all("item")]


def grant(room, owner, affiliation, client):
    room.must(owner, admin(an_item(affiliation=affiliation, jid=bare(client))))


def all_see(room, witnesses, nick, kind=None, **wanted):
    """Each of them just once, of that one; WITNESSES: client, and the codes for him."""
    for client, own in witnesses:
        seen = [p for p in presences(room.heard(client)) if p.get("from") == room.occupant(nick)]
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant(nick), kind, codes=own, **wanted)


def settled(room, *clients):
    for c in clients:
        room.heard(c)


# ---- kicks


@case
def a_moderator_kicks_an_occupant(world):
    """XEP-0045 §8.2: 307 for all, 110 for himself, and why"""
    room, alice, bob, carol = three(world)
    room.must(alice, admin(an_item(nick="bob", role="none", reason="Avaunt, you cullion!")))
    for witness, own in ((bob, [110]), (alice, []), (carol, [])):
        seen = presences(room.heard(witness))
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant("bob"), "unavailable", affiliation="none", role="none", codes=own + [307])
    reason = item(seen[0]).find("reason")
    must(True, reason is None or reason.text == "Avaunt, you cullion!", "the reason, if it is said")
    room.say(bob, "m")
    room.hears_error(bob, "not-acceptable", None, "m")
    room.enter(bob, "bob")


@case
def all_sessions_of_an_occupant_are_kicked(world):
    """XEP-0045 §8.2: each kicked occupant is told"""
    room, alice, _, _ = three(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.connect(account, "desk")
    room.enter(phone, "dave")
    room.enter(desk, "dave")
    settled(room, phone, alice)
    room.must(alice, admin(an_item(nick="dave", role="none")))
    all_see(room, ((phone, [110, 307]), (desk, [110, 307]), (alice, [307])), "dave", "unavailable", role="none")


@case
def who_is_no_moderator_kicks_nobody(world):
    """XEP-0045 §8: forbidden"""
    room, alice, bob, carol = three(world)
    stranger = world.connect()
    for client in (bob, stranger):
        room.must_not(client, admin(an_item(nick="carol", role="none")), "forbidden", "auth")
    settled(room, bob)
    must([], presences(room.heard(carol)), "what is seen of it")


@case
def nobody_kicks_who_is_above_him(world):
    """XEP-0045 §8.2: not-allowed"""
    room, alice, bob, carol = three(world)
    grant(room, alice, "admin", bob)
    room.must(alice, admin(an_item(nick="carol", role="moderator")))
    room.must_not(bob, admin(an_item(nick="alice", role="none")), "not-allowed", "cancel")
    for nick in ("alice", "bob"):
        room.must_not(carol, admin(an_item(nick=nick, role="none")), "not-allowed", "cancel")
    settled(room, bob, carol)
    must([], [p for p in presences(room.heard(alice)) if p.get("type") is not None], "who is gone")


@case
def nobody_kicks_whom_there_is_not(world):
    """XEP-0045 §8.2, RFC 6120 §8.3.3.7"""
    room, alice, bob, _ = three(world)
    room.must_not(alice, admin(an_item(nick="nobody", role="none")), ("item-not-found", "not-acceptable"))
    must([], presences(room.heard(bob)), "what is seen of it")


# ---- voice


@case
def a_moderator_gives_voice_and_takes_it(world):
    """XEP-0045 §8.3, §8.4"""
    room, alice, bob = made(world, moderatedroom=1)
    room.enter(bob, "bob")
    settled(room, alice)
    for role in ("participant", "visitor"):
        room.must(alice, admin(an_item(nick="bob", role=role, reason="A worthy witch indeed!")))
        all_see(room, ((alice, []), (bob, [110])), "bob", affiliation="none", role=role)
        room.say(bob, "m")
        if role == "participant":
            room.hears(alice, "m", after=bob)
            room.heard(bob)
    room.hears_error(bob, "forbidden", "auth", "m")
    for p in room.enter(world.connect(), "carol").others.values():
        if p.get("from") == room.occupant("bob"):
            check_presence(p, room.occupant("bob"), role="visitor")


@case
def who_enters_once_more_keeps_his_voice(world):
    """XEP-0045 §17.3, 3 and 9"""
    room, alice, bob = made(world, moderatedroom=1)
    room.enter(bob, "bob")
    room.must(alice, admin(an_item(nick="bob", role="participant")))
    settled(room, bob)
    check_presence(room.enter(bob, "bob").own, room.occupant("bob"), role="participant")
    bob.send("<presence to='%s'/>" % room.occupant("robert"))
    check_presence(room.heard(bob)[-1], room.occupant("robert"), role="participant")


@case
def nobody_takes_voice_from_admins_or_owners(world):
    """XEP-0045 §8.4: not-allowed"""
    room, alice, bob, carol = three(world)
    grant(room, alice, "admin", bob)
    room.must(alice, admin(an_item(nick="carol", role="moderator")))
    for nick in ("alice", "bob"):
        room.must_not(carol, admin(an_item(nick=nick, role="visitor")), "not-allowed", "cancel")
        room.must_not(bob, admin(an_item(nick=nick, role="visitor")), "not-allowed", "cancel")
    room.must_not(alice, admin(an_item(nick="bob", role="visitor")), "not-allowed", "cancel")


@case
def several_have_their_roles_changed_at_once_or_none(world):
    """XEP-0045 §8.5"""
    room, alice, bob, carol = three(world)
    room.must(alice, admin(an_item(nick="bob", role="visitor"), an_item(nick="carol", role="visitor")))
    must({"visitor"}, {item(p).get("role") for p in presences(room.heard(bob))}, "roles")
    settled(room, carol, alice)
    room.must_not(alice, admin(an_item(nick="bob", role="participant"), an_item(nick="alice", role="visitor")), "not-allowed")
    must([], presences(room.heard(carol)), "what is seen of it")


@case
def moderators_see_who_has_voice(world):
    """XEP-0045 §8.5, §17.4, 5: nick, role, affiliation and full address"""
    room, alice, bob, carol = three(world)
    room.must(alice, admin(an_item(nick="carol", role="visitor")))
    got = items_of(room.must(alice, admin(an_item(role="participant")), "get"))
    must([{"nick": "bob", "role": "participant", "affiliation": "none", "jid": bob.jid}], got, "who has voice")
    room.must_not(bob, admin(an_item(role="participant")), "forbidden", kind="get")


@case
def a_visitor_asks_for_voice(world):
    """XEP-0045 §7.13, §8.6"""
    room, alice, bob = made(world, moderatedroom=1)
    room.enter(bob, "bob")
    settled(room, alice)
    head = "<x xmlns='%s' type='submit'><field var='FORM_TYPE'><value>%s#request</value></field>" % (names.FORMS, names.MUC)
    bob.send("<message to='%s' id='v'>%s<field var='muc#role'><value>participant</value></field></x></message>"
             % (room.jid, head))
    asked = [m for m in room.heard(alice, after=bob) if m.name == "message"]
    must([(room.jid, None)], [(m.get("from"), m.find("body") and "a body") for m in asked], "what moderators are asked")
    fields = {f.get("var"): [v.text for v in f.all("value")] for f in asked[0].find("x", names.FORMS).all("field")}
    must((["participant"], [bob.jid], ["bob"], True), (fields.get("muc#role"), fields.get("muc#jid"), fields.get("muc#roomnick"),
                                                        "muc#request_allow" in fields), "the form")
    answer = "".join("<field var='%s'><value>%s</value></field>" % f for f in (
        ("muc#role", "participant"), ("muc#jid", bob.jid), ("muc#roomnick", "bob"), ("muc#request_allow", "true")))
    room.heard(bob)
    bob.send("<message to='%s' id='w'>%s%s</x></message>" % (room.jid, head, answer))  # not his to say
    must([], presences(room.heard(bob)), "what comes of it")
    alice.send("<message to='%s'>%s%s</x></message>" % (room.jid, head, answer))
    room.heard(alice)
    check_presence(presences(room.heard(bob))[-1], room.occupant("bob"), role="participant", codes=[110])


# ---- moderators


@case
def an_admin_makes_moderators_and_unmakes_them(world):
    """XEP-0045 §9.6, §9.7"""
    room, alice, bob, carol = three(world)
    for role in ("moderator", "participant"):
        room.must(alice, admin(an_item(nick="bob", role=role)))
        all_see(room, ((alice, []), (carol, []), (bob, [110])), "bob", affiliation="none", role=role)


@case
def who_is_no_admin_makes_no_moderators(world):
    """XEP-0045 §9"""
    room, alice, bob, carol = three(world)
    room.must_not(bob, admin(an_item(nick="bob", role="moderator")), "forbidden", "auth")
    room.must(alice, admin(an_item(nick="bob", role="moderator")))
    room.must_not(bob, admin(an_item(nick="carol", role="moderator")), ("forbidden", "not-allowed"))
    settled(room, bob)
    must([], [p for p in presences(room.heard(carol)) if p.get("from") == room.occupant("carol")], "what is seen of it")


@case
def nobody_takes_moderation_from_admins_or_owners(world):
    """XEP-0045 §9.7: not-allowed"""
    room, alice, bob, carol = three(world)
    grant(room, alice, "admin", bob)
    grant(room, alice, "admin", carol)
    for nick in ("alice", "carol"):
        room.must_not(bob, admin(an_item(nick=nick, role="participant")), "not-allowed", "cancel")


@case
def admins_see_who_moderates(world):
    """XEP-0045 §9.8"""
    room, alice, bob, carol = three(world)
    room.must(alice, admin(an_item(nick="bob", role="moderator")))
    got = items_of(room.must(alice, admin(an_item(role="moderator")), "get"))
    must([("alice", "moderator"), ("bob", "moderator")], sorted((i.get("nick"), i.get("role")) for i in got), "moderators")


# ---- bans


@case
def an_admin_bans_who_is_in_the_room(world):
    """XEP-0045 §9.1: 301 for all"""
    room, alice, bob, carol = three(world)
    room.must(alice, admin(an_item(affiliation="outcast", jid=bare(bob), reason="Treason")))
    for witness in (bob, alice, carol):
        seen = presences(room.heard(witness))
        must(1, len(seen), "presences")
        check_presence(seen[0], room.occupant("bob"), "unavailable", affiliation="outcast", role="none")
        must((True, True), (301 in codes(seen[0]), (110 in codes(seen[0])) == (witness is bob) or witness is bob), "codes")
    room.refuses(bob, "bob", "forbidden", "auth")
    got = items_of(room.must(alice, admin(an_item(affiliation="outcast")), "get"))
    must([(bare(bob), "outcast", None)], [(i.get("jid"), i.get("affiliation"), i.get("role")) for i in got], "who is banned")


@case
def a_whole_domain_is_banned(world):
    """XEP-0045 §9.2: user@domain, then domain"""
    room, alice, bob, _ = three(world)
    room.must(alice, admin(an_item(affiliation="outcast", jid="elsewhere.example")))
    got = items_of(room.must(alice, admin(an_item(affiliation="outcast")), "get"))
    must(["elsewhere.example"], [i.get("jid") for i in got], "who is banned")


@case
def a_full_address_bans_its_bare_one(world):
    """XEP-0045 §9.1: bans are by bare addresses"""
    room, alice, bob, _ = three(world)
    room.must(alice, admin(an_item(affiliation="outcast", jid=bob.jid)))
    room.refuses(world.connect(), "alice", "conflict", "cancel")
    got = items_of(room.must(alice, admin(an_item(affiliation="outcast")), "get"))
    must([bare(bob)], [i.get("jid") for i in got], "who is banned")


@case
def nobody_bans_himself_or_who_is_above_him(world):
    """XEP-0045 §9.1: conflict, not-allowed; §9.2: none of it then"""
    room, alice, bob, carol = three(world)
    grant(room, alice, "admin", bob)
    settled(room, alice, bob, carol)
    room.must_not(alice, admin(an_item(affiliation="outcast", jid=bare(alice))), "conflict", "cancel")
    room.must_not(bob, admin(an_item(affiliation="outcast", jid=bare(bob))), ("conflict", "not-allowed"), "cancel")
    room.must_not(bob, admin(an_item(affiliation="outcast", jid=bare(alice))), "not-allowed", "cancel")
    room.must_not(bob, admin(an_item(affiliation="outcast", jid=bare(carol)), an_item(affiliation="outcast", jid=bare(alice))),
                  ("not-allowed", "conflict"), "cancel")
    must([], presences(room.heard(carol)), "what is seen of it")
    must([], items_of(room.must(alice, admin(an_item(affiliation="outcast")), "get")), "who is banned")


@case
def lists_are_not_for_everybody(world):
    """XEP-0045 §9, §10.5, §10.8: forbidden, in a semi-anonymous room"""
    room, alice, bob, carol = three(world)
    for affiliation in ("outcast", "admin", "owner"):
        room.must_not(bob, admin(an_item(affiliation=affiliation)), "forbidden", kind="get")
    for affiliation in ("outcast", "member", "admin", "owner", "none"):
        room.must_not(bob, admin(an_item(affiliation=affiliation, jid=bare(carol))), "forbidden", "auth")
    room.must_not(world.connect(), admin(an_item(affiliation="outcast")), "forbidden", kind="get")


# ---- members


@case
def membership_is_granted_and_revoked(world):
    """XEP-0045 §9.3, §9.4"""
    room, alice, bob, carol = three(world)
    for affiliation in ("member", "none"):
        grant(room, alice, affiliation, bob)
        all_see(room, ((alice, []), (carol, []), (bob, [110])), "bob", affiliation=affiliation, role="participant")
        must([bare(bob)] if affiliation == "member" else [],
             [i.get("jid") for i in items_of(room.must(alice, admin(an_item(affiliation="member")), "get"))], "members")


@case
def a_member_has_a_voice_in_a_moderated_room(world):
    """XEP-0045 §5.1.3"""
    room, alice, bob = made(world, moderatedroom=1)
    room.enter(bob, "bob")
    settled(room, alice)
    grant(room, alice, "member", bob)
    all_see(room, ((alice, []), (bob, [110])), "bob", affiliation="member", role="participant")


@case
def who_is_a_member_no_more_goes_from_a_room_for_members(world):
    """XEP-0045 §9.4: 321, and no other presence before it"""
    room, alice, bob = made(world, membersonly=1)
    grant(room, alice, "member", bob)
    room.enter(bob, "bob")
    settled(room, alice)
    grant(room, alice, "none", bob)
    all_see(room, ((alice, [321]), (bob, [110, 321])), "bob", "unavailable", affiliation="none", role="none")
    room.refuses(bob, "bob", "registration-required", "auth")


@case
def a_new_member_is_invited_into_a_room_for_members(world):
    """XEP-0045 §9.5"""
    room, alice, bob = made(world, membersonly=1, passwordprotectedroom=1, roomsecret="cauldron")
    bob.available()
    grant(room, alice, "member", bob)
    invitation = bob.expect("element", "an invitation")
    must(("message", room.jid), (invitation.name, invitation.get("from")), "invitation")
    must(bare(alice), (extension(invitation).find("invite").get("from") or "").partition("/")[0], "by whom")
    must("cauldron", extension(invitation).find("password").text, "password")


@case
def a_member_may_have_a_nick_reserved_for_him(world):
    """XEP-0045 §9.3, §7.2.8"""
    room, alice, bob, carol = three(world)
    member = world.connect()
    room.must(alice, admin(an_item(affiliation="member", jid=bare(member), nick="thirdwitch")))
    room.refuses(world.connect(), "thirdwitch", "conflict", "cancel")
    got = items_of(room.must(alice, admin(an_item(affiliation="member")), "get"))
    must([(bare(member), "thirdwitch")], [(i.get("jid"), i.get("nick")) for i in got], "members")
    room.must(alice, admin(an_item(affiliation="member", jid=bare(member), nick="")))
    room.enter(world.connect(), "thirdwitch")


@case
def members_of_a_non_anonymous_room_see_who_is_one(world):
    """XEP-0045 §9.5: even outside of it; §5.2.1: in a semi-anonymous one they do not"""
    room, alice, bob = made(world, membersonly=1, whois="anyone")
    grant(room, alice, "member", bob)
    got = items_of(room.must(bob, admin(an_item(affiliation="member")), "get"))
    must([(bare(bob), "member", None)], [(i.get("jid"), i.get("affiliation"), i.get("role")) for i in got], "members")
    room.must_not(world.connect(), admin(an_item(affiliation="member")), "forbidden", kind="get")
    room.configure(alice, whois="moderators")
    room.must_not(bob, admin(an_item(affiliation="member")), "forbidden", kind="get")


# ---- admins and owners


@case
def an_owner_makes_admins_and_unmakes_them(world):
    """XEP-0045 §10.6, §10.7"""
    room, alice, bob, carol = three(world)
    grant(room, alice, "admin", bob)
    all_see(room, ((alice, []), (carol, []), (bob, [110])), "bob", affiliation="admin", role="moderator")
    must([bare(bob)], [i.get("jid") for i in items_of(room.must(alice, admin(an_item(affiliation="admin")), "get"))], "admins")
    grant(room, alice, "none", bob)
    all_see(room, ((alice, []), (carol, []), (bob, [110])), "bob", affiliation="none", role="participant")


@case
def admins_make_no_admins_or_owners(world):
    """XEP-0045 §10.3, §10.6: forbidden"""
    room, alice, bob, carol = three(world)
    grant(room, alice, "admin", bob)
    for affiliation in ("admin", "owner"):
        room.must_not(bob, admin(an_item(affiliation=affiliation, jid=bare(carol))), ("forbidden", "not-allowed"))
    room.must_not(bob, admin(an_item(affiliation="none", jid=bare(alice))), ("forbidden", "not-allowed"))
    room.must(bob, admin(an_item(affiliation="member", jid=bare(carol))))


@case
def a_room_has_an_owner_always(world):
    """XEP-0045 §10.4: conflict; and an owner may go if there is another"""
    room, alice, bob, carol = three(world)
    for affiliation in ("admin", "member", "none"):
        room.must_not(alice, admin(an_item(affiliation=affiliation, jid=bare(alice))), "conflict", "cancel")
    grant(room, alice, "owner", bob)
    check_presence(presences(room.heard(carol))[-1], room.occupant("bob"), affiliation="owner", role="moderator")
    must(sorted([bare(alice), bare(bob)]),
         sorted(i.get("jid") for i in items_of(room.must(alice, admin(an_item(affiliation="owner")), "get"))), "owners")
    grant(room, alice, "none", alice)
    room.must_not(alice, admin(an_item(affiliation="owner")), "forbidden", kind="get")
    room.must_not(bob, admin(an_item(affiliation="none", jid=bare(bob))), "conflict", "cancel")


# ---- what makes no sense


@case
def a_change_of_both_role_and_affiliation_is_refused(world):
    """XEP-0045 §17.4, 4: bad-request"""
    room, alice, bob, _ = three(world)
    both = an_item(affiliation="member", role="moderator", nick="bob", jid=bare(bob))
    room.must_not(alice, admin(both), "bad-request", "modify")
    must([], presences(room.heard(bob)), "what is seen of it")


@case
def what_an_admin_asks_must_make_sense(world):
    """RFC 6120 §8.3.3.1"""
    room, alice, bob, _ = three(world)
    for payload in (admin(), admin(an_item(role="king", nick="bob")), admin(an_item(affiliation="king", jid=bare(bob))),
                    admin("<item/>"), admin(an_item(affiliation="member")), admin(an_item(affiliation="member", jid="@@")),
                    admin(an_item(role="participant"))):
        error = room.must_not(alice, payload, ("bad-request", "jid-malformed", "item-not-found", "not-acceptable"))
        must("error", error.get("type"), "answer")
    for payload in (admin(), admin(an_item(role="king")), admin("<item/>")):
        room.must_not(alice, payload, ("bad-request", "not-acceptable"), kind="get")
    must([], room.heard(bob), "what is seen of it")
