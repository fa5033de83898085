# What a service and its rooms say of themselves (XEP-0045 §6), and iqs from one occupant to another (§17.4, XEP-0410).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import hashlib

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error
from wire.rooms import Room, codes
from wire.talk import must

from .muc_owner import made
from .muc_talk import three

INFO = "<query xmlns='%s'/>" % names.DISCO_INFO
ITEMS = "<query xmlns='%s'/>" % names.DISCO_ITEMS
PING = "<ping xmlns='%s'/>" % names.PING
RSM = "http://jabber.org/protocol/rsm"
VCARD = "vcard-temp"
# Which feature says what of a room, and which one the opposite.
OPPOSITES = (("muc_hidden", "muc_public", "publicroom", 0), ("muc_membersonly", "muc_open", "membersonly", 1),
             ("muc_moderated", "muc_unmoderated", "moderatedroom", 1),
             ("muc_nonanonymous", "muc_semianonymous", "whois", "anyone"),
             ("muc_persistent", "muc_temporary", "persistentroom", 1))


def info(room, client, to=None):
    return room.must(client, INFO, "get", to).find("query", names.DISCO_INFO)


def features(query):
    return [f.get("var") for f in query.all("feature")]


def roominfo(query):
    forms = [x for x in query.all("x", names.FORMS)]
    return {f.get("var"): [v.text for v in f.all("value")] for x in forms for f in x.all("field")}


def items(room, client, to=None, inside=""):
    payload = "<query xmlns='%s'>%s</query>" % (names.DISCO_ITEMS, inside)
    return room.must(client, payload, "get", to).find("query", names.DISCO_ITEMS)


def listed(room, client):
    """Page by page."""
    found, after = {}, ""
    while True:
        query = items(room, client, room.service, "<set xmlns='%s'><max>50</max>%s</set>" % (RSM, after))
        for i in query.all("item"):
            if i.get("jid") in found:
                raise Unexpected("%s is listed twice" % i.get("jid"))
            found[i.get("jid")] = i.get("name")
        page = query.find("set", RSM)
        last = page.find("last") if page is not None else None
        if last is None or len(query.all("item")) < 50:
            return found
        after = "<after>%s</after>" % last.text


# ---- the service


@case
def a_server_names_its_service_of_rooms(world):
    """XEP-0045 §6.1, §6.2"""
    room, alice = Room(world), world.connect()
    must(True, room.service in [i.get("jid") for i in items(room, alice, world.domain).all("item")], "that it is listed")
    query = info(room, alice, room.service)
    must([("conference", "text")], [(i.get("category"), i.get("type")) for i in query.all("identity")], "identity")
    for var in (names.MUC, names.MUC + "#stable_id", names.DISCO_INFO, names.DISCO_ITEMS):
        must(True, var in features(query), "the feature " + var)


@case
def public_rooms_are_listed_with_their_names(world):
    """XEP-0045 §6.3: hidden ones are not"""
    room, alice, bob = made(world, roomname="A &lt;Dark&gt; Cave")
    hidden, _, _ = made(world, publicroom=0)
    locked = Room(world)
    locked.enter(bob, "bob")
    stranger = world.connect()
    found = listed(room, stranger)
    must("A <Dark> Cave", found.get(room.jid), "its name")
    must((False, False), (hidden.jid in found, locked.jid in found), "that those are listed")
    room.configure(alice, publicroom=0)
    must(False, room.jid in listed(room, stranger), "that it is listed still")
    room.configure(alice, publicroom=1)
    room.must(alice, "<query xmlns='%s'><destroy/></query>" % names.MUC_OWNER)
    must(False, room.jid in listed(room, stranger), "that it is listed when it is gone")


@case
def a_service_takes_no_messages_and_no_nonsense(world):
    """RFC 6120 §8.3.3.19, §10.5.4"""
    room, alice = Room(world), world.connect()
    room.must_not(alice, "<q xmlns='urn:example:q'/>", "service-unavailable", "cancel", to=room.service)
    alice.send("<message to='%s' id='m'><body>x</body></message>" % room.service)
    alice.expect_error(("service-unavailable", "forbidden"), id="m")
    alice.send("<presence to='%s/alice'><x xmlns='%s'/></presence>" % (room.service, names.MUC))
    room.must(alice, PING, "get", room.service)


