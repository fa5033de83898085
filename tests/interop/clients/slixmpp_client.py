#!/usr/bin/env python3
# slixmpp with its defaults, but that it asks before it accepts a contact.  See peer.py for what a client program reads and
# writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import asyncio
import base64
import ssl
import sys

import slixmpp
from slixmpp.xmlstream.handler import Collector
from slixmpp.xmlstream.matcher import StanzaPath

from say import COMMANDS, FULLTEXT, VERBS, say, say_contact, say_photo, say_preferences
from slixmpp_rooms import Rooms

PLUGINS = ("xep_0045", "xep_0054", "xep_0153", "xep_0191", "xep_0198", "xep_0203", "xep_0280", "xep_0313", "xep_0441")
RETRY_SECONDS = 0.2


class Program(Rooms, slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.auto_authorize = None
        self.auto_subscribe = False
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        for event, handler in self.handlers().items():
            self.add_event_handler(event, handler)
        self.commands = asyncio.Queue()
        self.is_ready = self.is_leaving = False

    def handlers(self):
        return {
            "session_start": self.on_start,
            "session_resumed": lambda _: say("RESUMED"),
            "message": self.on_message,
            "message_error": lambda m: say("REFUSED", m["from"].bare),
            "carbon_sent": lambda m: self.on_copy("sent", m["carbon_sent"]),
            "carbon_received": lambda m: self.on_copy("received", m["carbon_received"]),
            "roster_update": self.on_roster,
            "presence_subscribe": lambda p: say("ASKED", p["from"].bare),
            "changed_status": self.on_status,
            "vcard_avatar_update": lambda p: say("AVATAR", p["from"].bare, p["vcard_temp_update"]["photo"] or "none"),
            "failed_all_auth": lambda _: self.give_up("authentication failed"),
            "connection_failed": lambda e: self.give_up("connection failed: %s" % e),
            "disconnected": self.on_disconnected,
            **self.room_handlers(),
        }

    def give_up(self, why):
        say("FAILED", why)
        self.loop.stop()

    def on_disconnected(self, _):
        if self.is_ready and not self.is_leaving:
            self.loop.call_later(RETRY_SECONDS, self.connect, self.address)
        else:
            self.loop.stop()

    async def on_start(self, _):
        self.send_presence()
        if self.is_ready:
            say("ANEW")
            return
        try:
            await self.get_roster()
        except slixmpp.exceptions.IqError as e:
            say("NOTE roster:", e.condition)
        self.loop.add_reader(COMMANDS, self.on_input)
        self.is_ready = True
        say("READY", self.boundjid.full)
        await self.obey()

    def on_message(self, message):
        if message["type"] in ("chat", "normal") and message["body"]:
            is_late = message.get_plugin("delay", check=True) is not None
            say("LATE" if is_late else "RECEIVED", message["from"].bare, message["body"])

    def on_copy(self, way, message):
        say("COPIED", way, message["to" if way == "sent" else "from"].bare, message["body"])

    def on_roster(self, iq):
        if iq["type"] == "set":
            for jid, item in iq["roster"]["items"].items():
                say_contact(jid, item["subscription"])

    def on_status(self, presence):
        kind = presence["type"]
        state = {"available": "online", "unavailable": "offline"}.get(kind, kind)
        say("PRESENCE", presence["from"].bare, state, presence["status"])

    # ---- what the test asks for

    def on_input(self):
        line = COMMANDS.readline().decode()
        self.commands.put_nowait(line.rstrip("\n"))
        if not line:
            self.loop.remove_reader(COMMANDS)

    async def obey(self):
        while True:
            verb, _, rest = (await self.commands.get()).partition(" ")
            if verb not in VERBS:
                self.loop.remove_reader(COMMANDS)
                self.is_leaving = True
                self.disconnect()
                return
            await getattr(self, "do_" + verb)(rest)

    async def do_send(self, rest):
        to, _, text = rest.partition(" ")
        self.send_message(mto=to, mbody=text, mtype="chat")

    async def do_carbons(self, _):
        await self["xep_0280"].enable()
        say("COPYING")

    async def do_add(self, jid):
        await self.update_roster(jid, name="a friend")
        self.client_roster.subscribe(jid)

    async def do_accept(self, jid):
        self.client_roster[jid].authorize()

    async def do_remove(self, jid):
        await self.update_roster(jid, subscription="remove")

    async def do_status(self, rest):
        show, _, text = rest.partition(" ")
        self.send_presence(pshow=show if show != "online" else None, pstatus=text)

    async def do_avatar(self, photo):
        await self["xep_0153"].set_avatar(avatar=base64.b64decode(photo), mtype="image/png")

    async def do_photo(self, jid):
        answer = await self["xep_0054"].get_vcard(jid)
        say_photo(jid, answer["vcard_temp"]["PHOTO"]["BINVAL"])

    async def do_block(self, jid):
        await self["xep_0191"].block(slixmpp.JID(jid))
        say("DONE block")

    async def do_unblock(self, jid):
        await self["xep_0191"].unblock(slixmpp.JID(jid))
        say("DONE unblock")

    # ---- the archive

    async def do_pages(self, rest):
        way, size, number, *peer = rest.split()
        async for message in self["xep_0313"].iterate(
                with_jid=peer[0] if peer else None, reverse=way == "backward", rsm={"max": int(size)},
                total=int(size) * int(number)):
            self.say_found(message)
        say("DONE pages")

    async def do_search(self, words):
        """The library has no search, but lets fields be added to its form."""
        iq = self.make_iq_set()
        iq["mam"].set_custom_field(FULLTEXT, words)
        iq["mam"]["rsm"]["before"] = True
        results = Collector("search", StanzaPath("message/mam_result"))
        self.register_handler(results)
        await iq.send()
        for message in results.stop():
            self.say_found(message)
        say("DONE search")

    @staticmethod
    def say_found(message):
        result = message["mam_result"]
        found = result["forwarded"]["stanza"]
        say("FOUND", result["id"], found["from"].bare, found["body"])

    async def do_prefer(self, rest):
        default, always, never = rest.split()
        await self["xep_0441"].set_preferences(default, [slixmpp.JID(always)], [slixmpp.JID(never)])
        say("DONE prefer")

    async def do_preferences(self, _):
        say_preferences(*await self["xep_0441"].get_preferences())


def main():
    jid, password, host, port = sys.argv[1:5]
    asyncio.set_event_loop(asyncio.new_event_loop())
    program = Program(jid, password)
    program.connect((host, int(port)))
    program.loop.run_forever()


main()
