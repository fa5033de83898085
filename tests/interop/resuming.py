# The cases: connections are lost, the server is killed or stopped, and the conversation goes on: each message once, in order.
#
# Two devices of one account and a friend, each of another library, behind a wire that can be cut.  The friend writes to the
# first device and it to him, the second device sees it all in carbons.  In each trouble all that one side writes is lost on
# the way, and is written, or read, when the streams are resumed.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import contextlib
import time

from wire.case import add_case
from wire.client import Unexpected

from friends import befriend
from kinds import BY_NAME
from peer import MESSAGE_SECONDS, Peer
from relay import TO_CLIENT, TO_SERVER, Relay

# The two devices, and the friend.
CASTS = [("slixmpp", "aioxmpp", "nbxmpp"), ("aioxmpp", "nbxmpp", "slixmpp"), ("nbxmpp", "slixmpp", "aioxmpp")]
AT_ONCE = 4
# How many of the stanzas that did not reach the server a library sends again, in order: slixmpp 1.8.3 forgets them when it
# resumes, aioxmpp 0.13.3 begins with the last.
SENT_AGAIN = {"slixmpp": 0, "aioxmpp": 1, "nbxmpp": AT_ONCE}
# For what is written to reach the server, or the wire that loses it.
ON_ITS_WAY_SECONDS = 0.5


class Conversation:
    """What the friend and the first device write to each other; each is sent its own texts, numbered."""

    def __init__(self, first, second, friend):
        self.first, self.second, self.friend = first, second, friend
        self.peers = (first, second, friend)
        self.said = {first: [], friend: []}

    def to(self, writer):
        return self.first.full if writer is self.friend else self.friend.account.jid

    def write(self, writer, number=AT_ONCE):
        for _ in range(number):
            text = "%d of %s" % (len(self.said[writer]), writer.name)
            writer.send(self.to(writer), text)
            self.said[writer].append(text)

    def is_read(self):
        """All that was written has come; whether anything came twice is looked at in the end."""
        first, second, friend = self.peers
        me, them = first.account.jid, friend.account.jid
        for reader, words, texts in (
                (friend, me, self.said[first]), (first, them, self.said[friend]),
                (second, "sent " + them, self.said[first]), (second, "received " + them, self.said[friend])):
            verbs = ("COPIED",) if reader is second else ("RECEIVED", "LATE")
            reader.expect(tuple("%s %s %s" % (verb, words, texts[-1]) for verb in verbs), MESSAGE_SECONDS, keep=True)

    def check(self):
        me, them = self.first.account.jid, self.friend.account.jid
        once_in_order(self.friend, ("RECEIVED %s " % me, "LATE %s " % me), self.said[self.first])
        once_in_order(self.first, ("RECEIVED %s " % them, "LATE %s " % them), self.said[self.friend])
        once_in_order(self.second, ("COPIED sent %s " % them,), self.said[self.first])
        once_in_order(self.second, ("COPIED received %s " % them,), self.said[self.friend])
        for peer in self.peers:
            never(peer, ("ANEW", "PRESENCE %s offline" % me, "PRESENCE %s offline" % them, "REFUSED"))


def once_in_order(peer, verbs, texts):
    came = [line[len(verb):] for line in peer.log for verb in verbs if line.startswith(verb)]
    if came != texts:
        raise Unexpected("%s: expected %s, got %s\n%s" % (peer.name, texts, came, peer.report()))


def never(peer, lines):
    for line in peer.log:
        if line.startswith(lines):
            raise Unexpected("%s: %r came\n%s" % (peer.name, line, peer.report()))


@contextlib.contextmanager
def cast(world, relay, names):
    commands = [BY_NAME[name].command() for name in names]
    accounts = [world.account()] * 2 + [world.account()]
    peers = []
    try:
        for name, command, account in zip(names, commands, accounts):
            peers.append(Peer(name, command, account, relay))
        for peer in peers:
            peer.ready()
        yield Conversation(*peers)
        for peer in peers:
            peer.quit()
    finally:
        for peer in peers:
            peer.kill()


def cut(relay, server):
    relay.cut()


def kill(relay, server):
    server.kill()
    relay.cut()
    server.start()


def stop(relay, server):
    complaints = server.stop()
    if complaints:
        raise Unexpected("\n".join(complaints))
    relay.cut()
    server.start()


TROUBLES = ((TO_CLIENT, cut), (TO_CLIENT, kill), (TO_SERVER, cut), (TO_SERVER, kill), (None, stop))


def go_through(talk, relay, server, lost, trouble):
    relay.lose(lost)
    for writer in talk.said:
        talk.write(writer, SENT_AGAIN[writer.name] if lost == TO_SERVER else AT_ONCE)
    time.sleep(ON_ITS_WAY_SECONDS)
    trouble(relay, server)
    for peer in talk.peers:
        peer.expect(("RESUMED", "ANEW"), MESSAGE_SECONDS, keep=True)
    for writer in talk.said:
        talk.write(writer)
    talk.is_read()


def go_on(world, names):
    relay = Relay(world.server)
    try:
        with cast(world, relay, names) as talk:
            befriend(talk.first, talk.friend)
            for device in (talk.first, talk.second):
                device.enable_carbons()
            for lost, trouble in TROUBLES:
                go_through(talk, relay, world.server, lost, trouble)
            talk.first.tell("status away after all")
            talk.friend.sees("PRESENCE %s away after all" % talk.first.account.jid)
            talk.check()
    finally:
        relay.close()


def _case(names):
    return lambda world: go_on(world, names)


for _names in CASTS:
    add_case(__name__, "%s, %s and %s go on after lost connections and restarts" % _names, "XEP-0198, XEP-0280",
             _case(_names), own_server=True)
