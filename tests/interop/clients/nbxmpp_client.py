#!/usr/bin/env python3
# nbxmpp, the library of Gajim, with its defaults.  See peer.py for what a client program reads and writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import sys

import gi
gi.require_version("Soup", "3.0")
from gi.repository import GLib  # noqa: E402
from nbxmpp.client import Client  # noqa: E402
from nbxmpp.const import ConnectionProtocol, ConnectionType  # noqa: E402
from nbxmpp.namespaces import Namespace  # noqa: E402
from nbxmpp.protocol import Iq, JID, Message, Presence  # noqa: E402
from nbxmpp.structs import StanzaHandler  # noqa: E402


class Program:
    def __init__(self, jid, password, host, port):
        self.loop = GLib.MainLoop()
        address = JID.from_string(jid)
        self.client = Client(log_context="interop")
        self.client.set_domain(address.domain)
        self.client.set_username(address.localpart)
        self.client.set_password(password)
        self.client.set_ignore_tls_errors(True)
        self.client.set_custom_host("%s:%s" % (host, port), ConnectionProtocol.TCP, ConnectionType.START_TLS)
        self.client.subscribe("connected", self.on_connected)
        self.client.subscribe("connection-failed", self.on_end)
        self.client.subscribe("disconnected", self.on_end)
        self.client.register_handler(StanzaHandler(name="message", callback=self.on_message, priority=10))
        self.ready = False
        self.client.connect()

    def on_connected(self, *_):
        self.client.get_module("Roster").request_roster(callback=self.on_roster)

    def on_roster(self, task):
        try:
            task.finish()
        except Exception as e:  # noqa: a server without rosters is told of, and is no failure
            print("NOTE roster: %s" % e, flush=True)
        self.client.send_stanza(Presence())
        GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, self.on_command)
        self.ready = True
        print("READY %s" % self.client.get_bound_jid(), flush=True)

    def on_message(self, _client, stanza, properties):
        if properties.is_carbon_message:
            peer = stanza.getTo() if properties.is_sent_carbon else stanza.getFrom()
            print("COPIED %s %s %s" % (properties.carbon.type, peer.bare, stanza.getBody()), flush=True)
        elif stanza.getBody():
            print("RECEIVED %s %s" % (stanza.getFrom().bare, stanza.getBody()), flush=True)

    def enable_carbons(self):
        iq = Iq("set")
        iq.addChild("enable", namespace=Namespace.CARBONS)
        self.client.send_stanza(iq, callback=lambda *_: print("COPYING", flush=True))

    def on_command(self, *_):
        verb, _, rest = sys.stdin.readline().strip().partition(" ")
        if verb == "carbons":
            self.enable_carbons()
            return True
        if verb != "send":
            self.client.disconnect()
            return False
        to, _, text = rest.partition(" ")
        self.client.send_stanza(Message(to=to, body=text, typ="chat"))
        return True

    def on_end(self, client, *_):
        if not self.ready:
            print("FAILED %s" % (client.get_error(),), flush=True)
        self.loop.quit()


Program(*sys.argv[1:5]).loop.run()
