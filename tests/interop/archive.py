# The cases: what libraries read out of the archive, and how they say what goes into it.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from xml.sax.saxutils import escape

from wire.case import add_case
from wire.client import Unexpected

from kinds import BY_NAME
from peer import MESSAGE_SECONDS, Peer, Visit
from talk import TEXTS

LIBRARIES = ("slixmpp", "nbxmpp")
PAGE = 4
ROUNDS = 7  # of two messages by each of two friends: with the last page not full
NEEDLE = "a needle in the h\u00e0ystack"


def bare(client):
    return client.jid.partition("/")[0]


def write_history(world, account):
    """What the archive then has of each friend, in order, as (who, text)."""
    me, friends = world.online(account), (world.online(), world.online())
    history = []
    for i in range(ROUNDS):
        for friend in friends:
            for one, other in ((me, friend), (friend, me)):
                text = NEEDLE if (i, one, friend) == (2, friend, friends[1]) else TEXTS[1] % i
                one.send("<message to='%s' type='chat' id='m%d'><body>%s</body></message>" % (
                    other.jid, len(history), escape(text)))
                if other.expect_element("message").find("body").text != text:
                    raise Unexpected("another message came")
                history.append((bare(friend), bare(one), text))
    for client in (me, *friends):
        client.send("</stream:stream>")
        client.expect_gone()
    return history


def found(reader, command):
    """(id, who, text), as the program says them."""
    reader.tell(command)
    entries = []
    while True:
        line = reader.expect(("FOUND", "DONE"), MESSAGE_SECONDS)
        if line.startswith("DONE"):
            return entries
        entries.append(tuple(line.split(" ", 3)[1:]))


def check(reader, command, expected):
    entries = found(reader, command)
    got = [entry[1:] for entry in entries]
    if got != expected:
        raise Unexpected("%s: %r found\n%s\nnot\n%s\n%s" % (reader.name, command, got, expected, reader.report()))
    return [entry[0] for entry in entries]


def read(world, name):
    BY_NAME[name].command()  # skips the case
    account = world.account()
    history = write_history(world, account)
    everything = [entry[1:] for entry in history]
    one = history[0][0]
    with_one = [entry[1:] for entry in history if entry[0] == one]
    with Visit(BY_NAME[name], account, world.server) as reader:
        ids = check(reader, "pages forward %d 100" % PAGE, everything)
        if check(reader, "pages backward %d 100" % PAGE, everything[::-1]) != ids[::-1]:
            raise Unexpected("backwards, messages have other ids")
        check(reader, "pages backward %d 1" % PAGE, everything[:-PAGE - 1:-1])
        check(reader, "pages forward %d 2" % PAGE, everything[:2 * PAGE])
        check(reader, "pages forward %d 100 %s" % (PAGE, one), with_one)
        check(reader, "pages backward %d 100 %s" % (PAGE, one), with_one[::-1])
        check(reader, "search NEEDLE haystack", [entry for entry in everything if entry[1] == NEEDLE])
        check(reader, "search nowhere", [])


def choose(world, name):
    """Of two friends one is archived."""
    command = BY_NAME[name].command()
    account, wanted, unwanted = world.account(), world.online(), world.online()
    prefers = "PREFERS roster always %s never %s" % (bare(wanted), bare(unwanted))
    peer = Peer(name, command, account, world.server)
    try:
        peer.ready()
        peer.tell("preferences")
        peer.expect("PREFERS always always never", MESSAGE_SECONDS)
        peer.tell("prefer roster %s %s" % (bare(wanted), bare(unwanted)))
        peer.expect("DONE prefer", MESSAGE_SECONDS)
        peer.tell("preferences")
        line = peer.expect("PREFERS", MESSAGE_SECONDS)
        if line != prefers:
            raise Unexpected("%s: expected %r, got %r" % (name, prefers, line))
        for friend in (unwanted, wanted):
            peer.send(friend.jid, TEXTS[0] % name)
            friend.expect_element("message")
        check(peer, "pages forward %d 100" % PAGE, [(account.jid, TEXTS[0] % name)])
        peer.quit()
    finally:
        peer.kill()


def _case(function, name):
    return lambda world: function(world, name)


for _name in LIBRARIES:
    add_case(__name__, "%s pages through its archive and searches it" % _name, "XEP-0313, XEP-0059, XEP-0431",
             _case(read, _name))
    add_case(__name__, "%s says what is archived" % _name, "XEP-0441", _case(choose, _name))
