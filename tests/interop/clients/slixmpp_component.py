#!/usr/bin/env python3
# A component by slixmpp with its defaults: it says back what it hears, and comes back when it is cut off.
#
#	slixmpp_component.py DOMAIN SECRET HOST PORT
#
# It writes READY when it is connected, and HEARD TEXT for each message.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import asyncio
import sys

from slixmpp.componentxmpp import ComponentXMPP

RETRY_SECONDS = 0.3


class Echo(ComponentXMPP):
    def __init__(self, domain, secret, host, port):
        super().__init__(domain, secret, host, int(port))
        for plugin in ("xep_0030", "xep_0199"):
            self.register_plugin(plugin)
        self["xep_0030"].add_identity(category="component", itype="generic", name="Echo")
        self.add_event_handler("session_start", lambda _: self.say("READY"))
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("disconnected", lambda _: self.loop.call_later(RETRY_SECONDS, self.connect))

    @staticmethod
    def say(*words):
        print(*words, flush=True)

    def on_message(self, message):
        if message["type"] in ("chat", "normal"):
            self.say("HEARD", message["body"])
            message.reply("echo of " + message["body"]).send()


def main():
    asyncio.set_event_loop(asyncio.new_event_loop())
    echo = Echo(*sys.argv[1:5])
    echo.connect()
    echo.loop.run_forever()


main()
