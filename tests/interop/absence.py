# The cases: what is sent to somebody who is away waits for him.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire.case import add_case
from wire.client import Unexpected
from wire.stored import count_stored

from kinds import BY_NAME
from peer import Peer
from talk import TEXTS, await_presence

# Who is away, and who writes.
PAIRS = [("slixmpp", "purple"), ("purple", "slixmpp"), ("aioxmpp", "nbxmpp"), ("nbxmpp", "aioxmpp")]
TRIES, PAUSE = 100, 0.1
MESSAGES = [text % "the evening before" for text in TEXTS] + ["and %d" % i for i in range(3)]


def await_stored(world, account, number):
    client = world.connect(account)
    for _ in range(TRIES):
        if count_stored(client) == number:
            client.send("</stream:stream>")
            client.expect_gone()
            return
        time.sleep(PAUSE)
    raise Unexpected("%d messages are stored, not %d" % (count_stored(client), number))


class Visit:
    """Somebody comes, and writes and reads until he goes."""

    def __init__(self, world, name, account):
        self.peer = Peer(name, BY_NAME[name].command(), account, world.server)

    def __enter__(self):
        try:
            return self.peer.ready()
        except Exception:
            self.peer.kill()
            raise

    def __exit__(self, kind, *_):
        if kind is None:
            self.peer.quit()
        self.peer.kill()


def is_live(reader, writer, text):
    """What is written now comes next: so all that waited has been read, and has been acknowledged."""
    writer.send(reader.account.jid, text)
    reader.receives(writer.account.jid, text)


def return_to_messages(world, name, other):
    BY_NAME[name].command()  # skips the case
    account = world.account()
    with Visit(world, other, world.account()) as writer:
        for text in MESSAGES:
            writer.send(account.jid, text)
        await_stored(world, account, len(MESSAGES))
        with Visit(world, name, account) as reader:
            for text in MESSAGES:
                reader.receives_late(writer.account.jid, text)
            is_live(reader, writer, "you are there")
        with Visit(world, name, account) as reader:
            await_presence(world.online(), account.jid)
            is_live(reader, writer, "you are back")


def _case(name, other):
    return lambda world: return_to_messages(world, name, other)


for _name, _other in PAIRS:
    add_case(__name__, "%s finds what %s wrote meanwhile, once" % (_name, _other), "XEP-0160", _case(_name, _other))
