# The cases: what is sent to somebody who is away waits for him.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire.case import add_case
from wire.client import Unexpected
from wire.stored import count_stored

from kinds import BY_NAME
from peer import Visit
from talk import TEXTS, await_presence

# Who is away, and who writes.
PAIRS = [("slixmpp", "purple"), ("purple", "slixmpp"), ("aioxmpp", "nbxmpp"), ("nbxmpp", "aioxmpp")]
TRIES, PAUSE = 100, 0.1
# Clients with stream management acknowledge when they are asked, which is within half a second (XEP-0198 §4); who leaves
# before that gets it all again.
ASKED_SECONDS = 1
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


def is_live(reader, writer, text):
    """What is written now comes next: so all that waited has been read; and then it is acknowledged."""
    writer.send(reader.account.jid, text)
    reader.receives(writer.account.jid, text)
    time.sleep(ASKED_SECONDS)


def return_to_messages(world, name, other):
    BY_NAME[name].command()  # skips the case
    account = world.account()
    with Visit(BY_NAME[other], world.account(), world.server) as writer:
        for text in MESSAGES:
            writer.send(account.jid, text)
        await_stored(world, account, len(MESSAGES))
        with Visit(BY_NAME[name], account, world.server) as reader:
            for text in MESSAGES:
                reader.receives_late(writer.account.jid, text)
            is_live(reader, writer, "you are there")
        with Visit(BY_NAME[name], account, world.server) as reader:
            await_presence(world.online(), account.jid)
            is_live(reader, writer, "you are back")


def return_to_request(world, name, other):
    BY_NAME[name].command()  # skips the case
    account = world.account()
    with Visit(BY_NAME[other], world.account(), world.server) as asker:
        asker.tell("add " + account.jid)
        with Visit(BY_NAME[name], account, world.server) as reader:
            reader.sees("ASKED " + asker.account.jid)
            reader.tell("accept " + asker.account.jid)
            asker.sees("SEES " + account.jid, "PRESENCE %s online" % account.jid)


def _case(function, name, other):
    return lambda world: function(world, name, other)


for _name, _other in PAIRS:
    add_case(__name__, "%s finds what %s wrote meanwhile, once" % (_name, _other), "XEP-0160",
             _case(return_to_messages, _name, _other))
    add_case(__name__, "%s finds that %s has asked to be a contact" % (_name, _other), "RFC 6121 §3.1.3",
             _case(return_to_request, _name, _other))
