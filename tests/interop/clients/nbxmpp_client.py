#!/usr/bin/env python3
# nbxmpp, the library of Gajim, with its defaults.  See peer.py for what a client program reads and writes.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import sys

import gi
gi.require_version("Soup", "3.0")
from gi.repository import GLib  # noqa: E402
from nbxmpp.client import Client  # noqa: E402
from nbxmpp.const import AvatarState, ConnectionProtocol, ConnectionType  # noqa: E402
from nbxmpp.namespaces import Namespace  # noqa: E402
from nbxmpp.modules.dataforms import SimpleDataForm, create_field  # noqa: E402
from nbxmpp.modules.rsm import parse_rsm  # noqa: E402
from nbxmpp.protocol import Iq, JID, Message, Node, NodeProcessed  # noqa: E402
from nbxmpp.structs import StanzaHandler  # noqa: E402

from nbxmpp_rooms import Rooms  # noqa: E402
from say import COMMANDS, FULLTEXT, VERBS, say, say_contact, say_photo, say_preferences  # noqa: E402

RETRY_MILLISECONDS = 200
SEARCH_PAGE = 50

class Program(Rooms):
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
        self.client.subscribe("resume-successful", lambda *_: say("RESUMED"))
        self.client.register_handler(StanzaHandler(name="message", callback=self.on_message))
        self.client.register_handler(StanzaHandler(name="presence", callback=self.on_presence))
        self.client.register_handler(StanzaHandler(name="iq", callback=self.on_roster_push, typ="set", ns=Namespace.ROSTER))
        self.client.register_handler(StanzaHandler(name="iq", callback=self.on_blocking_push, typ="set", ns=Namespace.BLOCKING))
        self.ready = self.is_leaving = False
        self.client.connect()

    def module(self, name):
        return self.client.get_module(name)

    def on_connected(self, *_):
        if self.ready:
            say("ANEW")
            self.module("BasePresence").send()
            return
        self.module("Roster").request_roster(callback=self.on_roster)

    def on_roster(self, task):
        try:
            task.finish()
        except Exception as e:  # noqa: a server without rosters is told of, and is no failure
            say("NOTE roster:", str(e))
        self.module("BasePresence").send()
        GLib.io_add_watch(COMMANDS.fileno(), GLib.IO_IN | GLib.IO_HUP, self.on_command)
        self.ready = True
        say("READY", str(self.client.get_bound_jid()))

    def on_message(self, _client, stanza, properties):
        if self.on_room_message(stanza, properties):
            return
        if properties.is_mam_message:
            self.found.append((properties.mam.id, stanza.getFrom().bare, stanza.getBody()))
        elif properties.is_carbon_message:
            peer = stanza.getTo() if properties.is_sent_carbon else stanza.getFrom()
            say("COPIED", properties.carbon.type, peer.bare, stanza.getBody())
        elif properties.type.is_error:
            say("REFUSED", stanza.getFrom().bare)
        elif stanza.getBody():
            say("LATE" if properties.has_server_delay else "RECEIVED", stanza.getFrom().bare, stanza.getBody())

    def on_presence(self, _client, _stanza, properties):
        if properties.from_muc:
            self.on_room_presence(properties)
            return
        bare = properties.jid.bare
        if properties.type.is_subscribe:
            say("ASKED", bare)
        elif properties.type.is_unavailable:
            say("PRESENCE", bare, "offline", properties.status)
        elif properties.type.is_available:
            say("PRESENCE", bare, properties.show.value, properties.status)
            if properties.avatar_state in (AvatarState.ADVERTISED, AvatarState.EMPTY):
                say("AVATAR", bare, properties.avatar_sha or "none")

    def on_roster_push(self, _client, _stanza, properties):
        say_contact(properties.roster.item.jid, properties.roster.item.subscription)
        raise NodeProcessed

    def on_blocking_push(self, *_):
        raise NodeProcessed

    # ---- what the test asks for

    def on_command(self, *_):
        verb, _, rest = COMMANDS.readline().decode().rstrip("\n").partition(" ")
        if verb not in VERBS:
            self.is_leaving = True
            self.client.disconnect()
            return False
        getattr(self, "do_" + verb)(rest)
        return True

    def do_send(self, rest):
        to, _, text = rest.partition(" ")
        self.client.send_stanza(Message(to=to, body=text, typ="chat"))

    def do_carbons(self, _):
        iq = Iq("set")
        iq.addChild("enable", namespace=Namespace.CARBONS)
        self.client.send_stanza(iq, callback=lambda *_: say("COPYING"))

    def do_add(self, jid):
        self.module("Roster").set_item(jid, "a friend", callback=self.on_done)
        self.module("BasePresence").subscribe(jid)

    def do_accept(self, jid):
        self.module("BasePresence").subscribed(jid)

    def do_remove(self, jid):
        self.module("Roster").delete_item(jid, callback=self.on_done)

    def do_status(self, rest):
        show, _, text = rest.partition(" ")
        self.module("BasePresence").send(show=show if show != "online" else None, status=text)

    def do_avatar(self, photo):
        self.photo = base64.b64decode(photo)
        self.module("VCardTemp").request_vcard(callback=self.on_own_vcard)

    def on_own_vcard(self, task):
        vcard = task.finish()
        vcard.set_avatar(self.photo, "image/png")
        self.module("VCardTemp").set_vcard(vcard, callback=self.on_done)

    def do_photo(self, jid):
        self.module("VCardTemp").request_vcard(jid=JID.from_string(jid), callback=self.on_vcard, user_data=jid)

    def on_vcard(self, task):
        say_photo(task.get_user_data(), task.finish().get_avatar()[0])

    def do_block(self, jid):
        self.module("Blocking").block([JID.from_string(jid)], callback=self.on_done, user_data="block")

    def do_unblock(self, jid):
        self.module("Blocking").unblock([JID.from_string(jid)], callback=self.on_done, user_data="unblock")

    # ---- the archive

    def do_pages(self, rest):
        way, size, number, *peer = rest.split()
        self.found, self.backwards = [], []
        self.size, self.left, self.peer = int(size), int(number), peer[0] if peer else None
        if way == "backward":
            self.ask_backwards("")
        elif self.peer:  # make_query's own `with` ends in an exception
            self.ask_with_form({"with": self.peer}, self.on_later)
        else:
            self.ask_forwards(None)

    def own(self):
        return self.client.get_bound_jid().new_as_bare()

    def ask_forwards(self, after):
        self.module("MAM").make_query(self.own(), queryid="pages", after=after, max_=self.size, callback=self.on_page)

    def on_page(self, task):
        page = task.finish()
        self.left -= 1
        if self.left and not page.complete:
            self.ask_forwards(page.rsm.last)
        else:
            self.say_found("pages")

    def on_later(self, _client, answer):
        fin = answer.getTag("fin", namespace=Namespace.MAM_2)
        self.left -= 1
        if self.left and fin.getAttr("complete") != "true":
            self.ask_with_form({"with": self.peer}, self.on_later, after=parse_rsm(fin).last)
        else:
            self.say_found("pages")

    def ask_backwards(self, before):
        """The library's own queries go forwards; Gajim does no others."""
        self.ask_with_form({"with": self.peer} if self.peer else {}, self.on_earlier, before=before)

    def on_earlier(self, _client, answer):
        fin = answer.getTag("fin", namespace=Namespace.MAM_2)
        self.left -= 1
        self.backwards = self.found + self.backwards
        self.found = []
        if self.left and fin.getAttr("complete") != "true":
            self.ask_backwards(parse_rsm(fin).first)
        else:
            self.found = self.backwards[::-1]
            self.say_found("pages")

    def ask_with_form(self, fields, callback, **place):
        iq = Iq("set", queryNS=Namespace.MAM_2)
        iq.getQuery().setAttr("queryid", "form")
        form = [create_field(typ="hidden", var="FORM_TYPE", value=Namespace.MAM_2)]
        form += [create_field(typ="text-single", var=var, value=value) for var, value in fields.items()]
        page = Node("set", attrs={"xmlns": Namespace.RSM})
        page.setTagData("max", self.size)
        for name, value in place.items():
            page.setTagData(name, value)
        iq.setQueryPayload([SimpleDataForm(type_="submit", fields=form), page])
        self.client.send_stanza(iq, callback=callback)

    def do_search(self, words):
        self.found, self.size = [], SEARCH_PAGE
        self.ask_with_form({FULLTEXT: words}, lambda *_: self.say_found("search"), before="")

    def say_found(self, verb):
        for found in self.found:
            say("FOUND", *found)
        say("DONE", verb)

    def do_prefer(self, rest):
        default, always, never = rest.split()
        self.module("MAM").set_preferences(default, [always], [never], callback=self.on_done, user_data="prefer")

    def do_preferences(self, _):
        self.module("MAM").request_preferences(callback=self.on_preferences)

    def on_preferences(self, task):
        say_preferences(*task.finish())

    def on_done(self, task):
        """Tasks hold their callbacks weakly, so they are methods of ours."""
        task.finish()
        if task.get_user_data():
            say("DONE", task.get_user_data())

    def on_end(self, client, *_):
        if self.ready and not self.is_leaving:
            GLib.timeout_add(RETRY_MILLISECONDS, client.connect)
            return
        if not self.ready:
            say("FAILED", str(client.get_error()))
        self.loop.quit()


Program(*sys.argv[1:5]).loop.run()
