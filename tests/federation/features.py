# What people on two servers do with one another.  Each feature is a function of a Pair: `here` acts, `there` is the other server.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import itertools

from wire import names
from wire.client import Unexpected, check_error
from wire.talk import bare, must

LARGE_BYTES = 100000
VCARD = "vcard-temp"
MUC = "<x xmlns='%s'/>" % names.MUC
ROSTER = "jabber:iq:roster"
PAYLOAD = "<query xmlns='urn:example:question'>%s</query>"
UNDELIVERED = ("service-unavailable", "item-not-found", "recipient-unavailable")
UNREACHED = ("remote-server-not-found", "remote-server-timeout")
_serial = itertools.count(1)

ALL = []  # (title, function)


def feature(title):
    def add(f):
        ALL.append((title, f))
        return f
    return add


def find(client, what, wanted):
    """The first element for which WANTED holds; those before it are left out."""
    while True:
        element = client.expect("element", what)
        if wanted(element):
            return element


def new_name(word):
    return "%s%d" % (word, next(_serial))


def await_message(client, body, sender):
    """SENDER's message comes: its bare or its full address."""
    message = find(client, "the message %.40r" % body, lambda e: e.name == "message" and e.find("body") is not None and
                   e.find("body").text == body)
    if message.get("type") == "error" or sender not in (message.get("from"), (message.get("from") or "").partition("/")[0]):
        raise Unexpected("expected it of %s, got %.500s" % (sender, message))
    return message


def await_presence(client, sender, *kinds):
    """Of SENDER, bare or full, of one of these types; None is that somebody is available."""
    return find(client, "%s presence of %s" % (kinds, sender), lambda e: e.name == "presence" and e.get("type") in kinds and
                sender in (e.get("from"), (e.get("from") or "").partition("/")[0]))


def await_answer(client, name, sender):
    iq = find(client, "the answer to %s" % name, lambda e: e.name == "iq" and e.get("id") == name)
    must(sender, iq.get("from"), "who answers")
    return iq


def ask(client, to, payload, kind="get"):
    """The result, and nothing else."""
    name = new_name("ask")
    client.send("<iq type='%s' id='%s' to='%s'>%s</iq>" % (kind, name, to, payload))
    iq = await_answer(client, name, to)
    must("result", iq.get("type"), "answer %.300s" % iq)
    return iq


def say(client, to, body, kind="chat"):
    client.send("<message to='%s' type='%s' id='%s'><body>%s</body></message>" % (to, kind, new_name("say"), body))


def enter(world):
    """A new user's session; without a look at the roster it would not be told of subscriptions (RFC 6121 §2.2)."""
    client = world.connect()
    client.ask("<query xmlns='%s'/>" % ROSTER)
    return client.available()


class Pair:
    """A user on each of two servers, A here and B there."""

    def __init__(self, here, there):
        self.here, self.there = here, there
        self.worlds = here.world(), there.world()
        self.renew()

    def renew(self):
        """Others take their places."""
        self.close()
        self.a, self.b = (enter(world) for world in self.worlds)
        self.friends = False

    def befriend(self):
        if not self.friends:
            befriend(self.a, self.b)
            befriend(self.b, self.a)
            self.friends = True

    def transcript(self):
        return "\n".join("  %s\n%s" % (world.server.name, world.transcript()) for world in self.worlds)

    def close(self):
        for world in self.worlds:
            world.close()


def befriend(a, b):
    """A sees B's presence from now on."""
    a.send("<presence type='subscribe' to='%s'/>" % bare(b))
    await_presence(b, bare(a), "subscribe")
    b.send("<presence type='subscribed' to='%s'/>" % bare(a))
    seen = {await_presence(a, bare(b), "subscribed", None).get("type") for _ in range(2)}  # in either order
    must({"subscribed", None}, seen, "presence")


# ---- the features


@feature("messages")
def messages(pair):
    for one, other, to in ((pair.a, pair.b, pair.b.jid), (pair.b, pair.a, bare(pair.a))):
        body = new_name("hello ")
        say(one, to, body)
        await_message(other, body, one.jid)


@feature("message to nobody")
def message_to_nobody(pair):
    to = "nobody@" + pair.there.domain
    say(pair.a, to, "hello")
    error = find(pair.a, "an error", lambda e: e.name == "message" and e.get("from") == to)
    check_error(error, UNDELIVERED)


@feature("ping, version, disco")
def server_answers(pair):
    domain = pair.there.domain
    ask(pair.a, domain, "<ping xmlns='%s'/>" % names.PING)
    version = ask(pair.a, domain, "<query xmlns='%s'/>" % names.VERSION).find("query", names.VERSION)
    if version is None or version.find("name") is None:
        raise Unexpected("no name in %s" % version)
    info = ask(pair.a, domain, "<query xmlns='%s'/>" % names.DISCO_INFO).find("query", names.DISCO_INFO)
    must(True, any(i.get("category") == "server" for i in info.all("identity")), "a server's identity in %s" % info)


