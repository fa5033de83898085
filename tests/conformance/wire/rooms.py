# Rooms (XEP-0045), as the cases use them.
#
#	room = Room(world)
#	alice = room.found(world.connect(), "alice")       makes it, and unlocks it as it is
#	entry = room.enter(bob, "bob")                      what came to him, in the order of XEP-0045 §7.1
#	room.say(bob, "m1"); room.heard(alice, after=bob)   what came to her, his message being through
#
# No case waits for silence: a room answers an iq behind what it sent before (RFC 6120 §10.1), so what came before the answer
# is all that came.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import itertools

from . import names
from .client import Unexpected, check_error
from .talk import must

MUC = "<x xmlns='%s'/>" % names.MUC
NO_HISTORY = "<x xmlns='%s'><history maxstanzas='0'/></x>" % names.MUC
_serial = itertools.count(1)


# ---- what a room says


def is_subject(element):
    """§7.2.15, §8.1"""
    return (element.is_a("message", names.CLIENT) and element.get("type") == "groupchat" and
            element.find("subject") is not None and element.find("body") is None and element.find("thread") is None)


def extension(stanza):
    """§7.2.2: there is one of them."""
    found = stanza.all("x", names.MUC_USER)
    must(1, len(found), "elements of muc#user in %s" % stanza)
    return found[0]


def item(presence):
    return extension(presence).find("item")


def codes(presence):
    return sorted(int(status.get("code")) for status in extension(presence).all("status"))


def occupant_id(stanza):
    """XEP-0421 §3: there is one, and it is the room's."""
    found = stanza.all("occupant-id", names.OCCUPANT_ID)
    must(1, len(found), "occupant ids in %s" % stanza)
    return found[0].get("id")


def check_presence(stanza, sender, kind=None, **wanted):
    """One that SENDER's room sent; WANTED are attributes of its item, `codes`, and texts of its children."""
    if not stanza.is_a("presence", names.CLIENT) or stanza.get("from") != sender or stanza.get("type") != kind:
        raise Unexpected("expected %s presence of %s, got %s" % (kind or "available", sender, stanza))
    for key, value in wanted.items():
        if key == "codes":
            must(sorted(value), codes(stanza), "status codes of %s" % stanza)
        elif key in ("show", "status"):
            child = stanza.find(key)
            must(value, None if child is None else child.text, "%s of %s" % (key, stanza))
        else:
            must(value, item(stanza).get(key), "%s of %s" % (key, stanza))
    return stanza


class Entry:
    """What came to one who entered: others' presences by nick, his own, messages of the past, and the subject."""

    def __init__(self, room, client, nick):
        self.others, self.own, self.history, self.subject = {}, None, [], None
        while self.subject is None:
            self._take(room, client.expect("element", "what comes of entering"), room.occupant(nick))

    def _take(self, room, e, own):
        """§7.1"""
        if (e.get("from") or "").partition("/")[0] != room.jid:
            return
        if e.get("type") == "error":
            raise Unexpected("no entry: %s" % e)
        if is_subject(e):
            self.subject = e
        elif e.name == "message":
            self.history.append(e)
        elif e.name == "presence" and not self.history:
            self._take_presence(e, own)
        else:
            raise Unexpected("out of order: %s" % e)
        if e.name == "message" and self.own is None:
            raise Unexpected("before our own presence: %s" % e)

    def _take_presence(self, e, own):
        if self.own is not None:
            raise Unexpected("after our own presence: %s" % e)
        if 110 in codes(e):
            self.own = check_presence(e, own)
        else:
            self.others[e.get("from").partition("/")[2]] = e


# ---- what is asked of it


def an_item(reason=None, **attrs):
    inside = "<reason>%s</reason>" % reason if reason else ""
    return "<item %s>%s</item>" % (" ".join("%s='%s'" % a for a in attrs.items()), inside)


def admin(*items):
    """The payload that changes roles and affiliations, or asks for who has them (§9)."""
    return "<query xmlns='%s'>%s</query>" % (names.MUC_ADMIN, "".join(items))


# ---- a room


