#!/usr/bin/env python3
# slixmpp with its defaults.  See peer.py for what a client program reads and writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import asyncio
import ssl
import sys

import slixmpp


class Program(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("message", self.on_message)
        self.register_plugin("xep_0280")
        self.add_event_handler("carbon_sent", lambda m: self.on_copy("sent", m["carbon_sent"]))
        self.add_event_handler("carbon_received", lambda m: self.on_copy("received", m["carbon_received"]))
        self.add_event_handler("failed_all_auth", lambda _: self.give_up("authentication failed"))
        self.add_event_handler("connection_failed", lambda e: self.give_up("connection failed: %s" % e))
        self.add_event_handler("disconnected", lambda _: self.loop.stop())

    def give_up(self, why):
        print("FAILED %s" % why, flush=True)
        self.loop.stop()

    async def on_start(self, _):
        self.send_presence()
        try:
            await self.get_roster()
        except slixmpp.exceptions.IqError as e:
            print("NOTE roster: %s" % e.condition, flush=True)
        self.loop.add_reader(sys.stdin, self.on_command)
        print("READY %s" % self.boundjid.full, flush=True)

    def on_message(self, message):
        if message["type"] in ("chat", "normal") and message["body"]:
            print("RECEIVED %s %s" % (message["from"].bare, message["body"]), flush=True)

    def on_copy(self, way, message):
        print("COPIED %s %s %s" % (way, message["to" if way == "sent" else "from"].bare, message["body"]), flush=True)

    async def enable_carbons(self):
        await self["xep_0280"].enable()
        print("COPYING", flush=True)

    def on_command(self):
        verb, _, rest = sys.stdin.readline().strip().partition(" ")
        if verb == "send":
            to, _, text = rest.partition(" ")
            self.send_message(mto=to, mbody=text, mtype="chat")
        elif verb == "carbons":
            self.carbons = asyncio.ensure_future(self.enable_carbons())
        else:
            self.loop.remove_reader(sys.stdin)
            self.disconnect()


def main():
    jid, password, host, port = sys.argv[1:5]
    asyncio.set_event_loop(asyncio.new_event_loop())
    program = Program(jid, password)
    program.connect((host, int(port)))
    program.loop.run_forever()


main()