# ---- a room


@case
def a_room_says_what_kind_it_is(world):
    """XEP-0045 §6.4, §16.3"""
    room, alice, bob = made(world)
    for changed in (False, True):
        if changed:
            room.configure(alice, passwordprotectedroom=1, roomsecret="p", roomname="A Dark Cave", roomdesc="for witches",
                           **{field: value for _, _, field, value in OPPOSITES})
        query = info(room, bob)
        must([("conference", "text", "A Dark Cave" if changed else query.find("identity").get("name"))],
             [tuple(i.get(a) for a in ("category", "type", "name")) for i in query.all("identity")], "identity")
        has = features(query)
        for var in (names.MUC, names.MUC + "#stable_id", names.OCCUPANT_ID, names.STANZA_ID):
            must(True, var in has, "the feature " + var)
        for one, other, field, value in OPPOSITES:
            must((changed, not changed), (one in has, other in has), "%s, %s" % (one, other))
        must((changed, not changed), ("muc_passwordprotected" in has, "muc_unsecured" in has), "its password")
        must(len(has), len(set(has)), "features")


@case
def a_room_tells_more_of_itself(world):
    """XEP-0045 §6.4, XEP-0128"""
    room, alice, bob = made(world, roomdesc="for witches", lang="en")
    room.set_subject(alice, "Spells")
    room.enter(bob, "bob")
    fields = roominfo(info(room, world.connect()))
    must([names.MUC + "#roominfo"], fields.get("FORM_TYPE"), "FORM_TYPE")
    for var, value in (("description", "for witches"), ("occupants", "2"), ("subject", "Spells"), ("lang", "en")):
        must([value], fields.get("muc#roominfo_" + var), var)


@case
def a_room_does_not_tell_strangers_who_is_in_it(world):
    """XEP-0045 §6.5: turned off by default"""
    room, alice, bob, _ = three(world)
    must([], items(room, world.connect()).all("item"), "items")


@case
def nodes_that_a_room_does_not_have(world):
    """XEP-0030 §7, XEP-0045 §18.1.1"""
    room, alice, bob, _ = three(world)
    room.must_not(bob, "<query xmlns='%s' node='urn:example:none'/>" % names.DISCO_INFO, "item-not-found", kind="get")
    room.must_not(bob, "<query xmlns='%s' node='%s#traffic'/>" % (names.DISCO_INFO, names.MUC),
                  ("service-unavailable", "feature-not-implemented"), kind="get")


@case
def a_room_that_is_not_there_says_nothing_of_itself(world):
    """XEP-0030 §7"""
    room, bob = Room(world), world.connect()
    for payload in (INFO, ITEMS, PING):
        room.must_not(bob, payload, "item-not-found", "cancel", kind="get")


# ---- occupants


@case
def who_is_no_occupant_asks_occupants_nothing(world):
    """XEP-0045 §6.6, §17.2: bad-request for disco"""
    room, alice, bob, _ = three(world)
    stranger = world.connect()
    room.must_not(stranger, INFO, "bad-request", kind="get", to=room.occupant("bob"))
    room.must_not(stranger, "<q xmlns='urn:example:q'/>", ("not-acceptable", "bad-request", "forbidden"), kind="get",
                  to=room.occupant("bob"))
    must([], room.heard(bob), "what he hears of it")


@case
def an_iq_goes_from_one_occupant_to_another_and_back(world):
    """XEP-0045 §17.4, 3: neither learns the other's address"""
    room, alice, bob, carol = three(world)
    for kind, answer in (("get", "result"), ("set", "result"), ("get", "error")):
        bob.send("<iq type='%s' id='q1' to='%s'><q xmlns='urn:example:q'>word</q></iq>" % (kind, room.occupant("carol")))
        asked = carol.expect_element("iq", type=kind)
        must((room.occupant("bob"), "word"), (asked.get("from"), asked.find("q", "urn:example:q").text), "what is asked")
        if bob.jid in str(asked):
            raise Unexpected("his address is told: %s" % asked)
        inside = "<q xmlns='urn:example:q'>answer</q>" if answer == "result" else \
            "<error type='cancel'><feature-not-implemented xmlns='%s'/></error>" % names.STANZA_ERRORS
        carol.send("<iq type='%s' id='%s' to='%s'>%s</iq>" % (answer, asked.get("id"), asked.get("from"), inside))
        got = bob.expect_element("iq", type=answer, id="q1")
        must(room.occupant("carol"), got.get("from"), "who answers")
        if carol.jid in str(got):
            raise Unexpected("his address is told: %s" % got)
        if answer == "error":
            check_error(got, "feature-not-implemented")
    for p in (alice, bob, carol):
        must([], room.heard(p), "more")


