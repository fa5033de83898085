# Rooms by slixmpp's plugin for them.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import slixmpp

from say import say

HISTORY = 10


class Rooms:
    """For a client with the plugin xep_0045."""

    def room_handlers(self):
        return {
            "groupchat_message": self.on_room_message,
            "groupchat_presence": self.on_room_presence,
            "groupchat_invite": lambda m: say("INVITED", m["from"].bare),
        }

    def on_room_message(self, message):
        is_late = message.get_plugin("delay", check=True) is not None
        say("EARLIER" if is_late else "SAID", message["from"].bare, message["mucnick"], message["body"])

    def on_room_presence(self, presence):
        room, nick = presence["from"].bare, presence["from"].resource
        is_gone = presence["type"] == "unavailable"
        if 110 not in presence["muc"]["status_codes"]:
            say("AWAY" if is_gone else "HERE", room, nick)
        elif is_gone:
            say("OUT", room)

    async def do_enter(self, rest):
        room, nick = rest.split()
        await self["xep_0045"].join_muc_wait(slixmpp.JID(room), nick, maxstanzas=HISTORY)
        say("ENTERED", room)

    async def do_leave(self, room):
        """The library looks at nothing that comes from there any more."""
        room = slixmpp.JID(room)
        self["xep_0045"].leave_muc(room, self["xep_0045"].our_nicks[room])
        say("OUT", room.bare)

    async def do_configure(self, rest):
        room, _, name = rest.partition(" ")
        form = await self["xep_0045"].get_room_config(slixmpp.JID(room))
        form.get_fields()["muc#roomconfig_roomname"]["value"] = name
        await self["xep_0045"].set_room_config(slixmpp.JID(room), form)
        say("DONE configure")

    async def do_invite(self, rest):
        room, who = rest.split()
        self["xep_0045"].invite(slixmpp.JID(room), slixmpp.JID(who), "come")

    async def do_say(self, rest):
        room, _, text = rest.partition(" ")
        self.send_message(mto=room, mbody=text, mtype="groupchat")

    async def do_kick(self, rest):
        room, nick = rest.split()
        await self["xep_0045"].set_role(slixmpp.JID(room), nick, "none", reason="enough")
        say("DONE kick")
