# What is said in a room, to all (XEP-0045 §7.4) and to one (§7.5), and what the room adds to it or takes away.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error
from wire.rooms import Room, extension, occupant_id
from wire.talk import must

CHAT_STATES = "http://jabber.org/protocol/chatstates"


def three(world):
    """A room with its owner alice, bob and carol in it; all is read."""
    room = Room(world)
    people = [room.found(world.connect(), "alice"), world.connect(), world.connect()]
    room.enter(people[1], "bob")
    room.enter(people[2], "carol")
    for p in people:
        room.settle(p)
    return (room, *people)


# ---- to all


@case
def what_an_occupant_says_all_get_once_in_one_order(world):
    """XEP-0045 §7.4: he himself too; ids are kept"""
    room, alice, bob, carol = three(world)
    for i in range(5):
        for speaker, nick in ((alice, "a"), (bob, "b"), (carol, "c")):
            room.say(speaker, "%s%d" % (nick, i))
    for speaker in (alice, bob, carol):
        room.unread[speaker].extend(room.settle(speaker))
    heard = [[e.get("id") for e in room.heard(p)] for p in (alice, bob, carol)]
    must(15, len(set(heard[0])), "messages")
    for other in heard[1:]:
        must(heard[0], other, "messages")
    for nick in "abc":
        must(["%s%d" % (nick, i) for i in range(5)], [name for name in heard[0] if name[0] == nick], "one speaker's")


@case
def a_message_is_reflected_as_it_is_from_its_occupant(world):
    """XEP-0045 §7.4, §17.2, 4"""
    room, alice, bob, carol = three(world)
    inside = ("<thread parent='p'>t</thread><html xmlns='http://jabber.org/protocol/xhtml-im'>"
              "<body xmlns='http://www.w3.org/1999/xhtml'><p>a <em>b</em></p></body></html>"
              "<origin-id xmlns='%s' id='o1'/><active xmlns='%s'/>" % (names.STANZA_ID, CHAT_STATES))
    bob.send("<message type='groupchat' id='m1' to='%s' xml:lang='cs'><body>p\u0159&lt;</body>"
             "<body xml:lang='de'>d</body>%s</message>" % (room.jid, inside))
    for listener in (alice, bob, carol):
        got = room.heard(listener, after=bob)
        must(["m1"], [m.get("id") for m in got], "messages")
        m = got[0]
        must((room.occupant("bob"), "groupchat", listener.jid, "cs"),
             (m.get("from"), m.get("type"), m.get("to"), m.get("xml:lang")), "header")
        must(["p\u0159<", "d"], [b.text for b in m.all("body")], "bodies")
        for text in ("<thread parent=\"p\">t</thread>", "<em>b</em>", "id=\"o1\"", CHAT_STATES):
            if text not in m.xml():
                raise Unexpected("%s is lost: %s" % (text, m))


@case
def a_message_without_an_id_is_reflected_too(world):
    """XEP-0045 §7.4"""
    room, alice, bob, _ = three(world)
    bob.send("<message type='groupchat' to='%s'><body>one</body></message>" % room.jid)
    must(["one"], [m.find("body").text for m in room.heard(alice, after=bob)], "messages")


@case
def a_message_without_a_body_is_reflected_too(world):
    """XEP-0085 §5.5: chat states go to all"""
    room, alice, bob, _ = three(world)
    bob.send("<message type='groupchat' id='s' to='%s'><composing xmlns='%s'/></message>" % (room.jid, CHAT_STATES))
    room.hears(alice, "s", after=bob)


@case
def who_is_no_occupant_says_nothing(world):
    """XEP-0045 §7.4, §7.5"""
    room, alice, bob, carol = three(world)
    stranger = world.connect()
    room.say(stranger, "m")
    stranger.expect_error("not-acceptable", id="m", from_=room.jid)
    room.whisper(stranger, "bob", "n")
    stranger.expect_error("not-acceptable", id="n", from_=room.occupant("bob"))
    for listener in (alice, bob, carol):
        must([], room.heard(listener), "messages")


