# Messages that came while nobody was there, for an account with clients that read its archive and others that do not.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.sm import enable, resume
from wire.talk import must

MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
STANZA_ID = "urn:xmpp:sid:0"
HINTS = "urn:xmpp:hints"


def leave(sender, account, *ids, inner=""):
    for name in ids:
        sender.send("<message to='%s' id='%s' type='chat'><body>%s</body>%s</message>" % (account.jid, name, name, inner))
    flush(sender, account)


def flush(sender, account):
    """The account has taken what was sent before: what one entity says to another is handled in order."""
    sender.send("<iq type='get' id='flush' to='%s/nobody'><ping xmlns='%s'/></iq>" % (account.jid, names.PING))
    sender.until(lambda e: e.get("id") == "flush")


def archived_id(message, by):
    ids = [e.get("id") for e in message.all("stanza-id", STANZA_ID) if e.get("by") == by]
    must(1, len(ids), "ids in the archive")
    return ids[0]


def pong(client, ping):
    client.send("<iq type='result' id='%s' to='%s'/>" % (ping.get("id"), ping.get("from")))


def came(client):
    """The messages that came before now; pings behind them are answered, until nothing comes any more."""
    messages = []
    while True:
        before = client.fence()
        messages += [e for e in before if e.name == "message"]
        pings = [e for e in before if e.name == "iq" and e.find("ping", names.PING)]
        for ping in pings:
            pong(client, ping)
        if not pings:
            return messages


def page(client, after=None, size=50):
    """A page of the archive: its messages' ids, the last uid, and whether it is the end."""
    client.send("<iq type='set' id='page'><query xmlns='%s'><set xmlns='%s'><max>%d</max>%s</set></query></iq>" % (
        MAM, RSM, size, "<after>%s</after>" % after if after else ""))
    ids = []
    while True:
        e = client.expect("element", "a page of the archive")
        if e.get("id") == "page":
            break
        if e.name == "message":
            result = e.find("result", MAM)
            ids.append((result.children[0].find("message", names.CLIENT).get("id"), result.get("id")))
    must("result", e.get("type"), "the archive's answer")
    return [i for i, _ in ids], (ids[-1][1] if ids else None), e.find("fin", MAM).get("complete") == "true"


def scene(world, *ids):
    sender, account = world.online(), world.account()
    leave(sender, account, *ids)
    return sender, account


def ids_of(messages):
    return [m.get("id") for m in messages]


@case
def an_archive_client_and_then_a_plain_one_get_each_message_once(world):
    """XEP-0313 §6.1.1: what was fetched is not delivered as an offline message"""
    sender, account = scene(world, "m0", "m1", "m2")
    reader = world.connect(account, "reader")
    must((["m0", "m1", "m2"], True), page(reader)[::2], "page")
    reader.send("<presence/>")
    must([], ids_of(came(reader)), "handed to who has read them")
    reader.send("<presence type='unavailable'/>")
    reader.fence()
    leave(sender, account, "m3")
    plain = world.connect(account, "plain")
    plain.send("<presence/>")
    must(["m3"], ids_of(came(plain)), "handed to the plain client")


@case
def what_an_archive_client_has_not_fetched_goes_to_the_plain_one(world):
    """XEP-0313 §6.1.1, XEP-0160 §2"""
    _, account = scene(world, "m0", "m1", "m2", "m3")
    reader = world.connect(account, "reader")
    must(["m0", "m1"], page(reader, size=2)[0], "page")
    reader.send("<presence/>")
    must([], ids_of(came(reader)), "handed to who reads")
    plain = world.connect(account, "plain")
    plain.send("<presence/>")
    messages = came(plain)
    must(["m2", "m3"], ids_of(messages), "handed to the plain client")
    for m in messages:
        if m.find("delay", names.DELAY) is None:
            raise Unexpected("without a delay: %s" % m)
    must(["m2", "m3"], page(reader, page(reader, size=2)[1])[0], "the archive")


@case
def messages_behind_the_end_that_was_read_and_unarchived_ones_are_handed_out(world):
    """XEP-0313 §6.1.1, XEP-0334 §4.1"""
    sender, account = scene(world, "m0")
    leave(sender, account, "secret", inner="<no-permanent-store xmlns='%s'/>" % HINTS)
    reader = world.connect(account, "reader")
    must((["m0"], True), page(reader)[::2], "page")
    leave(sender, account, "m1")
    reader.send("<presence/>")
    must(["secret", "m1"], ids_of(came(reader)), "handed out")


@case
def who_is_available_before_the_query_can_tell_what_comes_twice(world):
    """XEP-0359 §3.1, XEP-0313 §3.4"""
    _, account = scene(world, "m0")
    client = world.connect(account, "both")
    client.send("<presence/>")
    message, = came(client)
    must(archived_id(message, account.jid), page(client)[1], "id")


@case(own_server=True)
def a_reader_is_not_flooded_when_the_server_was_killed_either(world):
    """XEP-0198 §5, XEP-0313 §6.1.1"""
    _, account = scene(world, "m0", "m1")
    reader = enable(world, account, presence=False)
    must((["m0", "m1"], True), page(reader)[::2], "page")
    world.server.kill()
    world.server.start()
    reader = resume(world, reader)
    reader.send("<presence/>")
    must([], ids_of(came(reader)), "handed to who has read them")
    plain = world.connect(account, "plain")
    plain.send("<presence/>")
    must([], ids_of(came(plain)), "handed to the plain client")
