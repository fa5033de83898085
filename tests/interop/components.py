# The cases: components of others (XEP-0114), a library's and a gateway.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import contextlib
import os
import time

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.component import DOMAIN, SECRET, edit
from wire.sm import enable
from wire.talk import must

from gateway import Irc, biboumi
from kinds import HERE, PYTHON, BY_NAME
from program import Program

GATEWAY_SECONDS = 30
SETTLE = 0.5  # for the answer to the ping behind the last message


def with_component(text, folder):
    """The secret stands in a file that nobody else can read: else the log would have a warning."""
    whole = edit()("\0" + text, folder)
    before, _, rest = whole.partition("\0" + text)
    name = os.path.join(folder, "component.conf")
    with open(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
        f.write(rest)
    return before + text + "include(\"%s\")\n" % name


own = case(own_server=True, server={"edit": with_component})


def echo(world):
    BY_NAME["slixmpp"].command()  # or the case is skipped
    return Program([PYTHON, os.path.join(HERE, "slixmpp_component.py"), DOMAIN, SECRET, "127.0.0.1",
                    str(world.server.port("component"))], world.server.folder).expect("READY")


def heard(program):
    return [line[6:] for line in program.lines if line.startswith("HEARD ")]


def say(client, first, last):
    for i in range(first, last):
        client.send("<message to='x@%s' type='chat' id='m%d'><body>%d</body></message>" % (DOMAIN, i, i))


def echoes(client, first, last):
    for i in range(first, last):
        body = client.expect_element("message", from_="x@" + DOMAIN).find("body").text
        must("echo of %d" % i, body, "what came back")


@own
def a_component_by_slixmpp_answers(world):
    """XEP-0114 §3"""
    alice = world.online()
    with echo(world):
        say(alice, 0, 20)
        echoes(alice, 0, 20)
        must("result", alice.ask("<ping xmlns='%s'/>" % names.PING, to=DOMAIN).get("type"), "ping")
        info = alice.ask("<query xmlns='%s'/>" % names.DISCO_INFO, to=DOMAIN).find("query", names.DISCO_INFO)
        must(["Echo"], [i.get("name") for i in info.all("identity")], "identities")


@own
def what_is_said_while_it_restarts_comes_once(world):
    """Messages wait"""
    alice = world.online()
    with echo(world) as before:
        say(alice, 0, 10)
        echoes(alice, 0, 10)
        time.sleep(SETTLE)
        before.stop()
        must([str(i) for i in range(10)], heard(before), "heard before")
    say(alice, 10, 40)
    alice.fence()
    with echo(world) as after:
        echoes(alice, 10, 40)
        time.sleep(SETTLE)
        must([str(i) for i in range(10, 40)], heard(after), "heard after")


def across(world, restart):
    """Some messages on each side of it, and some just before; the first may come twice, as components do not count."""
    alice = enable(world)
    with echo(world) as program:
        say(alice, 0, 30)
        alice.send("<r xmlns='urn:xmpp:sm:3'/>")
        alice.until(lambda e: e.name == "a" and e.get("h") == "30")
        restart()
        program.expect("READY", times=2)
        say(world.online(), 30, 40)
        for i in range(40):
            program.expect("HEARD %d" % i)
        order = list(dict.fromkeys(heard(program)))
        must([str(i) for i in range(40)], order, "heard, the first time of each")


@own
def nothing_is_lost_when_the_server_is_killed(world):
    """What was acknowledged arrives"""
    def restart():
        world.server.kill()
        world.server.start()
    across(world, restart)


@own
def nothing_is_lost_when_the_server_is_restarted(world):
    """The component comes back by itself"""
    def restart():
        must([], world.server.stop(), "complaints")
        world.server.start()
    across(world, restart)


# ---- biboumi


def enter(client, room, nick):
    end = time.monotonic() + GATEWAY_SECONDS
    client.send("<presence to='%s/%s'><x xmlns='%s'/></presence>" % (room, nick, names.MUC))
    while True:
        element = client.expect("element", "our presence in the room")
        if element.name == "presence" and element.get("from") == "%s/%s" % (room, nick):
            if element.get("type") is None:
                return
            raise Unexpected("it does not let us in: %s" % element)
        if time.monotonic() > end:
            raise Unexpected("our presence in the room did not come")


def spoken(client, room, nick):
    """The next thing that NICK says in the room."""
    while True:
        element = client.expect("element", "a message of " + nick)
        if element.name == "message" and element.get("from") == "%s/%s" % (room, nick) and element.find("body"):
            return element.find("body").text


@own
def a_channel_of_irc_is_a_room(world):
    """By biboumi, with an IRC server behind it"""
    folder = world.server.folder
    alice = world.online()
    alice.timeout = GATEWAY_SECONDS
    with biboumi(folder, world.server.port("component")), contextlib.closing(Irc(folder)) as irc:
        irc.connect("bob", "#den")
        room = "#den%%%s@%s" % (irc.address, DOMAIN)
        wait_for(alice)
        enter(alice, room, "alice")
        irc.expect("JOIN")
        alice.send("<message to='%s' type='groupchat'><body>from XMPP</body></message>" % room)
        irc.expect("PRIVMSG #den :from XMPP")
        irc.say("PRIVMSG #den :from IRC")
        must("from IRC", spoken(alice, room, "bob"), "what bob says")
        irc.say("PRIVMSG alice :psst")
        end = time.monotonic() + GATEWAY_SECONDS
        while time.monotonic() < end:
            element = alice.expect("element", "bob's private message")
            if element.name == "message" and element.get("type") == "chat":
                must("psst", element.find("body").text, "what bob says to alice")
                break
        alice.send("<presence type='unavailable' to='%s/alice'/>" % room)
        irc.expect("PART")


def wait_for(client):
    """Until the gateway is connected."""
    end = time.monotonic() + GATEWAY_SECONDS
    while client.ask("<ping xmlns='%s'/>" % names.PING, to=DOMAIN).get("type") != "result":
        if time.monotonic() > end:
            raise Unexpected("the gateway does not come")
        time.sleep(0.2)
