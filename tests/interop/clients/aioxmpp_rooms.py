# Rooms by aioxmpp's service for them.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import aioxmpp
import aioxmpp.im
import aioxmpp.muc
import aioxmpp.muc.xso

from say import say


class Rooms:
    """For what has a `client`."""

    def listen_to_rooms(self):
        self.rooms = {}
        self.muc = self.client.summon(aioxmpp.MUCClient)
        self.muc.on_muc_invitation.connect(lambda stanza, address, *_, **__: say("INVITED", str(address)))

    async def do_enter(self, rest):
        name, nick = rest.split()
        room, entered = self.muc.join(aioxmpp.JID.fromstr(name), nick)
        room.on_message.connect(lambda message, member, *_, **__: say_message(name, message, member))
        room.on_join.connect(lambda member, **_: say("HERE", name, member.nick))
        room.on_leave.connect(lambda member, **_: say("AWAY", name, member.nick))
        room.on_exit.connect(lambda **_: say("OUT", name))
        await entered
        self.rooms[name] = room
        say("ENTERED", name)

    async def do_leave(self, name):
        await self.rooms.pop(name).leave()

    async def do_configure(self, rest):
        name, _, title = rest.partition(" ")
        room = aioxmpp.JID.fromstr(name)
        form = aioxmpp.muc.xso.ConfigurationForm.from_xso(await self.muc.get_room_config(room))
        form.roomname.value = title
        await self.muc.set_room_config(room, form.render_reply())
        say("DONE configure")

    async def do_invite(self, rest):
        name, who = rest.split()
        await self.rooms[name].invite(aioxmpp.JID.fromstr(who), "come", mode=aioxmpp.im.InviteMode.MEDIATED)

    async def do_say(self, rest):
        name, _, text = rest.partition(" ")
        message = aioxmpp.Message(type_=aioxmpp.MessageType.GROUPCHAT)
        message.body[None] = text
        self.rooms[name].send_message(message)

    async def do_kick(self, rest):
        name, nick = rest.split()
        room = self.rooms[name]
        await room.kick(next(member for member in room.members if member.nick == nick), "enough")
        say("DONE kick")


def say_message(room, message, member):
    if message.body:
        say("EARLIER" if message.xep0203_delay else "SAID", room, member.nick, message.body.any())
