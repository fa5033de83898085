# The cases: two devices of one account, of different makes, see the same conversation.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from xml.sax.saxutils import escape

from wire.case import add_case

from kinds import BY_NAME
from peer import Peer
from talk import TEXTS

PAIRS = [("slixmpp", "nbxmpp"), ("aioxmpp", "slixmpp")]


def converse(world, devices, friend):
    bare = friend.jid.partition("/")[0]
    for one, other in (devices, devices[::-1]):
        for text in TEXTS:
            one.send(friend.jid, text % one.name)
            friend.expect_element("message")
            other.copies("sent", bare, text % one.name)
            friend.send("<message to='%s' type='chat'><body>%s</body></message>" % (one.full, escape(text % "a friend")))
            one.receives(bare, text % "a friend")
            other.copies("received", bare, text % "a friend")


def share(world, kinds):
    commands = [k.command() for k in kinds]
    account = world.account()
    devices = []
    try:
        for kind, command in zip(kinds, commands):
            devices.append(Peer(kind.name, command, account, world.server))
        for device in devices:
            device.ready()
            device.enable_carbons()
        converse(world, devices, world.online())
        for device in devices:
            device.quit()
    finally:
        for device in devices:
            device.kill()


def _pair(first, second):
    return lambda world: share(world, [BY_NAME[first], BY_NAME[second]])


for _first, _second in PAIRS:
    add_case(__name__, "%s and %s see one conversation" % (_first, _second), "XEP-0280", _pair(_first, _second))
