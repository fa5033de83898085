# The cases: two clients of different makes in a room.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import itertools

from wire.case import add_case
from wire.client import Unexpected
from wire.names import DISCO_INFO

from friends import two_peers
from peer import MESSAGE_SECONDS
from talk import TEXTS

PAIRS = [("slixmpp", "aioxmpp"), ("aioxmpp", "nbxmpp"), ("nbxmpp", "purple"), ("purple", "slixmpp")]
NAME = "A Dark & <Cave>"
_serial = itertools.count(1)


def check_name(world, room):
    """XEP-0045 §6.4"""
    witness = world.connect()
    info = witness.ask("<query xmlns='%s'/>" % DISCO_INFO, to=room).find("query", DISCO_INFO)
    names = [i.get("name") for i in info.all("identity")]
    if names != [NAME]:
        raise Unexpected("the room is called %s" % names)


def make(world, room, owner):
    """OWNER makes the room, gives it a name, and says two things to himself."""
    owner.tell("enter %s owner" % room)
    owner.sees("ENTERED " + room)
    owner.tell("configure %s %s" % (room, NAME))
    owner.sees("DONE configure")
    for text in TEXTS:
        owner.tell("say %s %s" % (room, text % "before"))
        owner.sees("SAID %s owner %s" % (room, text % "before"))
    check_name(world, room)


def enter(room, guest, owner):
    """By an invitation; the guest sees who is there, and is told what was said."""
    owner.tell("invite %s %s" % (room, guest.account.jid))
    guest.sees("INVITED " + room)
    guest.tell("enter %s guest" % room)
    guest.sees("HERE %s owner" % room, "ENTERED " + room, *("EARLIER %s owner %s" % (room, t % "before") for t in TEXTS))
    owner.sees("HERE %s guest" % room)


def talk(room, guest, owner):
    for speaker, nick in ((owner, "owner"), (guest, "guest")):
        for text in TEXTS:
            speaker.tell("say %s %s" % (room, text % nick))
            for listener in (owner, guest):
                line = listener.expect("SAID", MESSAGE_SECONDS)
                if line != "SAID %s %s %s" % (room, nick, text % nick):
                    raise Unexpected("%s: expected %r of %s, got %r\n%s" % (
                        listener.name, text % nick, nick, line, listener.report()))


def meet(world, first, second):
    room = "interop%d@conference.%s" % (next(_serial), world.domain)
    with two_peers(world, first, second) as (owner, guest):
        make(world, room, owner)
        enter(room, guest, owner)
        talk(room, guest, owner)
        owner.tell("kick %s guest" % room)
        owner.sees("DONE kick", "AWAY %s guest" % room)
        guest.sees("OUT " + room)
        guest.tell("enter %s guest" % room)
        guest.sees("HERE %s owner" % room, "ENTERED " + room)
        owner.sees("HERE %s guest" % room)
        talk(room, guest, owner)
        guest.tell("leave " + room)
        guest.sees("OUT " + room)
        owner.sees("AWAY %s guest" % room)
        owner.tell("leave " + room)
        owner.sees("OUT " + room)


def _pair(first, second):
    return lambda world: meet(world, first, second)


for _first, _second in PAIRS:
    add_case(__name__, "%s makes a room and %s comes into it" % (_first, _second), "XEP-0045 §7, §8.2, §10.1",
             _pair(_first, _second))