@case
def another_session_of_an_occupants_account_is_no_occupant(world):
    """XEP-0045 §7.4: occupants are full addresses"""
    room, alice, _, _ = three(world)
    account = world.account()
    room.enter(world.connect(account, "in"), "dave")
    room.settle(alice)
    out = world.connect(account, "out")
    room.say(out, "m")
    out.expect_error("not-acceptable", id="m")
    must([], room.heard(alice), "messages")


@case
def a_message_of_a_wrong_type_is_not_for_all(world):
    """XEP-0045 §17.2, 1"""
    room, alice, bob, carol = three(world)
    for kind in ("chat", "normal", "headline"):
        room.say(bob, kind, kind=kind)
    got = room.heard(bob)
    for e in got:
        check_error(e, ("bad-request", "service-unavailable", "not-acceptable", "feature-not-implemented"))
    for listener in (alice, carol):
        must([], room.heard(listener), "messages")


@case
def errors_are_not_answered(world):
    """RFC 6120 §8.3.1"""
    room, alice, bob, carol = three(world)
    for to in (room.jid, room.occupant("carol"), room.occupant("nobody")):
        bob.send("<message type='error' to='%s' id='e'><error type='cancel'>"
                 "<feature-not-implemented xmlns='%s'/></error></message>" % (to, names.STANZA_ERRORS))
    must([], room.heard(bob), "answers")
    must([], room.heard(alice), "messages to others")


# ---- ids of the room


@case
def each_message_has_an_id_of_the_room(world):
    """XEP-0359 §3, §5: one for all who get it, and nobody else gives it"""
    room, alice, bob, carol = three(world)
    spoofed = "".join("<stanza-id xmlns='%s' id='false' by='%s'/>" % (names.STANZA_ID, by) for by in (room.jid, room.jid.upper()))
    other = "<stanza-id xmlns='%s' id='kept' by='other.example'/>" % names.STANZA_ID
    room.say(bob, "m1", inside=spoofed + other)
    room.say(bob, "m2")
    seen = [[[(i.get("by"), i.get("id")) for i in m.all("stanza-id", names.STANZA_ID)] for m in room.heard(p, after=bob)]
            for p in (alice, bob, carol)]
    for others in seen[1:]:
        must(seen[0], others, "stanza ids")
    own = [[i for by, i in ids if by.lower() == room.jid] for ids in seen[0]]
    must([1, 1], [len(i) for i in own], "ids of the room, of each message")
    if own[0] == own[1] or "false" in own[0]:
        raise Unexpected("wrong stanza ids: %s" % seen[0])
    must(True, ("other.example", "kept") in seen[0][0], "that another's id is kept")
    entry = room.enter(world.connect(), "dave")
    must(own, [[i.get("id") for i in m.all("stanza-id", names.STANZA_ID) if i.get("by") == room.jid] for m in entry.history],
         "ids in the history")


@case
def each_message_has_its_occupants_id(world):
    """XEP-0421 §3: none but the room's"""
    room, alice, bob, carol = three(world)
    spoofed = "<occupant-id xmlns='%s' id='false'/><occupant-id xmlns='%s' id='false2'/>" % (names.OCCUPANT_ID, names.OCCUPANT_ID)
    room.say(bob, "m1", inside=spoofed)
    room.whisper(bob, "alice", "m2", inside=spoofed)
    room.settle(bob)
    room.say(carol, "m3")
    ids = [occupant_id(m) for m in room.heard(alice, after=carol)]
    must(3, len(ids), "messages")
    must(ids[0], ids[1], "bob's ids")
    must(False, ids[2] == ids[0] or ids[0].startswith("false"), "that they are wrong")
    entry = room.enter(world.connect(), "dave")
    must([ids[0], ids[2]], [occupant_id(e) for e in (entry.others["bob"], entry.others["carol"])], "ids in presence")


