# Rooms by nbxmpp's module for them; it leaves entering to its user, who does it as Gajim does.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from nbxmpp.namespaces import Namespace
from nbxmpp.protocol import JID, Message

from say import say


class Rooms:
    """For what has `module`, `client` and `on_done`."""

    nicks = {}

    def on_room_message(self, stanza, properties):
        """Is it of a room?"""
        if properties.muc_invite is not None:
            say("INVITED", str(properties.muc_invite.muc))
            return True
        if not properties.type.is_groupchat:
            return False
        if properties.is_muc_subject:
            say("ENTERED", properties.muc_jid.bare)
        elif stanza.getBody():
            is_late = stanza.getTag("delay", namespace=Namespace.DELAY2) is not None
            say("EARLIER" if is_late else "SAID", properties.muc_jid.bare, properties.muc_nickname, stanza.getBody())
        return True

    def on_room_presence(self, properties):
        room = properties.muc_jid.bare
        if properties.type.is_error:
            say("NOTE refused", room, str(properties.error))
        elif not properties.is_muc_self_presence:
            say("AWAY" if properties.type.is_unavailable else "HERE", room, properties.muc_nickname)
        elif properties.type.is_unavailable:
            say("OUT", room)

    def do_enter(self, rest):
        room, nick = rest.split()
        self.nicks[room] = "%s/%s" % (room, nick)
        self.module("BasePresence").send(self.nicks[room], muc=True, muc_history={"maxstanzas": "10"})

    def do_leave(self, room):
        self.module("BasePresence").send(self.nicks[room], typ="unavailable")

    def do_configure(self, rest):
        room, _, self.title = rest.partition(" ")
        self.module("MUC").request_config(JID.from_string(room), callback=self.on_config)

    def on_config(self, task):
        config = task.finish()
        config.form["muc#roomconfig_roomname"].value = self.title
        config.form.type_ = "submit"
        self.module("MUC").set_config(config.jid, config.form, callback=self.on_done, user_data="configure")

    def do_invite(self, rest):
        room, who = rest.split()
        self.module("MUC").invite(JID.from_string(room), JID.from_string(who), None, "come")

    def do_say(self, rest):
        room, _, text = rest.partition(" ")
        self.client.send_stanza(Message(to=room, body=text, typ="groupchat"))

    def do_kick(self, rest):
        room, nick = rest.split()
        self.module("MUC").set_role(JID.from_string(room), nick, "none", "enough", callback=self.on_done, user_data="kick")
