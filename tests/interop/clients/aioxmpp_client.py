#!/usr/bin/env python3
# aioxmpp with its defaults.  See peer.py for what a client program reads and writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import asyncio
import sys

import aioxmpp
import aioxmpp.connector
import aioxmpp.dispatcher


def on_message(message):
    text = message.body.any() if message.body else ""
    if message.xep0280_sent:
        copied = message.xep0280_sent.stanza
        print("COPIED sent %s %s" % (copied.to.bare(), copied.body.any()), flush=True)
    elif message.xep0280_received:
        copied = message.xep0280_received.stanza
        print("COPIED received %s %s" % (copied.from_.bare(), copied.body.any()), flush=True)
    if text:
        print("RECEIVED %s %s" % (message.from_.bare(), text), flush=True)


async def main():
    jid, password, host, port = sys.argv[1:5]
    client = aioxmpp.PresenceManagedClient(
        aioxmpp.JID.fromstr(jid), aioxmpp.make_security_layer(password, no_verify=True),
        override_peer=[(host, int(port), aioxmpp.connector.STARTTLSConnector())])
    carbons = client.summon(aioxmpp.CarbonsClient)
    dispatcher = client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
    dispatcher.register_callback(aioxmpp.MessageType.CHAT, None, on_message)
    dispatcher.register_callback(aioxmpp.MessageType.NORMAL, None, on_message)
    commands = asyncio.StreamReader()
    loop = asyncio.get_event_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    try:
        async with client.connected() as stream:
            print("READY %s" % (client.local_jid,), flush=True)
            while True:
                verb, _, rest = (await commands.readline()).decode().strip().partition(" ")
                if verb == "carbons":
                    await carbons.enable()
                    print("COPYING", flush=True)
                    continue
                if verb != "send":
                    return
                to, _, text = rest.partition(" ")
                message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=aioxmpp.JID.fromstr(to))
                message.body[None] = text
                await stream.send(message)
    except Exception as e:  # noqa: said to the test, which fails with it
        print("FAILED %r" % e, flush=True)


asyncio.run(main())
