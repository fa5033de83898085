#!/usr/bin/env python3
# aioxmpp with its defaults.  See peer.py for what a client program reads and writes.
# Its own service for avatars publishes them by PEP; here they are put into the vCard by its service for that.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import asyncio
import base64
import sys

import OpenSSL
import aioxmpp
import aioxmpp.avatar
import aioxmpp.connector
import aioxmpp.dispatcher
import aioxmpp.vcard

from aioxmpp_rooms import Rooms
from say import COMMANDS, VERBS, say, say_contact, say_photo


class Program(Rooms):
    def __init__(self, client):
        self.client = client
        self.listen_to_rooms()
        self.carbons = client.summon(aioxmpp.CarbonsClient)
        self.roster = client.summon(aioxmpp.RosterClient)
        self.presence = client.summon(aioxmpp.PresenceClient)
        self.blocking = client.summon(aioxmpp.BlockingClient)
        self.vcards = client.summon(aioxmpp.vcard.VCardService)
        self.listen_to_messages()
        self.listen_to_contacts()
        self.is_new = False
        client.on_stream_destroyed.connect(self.on_destroyed)
        client.on_stream_resumed.connect(self.on_resumed)

    def listen_to_messages(self):
        dispatcher = self.client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
        for kind in (aioxmpp.MessageType.CHAT, aioxmpp.MessageType.NORMAL):
            dispatcher.register_callback(kind, None, on_message)
        dispatcher.register_callback(aioxmpp.MessageType.ERROR, None, lambda m: say("REFUSED", str(m.from_.bare())))

    def listen_to_contacts(self):
        self.roster.on_subscribe.connect(on_asked)
        self.roster.on_entry_subscription_state_changed.connect(on_contact)
        self.roster.on_entry_removed.connect(on_removed)
        self.presence.on_available.connect(on_presence)
        self.presence.on_changed.connect(on_presence)
        self.presence.on_unavailable.connect(on_presence)

    def on_destroyed(self, *_):
        self.is_new = True

    def on_resumed(self):
        """The library says so of new sessions too, if there was one before."""
        say("ANEW" if self.is_new else "RESUMED")
        self.is_new = False

    # ---- what the test asks for

    async def obey(self, commands):
        while True:
            verb, _, rest = (await commands.readline()).decode().rstrip("\n").partition(" ")
            if verb not in VERBS:
                return
            await getattr(self, "do_" + verb)(rest)

    async def do_send(self, rest):
        to, _, text = rest.partition(" ")
        message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=aioxmpp.JID.fromstr(to))
        message.body[None] = text
        self.client.enqueue(message)  # it need not be acknowledged before the next one

    async def do_carbons(self, _):
        await self.carbons.enable()
        say("COPYING")

    async def do_add(self, jid):
        await self.roster.set_entry(aioxmpp.JID.fromstr(jid), name="a friend")
        self.roster.subscribe(aioxmpp.JID.fromstr(jid))

    async def do_accept(self, jid):
        self.roster.approve(aioxmpp.JID.fromstr(jid))

    async def do_remove(self, jid):
        await self.roster.remove_entry(aioxmpp.JID.fromstr(jid))

    async def do_status(self, rest):
        show, _, text = rest.partition(" ")
        self.client.set_presence(aioxmpp.PresenceState(True, aioxmpp.PresenceShow(show if show != "online" else None)), text)

    async def do_avatar(self, photo):
        vcard = await self.vcards.get_vcard()
        vcard.set_photo_data("image/png", base64.b64decode(photo))
        await self.vcards.set_vcard(vcard)

    async def do_photo(self, jid):
        vcard = await self.vcards.get_vcard(aioxmpp.JID.fromstr(jid))
        say_photo(jid, vcard.get_photo_data())

    async def do_block(self, jid):
        await self.blocking.block_jids([aioxmpp.JID.fromstr(jid)])
        say("DONE block")

    async def do_unblock(self, jid):
        await self.blocking.unblock_jids([aioxmpp.JID.fromstr(jid)])
        say("DONE unblock")


def on_message(message):
    text = message.body.any() if message.body else ""
    if message.xep0280_sent:
        copied = message.xep0280_sent.stanza
        say("COPIED sent", str(copied.to.bare()), copied.body.any())
    elif message.xep0280_received:
        copied = message.xep0280_received.stanza
        say("COPIED received", str(copied.from_.bare()), copied.body.any())
    if text:
        say("LATE" if message.xep0203_delay else "RECEIVED", str(message.from_.bare()), text)


def on_asked(presence):
    say("ASKED", str(presence.from_.bare()))


def on_contact(item):
    say_contact(str(item.jid), item.subscription)


def on_removed(item):
    say_contact(str(item.jid), "remove")


def on_presence(full_jid, stanza):
    bare = str(full_jid.bare())
    if stanza.type_ != aioxmpp.PresenceType.AVAILABLE:
        say("PRESENCE", bare, "offline", stanza.status.any() if stanza.status else "")
        return
    show = "online" if stanza.show == aioxmpp.PresenceShow.NONE else stanza.show.value
    say("PRESENCE", bare, show, stanza.status.any() if stanza.status else "")
    if stanza.xep0153_x is not None and stanza.xep0153_x.photo is not None:
        say("AVATAR", bare, stanza.xep0153_x.photo or "none")


def on_loop_error(loop, context):
    """A connection that was lost is none."""
    if isinstance(context.get("exception"), (OSError, OpenSSL.SSL.SysCallError, OpenSSL.SSL.ZeroReturnError)):
        say("NOTE", context["message"])
    else:
        loop.default_exception_handler(context)


async def main():
    jid, password, host, port = sys.argv[1:5]
    asyncio.get_event_loop().set_exception_handler(on_loop_error)
    client = aioxmpp.PresenceManagedClient(
        aioxmpp.JID.fromstr(jid), aioxmpp.make_security_layer(password, no_verify=True),
        override_peer=[(host, int(port), aioxmpp.connector.STARTTLSConnector())])
    program = Program(client)
    commands = asyncio.StreamReader()
    await asyncio.get_event_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), COMMANDS)
    try:
        async with client.connected():
            say("READY", str(client.local_jid))
            await program.obey(commands)
    except Exception as e:  # noqa: said to the test, which fails with it
        say("FAILED", repr(e))


asyncio.run(main())
