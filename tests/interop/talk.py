# The cases: two clients log in and talk both ways.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import names
from wire.case import add_case
from wire.client import Unexpected

from kinds import BY_NAME, KINDS
from peer import Peer

# Plain words, other scripts, and what XML, HTML and terminals would like to change.
TEXTS = ("hello from %s", "p\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd & <b>bold</b> 'n' \"quoted\" %s")

AVAILABLE_TRIES, AVAILABLE_PAUSE = 100, 0.1

# Which library talks to which other: each is in two pairs.
CROSS = [("slixmpp", "purple"), ("purple", "nbxmpp"), ("nbxmpp", "strophe"), ("strophe", "aioxmpp"), ("aioxmpp", "profanity"),
         ("profanity", "gloox"), ("gloox", "mcabber"), ("mcabber", "slixmpp")]


def await_presence(witness, jid):
    """A client says that it is ready when it has sent its presence; the server may still be reading it."""
    for _ in range(AVAILABLE_TRIES):
        witness.send("<message to='%s' id='there' type='chat'/><iq type='get' id='end' to='%s/nowhere'><ping xmlns='%s'/></iq>"
                     % (jid, jid, names.PING))
        if not witness.until(lambda e: e.get("id") == "end"):
            return
        time.sleep(AVAILABLE_PAUSE)
    raise Unexpected("%s does not become available" % jid)


def talk(world, first, second):
    kinds = [BY_NAME[first], BY_NAME[second]]
    commands = [k.command() for k in kinds]
    peers = []
    try:
        for kind, command in zip(kinds, commands):
            peers.append(Peer(kind.name, command, world.account(), world.server))
        for peer in peers:
            peer.ready()
        witness = world.online()
        for peer in peers:
            await_presence(witness, peer.account.jid)
        for one, other in (peers, peers[::-1]):
            for text in TEXTS:
                one.send(other.account.jid, text % one.name)
                other.receives(one.account.jid, text % one.name)
        for peer in peers:
            peer.quit()
    finally:
        for peer in peers:
            peer.kill()


def _pair(first, second):
    return lambda world: talk(world, first, second)


for _kind in KINDS:
    add_case(__name__, "two clients of %s log in and talk" % _kind.name, "RFC 6120, RFC 6121 §5", _pair(_kind.name, _kind.name))
for _first, _second in CROSS:
    add_case(__name__, "%s and %s talk" % (_first, _second), "RFC 6120, RFC 6121 §5", _pair(_first, _second))
