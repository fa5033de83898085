# The cases: two clients of different makes become contacts, look at each other, and have enough of each other.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import contextlib
import hashlib
import struct
import zlib

from wire.case import add_case

from kinds import BY_NAME
from peer import Peer, Visit
from talk import TEXTS

PAIRS = [("slixmpp", "purple"), ("aioxmpp", "nbxmpp")]


@contextlib.contextmanager
def two_peers(world, first, second):
    commands = [(name, BY_NAME[name].command()) for name in (first, second)]
    peers = []
    try:
        for name, command in commands:
            peers.append(Peer(name, command, world.account(), world.server))
        for peer in peers:
            peer.ready()
        yield peers
        for peer in peers:
            peer.quit()
    finally:
        for peer in peers:
            peer.kill()


def add(one, other):
    """ONE asks, OTHER accepts, and ONE sees OTHER."""
    one.tell("add " + other.account.jid)
    other.sees("ASKED " + one.account.jid)
    other.tell("accept " + one.account.jid)
    one.sees("SEES " + other.account.jid, "PRESENCE %s online" % other.account.jid)


def befriend(one, other):
    add(one, other)
    add(other, one)


def changes_are_seen(one, other):
    one.tell("status away out & <about>")
    other.sees("PRESENCE %s away out & <about>" % one.account.jid)
    one.tell("status online back")
    other.sees("PRESENCE %s online back" % one.account.jid)


def remove(one, other):
    """ONE removes OTHER: neither sees the other any more, and only OTHER still has a contact."""
    one.tell("remove " + other.account.jid)
    one.sees("GONE " + other.account.jid)
    other.sees("LOST " + one.account.jid, "PRESENCE %s offline" % one.account.jid)
    other.tell("remove " + one.account.jid)
    other.sees("GONE " + one.account.jid)


def comes_again(world, one, other):
    """By the roster that is stored."""
    with Visit(BY_NAME[one.name], one.account, world.server) as again:
        again.sees("PRESENCE %s online" % other.account.jid)
        other.sees("PRESENCE %s online" % one.account.jid)
    other.sees("PRESENCE %s offline" % one.account.jid)


def contacts(world, first, second):
    with two_peers(world, first, second) as (one, other):
        befriend(one, other)
        changes_are_seen(one, other)
        remove(other, one)
        befriend(other, one)
        changes_are_seen(other, one)
        remove(one, other)
        befriend(one, other)
        one.quit()
        other.sees("PRESENCE %s offline" % one.account.jid)
        comes_again(world, one, other)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(side, grey):
    """A PNG of one shade, as every client can draw it."""
    rows = b"".join(b"\0" + bytes([grey]) * side for _ in range(side))
    return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b""))


def show_avatar(one, other, grey):
    photo = picture(64, grey)
    digest = hashlib.sha1(photo).hexdigest()
    one.tell("avatar " + base64.b64encode(photo).decode())
    other.sees("AVATAR %s %s" % (one.account.jid, digest))
    other.tell("photo " + one.account.jid)
    other.sees("PHOTO %s %s" % (one.account.jid, digest))


def avatars(world, first, second):
    with two_peers(world, first, second) as (one, other):
        befriend(one, other)
        show_avatar(one, other, 40)
        show_avatar(other, one, 90)
        show_avatar(one, other, 140)


def block(one, other):
    """While ONE blocks OTHER nothing passes; afterwards all is as it was."""
    me, them = one.account.jid, other.account.jid
    one.tell("block " + them)
    one.sees("DONE block")
    other.sees("PRESENCE %s offline" % me)
    other.send(me, "let me in")
    other.sees("REFUSED " + me)
    one.tell("unblock " + them)
    one.sees("DONE unblock")
    other.sees("PRESENCE %s online" % me)
    other.send(me, TEXTS[0] % other.name)
    one.receives(them, TEXTS[0] % other.name)


def blocking(world, first, second):
    with two_peers(world, first, second) as (one, other):
        befriend(one, other)
        block(one, other)
        block(other, one)


def _case(function, first, second):
    return lambda world: function(world, first, second)


for _first, _second in PAIRS:
    _names = (_first, _second)
    add_case(__name__, "%s and %s add, see and remove each other" % _names, "RFC 6121 §3, §4", _case(contacts, *_names))
    add_case(__name__, "%s and %s see each other's avatar" % _names, "XEP-0054, XEP-0153", _case(avatars, *_names))
    add_case(__name__, "%s and %s block each other" % _names, "XEP-0191", _case(blocking, *_names))
for _names in (("purple", "nbxmpp"), ("aioxmpp", "slixmpp")):
    add_case(__name__, "%s and %s add, see and remove each other" % _names, "RFC 6121 §3, §4", _case(contacts, *_names))