@case
def what_the_room_alone_may_say_is_not_reflected(world):
    """XEP-0045 §17.3, 6"""
    room, alice, bob, _ = three(world)
    spoofed = ("<x xmlns='%s'><status code='104'/><item affiliation='owner'/><invite from='king@example.org'/></x>"
               % names.MUC_USER)
    room.say(bob, "m1", inside=spoofed)
    room.whisper(bob, "alice", "m2", inside=spoofed)
    got = room.heard(alice, after=bob)
    must(["m1", "m2"], [m.get("id") for m in got], "messages")
    must([], got[0].all("x", names.MUC_USER), "extensions to all")
    must([], extension(got[1]).children, "what a private message says for the room")


@case
def a_delay_is_not_believed(world):
    """XEP-0203 §5: nobody else stamps for the room"""
    room, alice, bob, _ = three(world)
    room.say(bob, "m1", inside="<delay xmlns='%s' from='%s' stamp='2002-10-13T23:58:37Z'/>" % (names.DELAY, room.jid))
    for m in (room.heard(alice, after=bob)[0], room.enter(world.connect(), "dave").history[0]):
        if "2002-10-13" in m.xml():
            raise Unexpected("a false delay of the room's: %s" % m)


# ---- to one


@case
def a_private_message_goes_to_one_occupant(world):
    """XEP-0045 §7.5: from an occupant, and marked as private"""
    room, alice, bob, carol = three(world)
    for kind in ("chat", "normal"):
        room.whisper(bob, "carol", "m", kind=kind)
        got = room.heard(carol, after=bob)
        must([(room.occupant("bob"), carol.jid, "m", "chat" if kind == "chat" else got[0].get("type"))],
             [(m.get("from"), m.get("to"), m.get("id"), m.get("type")) for m in got], "message")
        must(True, kind == "chat" or got[0].get("type") in (None, "normal"), "its type")
        extension(got[0])
    for other in (alice, bob):
        must([], room.heard(other), "messages to others")


@case
def a_private_message_marked_by_its_sender_is_marked_once(world):
    """XEP-0045 §7.5"""
    room, alice, bob, carol = three(world)
    room.whisper(bob, "carol", "m", inside="<x xmlns='%s'/>" % names.MUC_USER)
    got = room.heard(carol, after=bob)
    must(["m"], [m.get("id") for m in got], "messages")
    extension(got[0])


@case
def a_private_message_goes_to_all_sessions_of_the_occupant(world):
    """XEP-0045 §7.2.8: recommended"""
    room, alice, bob, _ = three(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.connect(account, "desk")
    room.enter(phone, "dave")
    room.enter(desk, "dave")
    room.settle(phone)
    room.whisper(bob, "dave", "m")
    room.hears(phone, "m", after=bob)
    room.hears(desk, "m", after=bob)


@case
def a_message_for_all_sent_to_one_comes_back(world):
    """XEP-0045 §7.5"""
    room, alice, bob, carol = three(world)
    room.whisper(bob, "carol", "m", kind="groupchat")
    error = room.hears_error(bob, "bad-request", "modify", "m")
    must(room.occupant("carol"), error.get("from"), "from")
    must([], room.heard(carol), "messages")


@case
def a_private_message_to_nobody_comes_back(world):
    """XEP-0045 §7.5"""
    room, alice, bob, carol = three(world)
    room.whisper(bob, "nobody", "m")
    must(room.occupant("nobody"), room.hears_error(bob, "item-not-found", "cancel", "m").get("from"), "from")


@case
def what_is_for_all_is_in_no_carbon(world):
    """XEP-0280 §6.1: sessions that are not in the room see nothing of it"""
    room, alice, bob, _ = three(world)
    account = world.account()
    phone, desk = world.connect(account, "phone"), world.online(account, "desk")
    desk.ask("<enable xmlns='%s'/>" % names.CARBONS, "set")
    room.enter(phone, "dave")
    room.say(phone, "all")
    room.hears(phone, "all")
    must([], desk.fence(), "copies")