class Room:
    def __init__(self, world, name=None):
        self.service = "conference." + world.domain
        self.jid = "%s@%s" % (name or "room%d" % next(_serial), self.service)
        self.unread = collections.defaultdict(list)

    def occupant(self, nick):
        return "%s/%s" % (self.jid, nick)

    # ---- in and out

    def ask(self, client, nick, x=MUC, inside=""):
        """Asks to enter."""
        client.send("<presence to='%s'>%s%s</presence>" % (self.occupant(nick) if nick else self.jid, inside, x))

    def enter(self, client, nick, x=MUC, inside=""):
        self.ask(client, nick, x, inside)
        return Entry(self, client, nick)

    def refuses(self, client, nick, condition, kind, x=MUC):
        self.ask(client, nick, x)
        error = client.expect_error(condition, kind, from_=self.occupant(nick) if nick else self.jid)
        must("presence", error.name, "refusal")
        if nick and error.find("x", names.MUC) is None:
            raise Unexpected("clients do not know what it is about (§7.2.5): %s" % error)

    def found(self, client, nick, inside=""):
        self.enter(client, nick, inside=inside)
        self.configure(client)
        return client

    def request(self, client, payload, kind="set", to=None):
        """The answer to an iq; what comes before it is kept for him."""
        name = client.new_id()
        client.send("<iq type='%s' id='%s' to='%s'>%s</iq>" % (kind, name, to or self.jid, payload))
        while True:
            e = client.expect("element", "the answer to %s" % payload)
            if e.name == "iq" and e.get("id") == name:
                return e
            self.unread[client].append(e)

    def must(self, client, payload, kind="set", to=None):
        answer = self.request(client, payload, kind, to)
        if answer.get("type") != "result":
            raise Unexpected("it is refused: %s" % answer)
        return answer

    def must_not(self, client, payload, condition, error_kind=None, kind="set", to=None):
        answer = self.request(client, payload, kind, to)
        check_error(answer, condition, error_kind)
        return answer

    def configure(self, client, **fields):
        """As an owner; FIELDS are those of muc#roomconfig, a list is of several values."""
        self.must(client, self.configuration(**fields))

    @staticmethod
    def configuration(**fields):
        form = [("FORM_TYPE", names.MUC + "#roomconfig")] if fields else []
        form += [("muc#roomconfig_" + var if var != "maxhistoryfetch" else "muc#" + var, value)
                 for var, value in fields.items()]
        return "<query xmlns='%s'><x xmlns='%s' type='submit'>%s</x></query>" % (names.MUC_OWNER, names.FORMS, "".join(
            "<field var='%s'>%s</field>" % (var, "".join(
                "<value>%s</value>" % v for v in (value if isinstance(value, (list, tuple)) else [value])))
            for var, value in form))

    def leave(self, client, nick, inside=""):
        client.send("<presence type='unavailable' to='%s'>%s</presence>" % (self.occupant(nick), inside))

    # ---- in between

    def say(self, client, name, body="x", inside="", kind="groupchat"):
        client.send("<message type='%s' id='%s' to='%s'><body>%s</body>%s</message>" % (kind, name, self.jid, body, inside))

    def whisper(self, client, nick, name, inside="", kind="chat"):
        client.send("<message type='%s' id='%s' to='%s'><body>x</body>%s</message>" % (
            kind, name, self.occupant(nick), inside))

    def set_subject(self, client, subject):
        client.send("<message type='groupchat' id='subject' to='%s'><subject>%s</subject></message>" % (self.jid, subject))

    def settle(self, client):
        """What the room sent him before it answers him now; whatever he sent it is through then."""
        name = client.new_id()
        client.send("<iq type='get' id='%s' to='%s'><ping xmlns='%s'/></iq>" % (name, self.jid, names.PING))
        before = []
        while True:
            e = client.expect("element", "stanzas of the room")
            if e.name == "iq" and e.get("id") == name:
                return before
            if (e.get("from") or "").partition("/")[0] == self.jid:
                before.append(e)

    def heard(self, client, after=None):
        """What came to CLIENT when all that AFTER did is through; what came to AFTER meanwhile is kept for him."""
        if after is not None and after is not client:
            self.unread[after].extend(self.settle(after))
        return self.unread.pop(client, []) + self.settle(client)

    def hears(self, client, *wanted, after=None):
        """The ids of the messages that come to CLIENT, just these."""
        got = [e.get("id") for e in self.heard(client, after) if e.name == "message"]
        must(list(wanted), got, "messages")

    def hears_error(self, client, condition, kind, name):
        """Nothing but that comes of what CLIENT has sent."""
        got = self.heard(client)
        must([name], [e.get("id") for e in got], "answers")
        check_error(got[0], condition, kind)
        return got[0]
