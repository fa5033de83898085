# Rooms on the stage (XEP-0045): they are made before the play begins, and looked into when it is over.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import occupancy
from wire.client import Unexpected

from . import archive
from .occupants import (CarelessOccupant, FlickeringOccupant, Occupant, PlainOccupant, Room, VanishingOccupant)

# Of six, who stays for the whole play is written to in private.
KINDS = (Occupant, FlickeringOccupant, CarelessOccupant, Occupant, VanishingOccupant, PlainOccupant)
STAYING = (Occupant, FlickeringOccupant)
ROOMS_OF_EACH = (2, 3)
PEOPLE_PER_ROOM = 6
SHARE_OF_RATE = 0.2  # each message is a dozen
LINGER_SECONDS = 3   # until those who have gone are to be gone (people.Vanishing.seconds)
ENTRY_SECONDS = 15   # until all are in their rooms
INSPECTOR = "inspector"


def make_devices(stage, rng, accounts, rate):
    """
    One device of each account.  Half of the rooms are made to last, the others are there while somebody is; of two homes
    each has half of the rooms, and all last, since nobody makes a room on the other's server.
    """
    homes = [home.server.domain for home in stage.homes]
    stage.rooms = [Room("room%d" % n, "conference." + homes[n % len(homes)])
                   for n in range(max(len(accounts) // PEOPLE_PER_ROOM, 2))]
    for domain in homes:
        founder = next(account for account in accounts if account.jid.endswith("@" + domain))
        keep(stage, founder, [where for where in stage.rooms[::2 if len(homes) == 1 else 1] if where.domain == domain])
    devices, users = [], {where: [] for where in stage.rooms}
    for n, account in enumerate(accounts):
        kind = KINDS[n % len(KINDS)]
        device = kind(stage, account, "one", type(rng)(rng.random()), rate=rate * SHARE_OF_RATE / len(accounts))
        rooms = rng.sample(stage.rooms, min(rng.randint(*ROOMS_OF_EACH), len(stage.rooms)))
        device.settle(rooms)
        if kind in STAYING:
            for where in rooms:
                users[where].append(account.user)
        devices.append(device)
    for device in devices:
        device.know(users)
    return devices


def keep(stage, account, rooms):
    """By ACCOUNT, who owns them from then on."""
    client = stage.authenticate(account)
    client.bind("founder")
    for where in rooms:
        client.send(occupancy.ENTER % (where.jid, account.user))
        await_entry(client, occupancy.Picture(where.jid))
        name = client.new_id()
        client.send(occupancy.KEEP % (name, where.jid))
        client.until(lambda e: e.name == "iq" and e.get("id") == name)
    client.send("</stream:stream>")
    client.expect_gone()
    client.close()


def await_entry(client, picture):
    """Reads until the room has told all."""
    picture.state = occupancy.ENTERING
    while not picture.is_there():
        stanza = client.expect("element", "the occupants of %s" % picture.room)
        if stanza.name == "presence" and (stanza.get("from") or "").partition("/")[0] == picture.room:
            if picture.take(stanza) == "refused":
                raise Unexpected("%s lets nobody in: %s" % (picture.room, stanza))
    return picture


def look_into(stage, accounts):
    """While the people are still there: who is in each room, and what its archive has, as facts."""
    end = time.monotonic() + ENTRY_SECONDS
    while time.monotonic() < end and any(device.find_shut() for device in stage.devices):
        time.sleep(0.1)
    time.sleep(LINGER_SECONDS)
    for device in stage.devices:
        for name in device.find_shut():
            stage.facts.add("barred", device.name, name, "to-the-end")
    client = stage.authenticate(accounts[0])
    client.bind(INSPECTOR)
    for where in stage.rooms:
        list_occupants(stage.facts, client, where)
        read_archive(stage.facts, client, where)
    client.send("</stream:stream>")
    client.close()


def list_occupants(facts, client, where):
    client.send(occupancy.ENTER % (where.jid, INSPECTOR))
    picture = await_entry(client, occupancy.Picture(where.jid))
    facts.add("list", where.name)
    for nick, occupant in picture.occupants.items():
        if nick != picture.nick:
            facts.add("listed", where.name, nick, occupant.affiliation, occupant.role)


def read_archive(facts, client, where):
    try:
        bodies = archive.read_archive(client, where.jid)
    except archive.Unsupported:
        return
    facts.add("archive", where.name)
    for body in bodies:
        facts.add("archived", where.name, body)