@feature("iq to a user")
def user_answers(pair):
    """To a client, which answers; and to the account, for which its server does."""
    name, word = new_name("ask"), new_name("word")
    pair.a.send("<iq type='get' id='%s' to='%s'>%s</iq>" % (name, pair.b.jid, PAYLOAD % word))
    asked = find(pair.b, "a question", lambda e: e.name == "iq" and e.get("type") == "get" and e.get("from") == pair.a.jid)
    must(word, asked.children[0].text, "what is asked")
    pair.b.send("<iq type='result' id='%s' to='%s'>%s</iq>" % (asked.get("id"), pair.a.jid, PAYLOAD % "yes"))
    must("yes", await_answer(pair.a, name, pair.b.jid).children[0].text, "what is answered")
    name = new_name("ask")
    pair.a.send("<iq type='get' id='%s' to='%s'>%s</iq>" % (name, bare(pair.b), PAYLOAD % word))
    must("error", await_answer(pair.a, name, bare(pair.b)).get("type"), "an account's answer to what nobody knows")


@feature("presence")
def presence(pair):
    """Subscriptions both ways, a change, one who leaves, and the end of a subscription."""
    pair.befriend()
    pair.b.send("<presence><show>away</show><status>lunch</status></presence>")
    seen = find(pair.a, "a status", lambda e: e.name == "presence" and e.get("from") == pair.b.jid and
                e.find("status") is not None)
    must("away", seen.find("show") and seen.find("show").text, "show")
    pair.a.send("<presence type='unavailable'/>")
    await_presence(pair.b, pair.a.jid, "unavailable")
    pair.a.send("<presence/>")
    await_presence(pair.b, pair.a.jid, None)
    await_presence(pair.a, pair.b.jid, None)  # by a probe


@feature("vCard")
def vcard(pair):
    pair.befriend()
    name = new_name("Nurse ")
    own = new_name("set")
    pair.b.send("<iq type='set' id='%s'><vCard xmlns='%s'><FN>%s</FN></vCard></iq>" % (own, VCARD, name))
    find(pair.b, "the result", lambda e: e.name == "iq" and e.get("id") == own and e.get("type") == "result")
    card = ask(pair.a, bare(pair.b), "<vCard xmlns='%s'/>" % VCARD).find("vCard", VCARD)
    must(name, card.find("FN") and card.find("FN").text, "the name in %s" % card)


@feature("rooms")
def rooms(pair):
    """A comes into a room on B's server, talks, hears, and leaves."""
    room = "%s@%s" % (new_name("room"), pair.there.service)
    pair.b.send("<presence to='%s/bob'>%s</presence>" % (room, MUC))
    await_presence(pair.b, room + "/bob", None)
    unlock = new_name("unlock")
    pair.b.send("<iq type='set' id='%s' to='%s'><query xmlns='%s'><x xmlns='%s' type='submit'/></query></iq>" % (
        unlock, room, names.MUC_OWNER, names.FORMS))
    must("result", await_answer(pair.b, unlock, room).get("type"), "the room")
    pair.a.send("<presence to='%s/ann'>%s</presence>" % (room, MUC))
    await_presence(pair.a, room + "/bob", None)
    await_presence(pair.a, room + "/ann", None)
    await_presence(pair.b, room + "/ann", None)
    for one, nick in ((pair.a, "/ann"), (pair.b, "/bob")):
        body = new_name("in the room ")
        say(one, room, body, "groupchat")
        for listener in (pair.a, pair.b):
            await_message(listener, body, room + nick)
    whisper = new_name("whisper ")
    say(pair.b, room + "/ann", whisper)
    await_message(pair.a, whisper, room + "/bob")
    items = ask(pair.a, room, "<query xmlns='%s'/>" % names.DISCO_INFO).find("query", names.DISCO_INFO)
    must(True, any(i.get("category") == "conference" for i in items.all("identity")), "a room's identity")
    pair.a.send("<presence to='%s/ann' type='unavailable'/>" % room)
    await_presence(pair.a, room + "/ann", "unavailable")
    await_presence(pair.b, room + "/ann", "unavailable")


@feature("100 KB")
def large(pair):
    body = new_name("large ") + "x" * LARGE_BYTES
    say(pair.a, pair.b.jid, body)
    await_message(pair.b, body, pair.a.jid)


@feature("order of 300")
def order(pair):
    """RFC 6120 §10.1"""
    word = new_name("m")
    pair.a.send("".join("<message to='%s' id='%s-%d' type='chat'><body>x</body></message>" % (pair.b.jid, word, i)
                        for i in range(300)))
    for i in range(300):
        got = find(pair.b, "message %d" % i, lambda e: e.name == "message" and (e.get("id") or "").startswith(word + "-"))
        must("%s-%d" % (word, i), got.get("id"), "the next message")


@feature("unknown domain")
def unknown_domain(pair):
    to = "somebody@%s.example" % new_name("nowhere")
    say(pair.a, to, "hello")
    error = find(pair.a, "an error", lambda e: e.name == "message" and e.get("from") == to)
    check_error(error, UNREACHED)