@case
def an_iq_to_nobody_comes_back(world):
    """XEP-0045 §17.4, RFC 6120 §8.2.3"""
    room, alice, bob, _ = three(world)
    room.must_not(bob, "<q xmlns='urn:example:q'/>", "item-not-found", kind="get", to=room.occupant("nobody"))


@case
def an_answer_that_nobody_asked_for_goes_nowhere(world):
    """RFC 6120 §8.2.3"""
    room, alice, bob, carol = three(world)
    for kind in ("result", "error"):
        bob.send("<iq type='%s' id='guess' to='%s'/>" % (kind, room.occupant("carol")))
        bob.send("<iq type='%s' id='guess' to='%s'/>" % (kind, room.jid))
    got = [e for p in (bob, carol) for e in room.heard(p) if e.name == "iq" and e.get("type") in ("get", "set")]
    must([], got, "questions")
    must([], [e.get("id") for e in room.heard(carol) if e.get("id") == "guess"], "what he hears of it")


@case
def who_pings_himself_learns_whether_he_is_there(world):
    """XEP-0410 §3"""
    room, alice, bob, carol = three(world)
    room.must(bob, PING, "get", room.occupant("bob"))
    stranger = world.connect()
    for nick in ("stranger", "bob"):
        room.must_not(stranger, PING, "not-acceptable", kind="get", to=room.occupant(nick))
    bob.send("<presence to='%s'/>" % room.occupant("robert"))
    room.must(bob, PING, "get", room.occupant("robert"))
    room.leave(bob, "robert")
    room.must_not(bob, PING, "not-acceptable", kind="get", to=room.occupant("robert"))
    must(True, names.MUC + "#self-ping-optimization" in features(info(room, bob)), "that it is said")


@case
def each_session_of_an_occupant_learns_whether_it_is_there(world):
    """XEP-0410 §3: with several sessions under a nick"""
    room, alice, bob, _ = three(world)
    account = world.account()
    phone, desk, out = [world.connect(account, r) for r in ("phone", "desk", "out")]
    room.enter(phone, "dave")
    room.enter(desk, "dave")
    for client in (phone, desk):
        room.must(client, PING, "get", room.occupant("dave"))
    room.must_not(out, PING, "not-acceptable", kind="get", to=room.occupant("dave"))


# ---- its picture


@case
def a_room_has_a_picture(world):
    """XEP-0486"""
    room, alice, bob, _ = three(world)
    must(True, VCARD in features(info(room, bob, room.service)), "that the service says so")
    photo = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    card = "<vCard xmlns='%s'><PHOTO><TYPE>image/svg+xml</TYPE><BINVAL>%s</BINVAL></PHOTO></vCard>" % (
        VCARD, base64.b64encode(photo).decode())
    room.must_not(bob, card, "forbidden", "auth")
    must(None, roominfo(info(room, bob)).get("muc#roominfo_avatarhash"), "its hash")
    room.must(alice, card)
    told = [m for m in room.heard(bob) if m.name == "message"]
    must([[104]], [codes(m) for m in told], "what is told")
    stranger = world.connect()
    must([hashlib.sha1(photo).hexdigest()], roominfo(info(room, stranger)).get("muc#roominfo_avatarhash"), "its hash")
    got = room.must(stranger, "<vCard xmlns='%s'/>" % VCARD, "get").find("vCard", VCARD)
    must(photo, base64.b64decode(got.find("PHOTO").find("BINVAL").text), "picture")
    room.must(alice, "<vCard xmlns='%s'/>" % VCARD)
    must(None, roominfo(info(room, stranger)).get("muc#roominfo_avatarhash"), "its hash")
