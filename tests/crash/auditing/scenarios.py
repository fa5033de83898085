# The scenarios: which people there are, and how the server is killed under them.
#
# A cast is a function that makes the devices of one pair of accounts: every second pair writes to full addresses.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from .device import Device, Partner
from .kills import AtFaultPoint, AtRandom, OnBadDisk, OnFullMap, Storm
from . import archive, rooms, servers
from .neighbours import Neighbours
from .people import Absent, Careless, Flickering, Vanishing, Visiting

FIRST, SECOND = "one", "two"


class Pair:
    """Two accounts, and what each device of them needs."""

    def __init__(self, stage, rng, accounts, is_full, rate):
        self.stage, self.random, self.rate = stage, rng, rate
        self.accounts, self.is_full = accounts, is_full

    def device(self, kind, mine, resource=FIRST, rate=0.0):
        """Of account number MINE, writing to the other account if it has a RATE."""
        other = Partner(self.accounts[1 - mine], FIRST if self.is_full else None)
        return kind(self.stage, self.accounts[mine], resource, type(self.random)(self.random.random()),
                    partners=[other] if rate else [], rate=rate)

    def both(self, kind):
        return [self.device(kind, mine, rate=self.rate / 2) for mine in (0, 1)]

    def one_way(self, kind):
        return [self.device(Device, 0, rate=self.rate), self.device(kind, 1)]


def steady(pair):
    return pair.both(Device)


def flicker(pair):
    return pair.both(Flickering)


def careless(pair):
    return pair.both(Careless)


def expiry(pair):
    return pair.one_way(Vanishing)


def offline(pair):
    return pair.one_way(Absent)


def login(pair):
    return pair.one_way(Visiting)


def carbons(pair):
    return pair.both(Device) + [pair.device(Device, mine, SECOND) for mine in (0, 1)]


KINDS = (steady, flicker, careless, expiry, offline, login, carbons)


class Scenario:
    def __init__(self, sentence, casts, way, is_ours=False, is_federated=False):
        """IS_OURS: no other server can be brought there.  IS_FEDERATED: two servers, and each pair is of both."""
        self.sentence, self.casts, self.way, self.is_ours = sentence, casts, way, is_ours
        self.is_federated = is_federated

    def gather(self, server_name):
        """The servers."""
        return Neighbours(server_name) if self.is_federated else servers.Alone(servers.ALL[server_name]())

    def devices(self, stage, rng, accounts, rate):
        """ACCOUNTS two by two; RATE messages a second in all."""
        pairs = list(zip(accounts[::2], accounts[1::2]))
        devices = []
        for n, two in enumerate(pairs):
            pair = Pair(stage, rng, two, n // len(self.casts) % 2 == 1, rate / len(pairs))
            devices += self.casts[n % len(self.casts)](pair)
        return devices

    def look_into(self, stage, accounts):
        """When all is quiet, and the people are still there."""

    def read_archives(self, stage, accounts):
        """When they have gone."""
        archive.write_down(stage, accounts)


class RoomScenario(Scenario):
    def __init__(self, sentence, way, **options):
        super().__init__(sentence, (), way, **options)

    def devices(self, stage, rng, accounts, rate):
        return rooms.make_devices(stage, rng, accounts, rate)

    def look_into(self, stage, accounts):
        rooms.look_into(stage, accounts)

    def read_archives(self, stage, accounts):
        """Those of the rooms are read by who is in them."""


SCENARIOS = {
    "steady": Scenario("all stay, and come back when they are thrown out", (steady,), AtRandom),
    "flicker": Scenario("connections break without a word, and are resumed", (flicker,), AtRandom),
    "careless": Scenario("the same, and half of the sessions are not resumed", (careless,), AtRandom),
    "expiry": Scenario("sessions are not resumed within the time that was asked for", (expiry,), AtRandom),
    "offline": Scenario("the readers are away until the end", (offline,), AtRandom),
    "login": Scenario("the readers log in as the server is killed", (login,), AtRandom),
    "carbons": Scenario("everybody has a second device", (carbons,), AtRandom),
    "storm": Scenario("the server is killed while everybody comes back", (steady, flicker, carbons), Storm),
    "mixed": Scenario("all of these people at once", KINDS, AtRandom),
    "rooms": RoomScenario("all of them talk in rooms", AtRandom),
    "room storm": RoomScenario("the same, and the server is killed while everybody comes back", Storm),
    "faults": Scenario("the server dies before, in and after a commit", KINDS, AtFaultPoint, is_ours=True),
    "room faults": RoomScenario("the server of rooms dies before, in and after a commit", AtFaultPoint, is_ours=True),
    "bad disk": Scenario("writes fail with ENOSPC and EIO, before and during the kill", KINDS, OnBadDisk, is_ours=True),
    "full map": Scenario("the database has no room", KINDS, OnFullMap, is_ours=True),
    "across": Scenario("all of these people on two servers: either dies, or both", KINDS, AtRandom, is_federated=True),
    "across offline": Scenario("the readers are away, on the other server", (offline,), AtRandom, is_federated=True),
    "across storm": Scenario("two servers die while everybody comes back", (steady, flicker, carbons), Storm,
                             is_federated=True),
    "across rooms": RoomScenario("all of them talk in rooms of two servers", AtRandom, is_federated=True),
    "across faults": Scenario("servers die before, in and after what they tell one another", KINDS, AtFaultPoint,
                              is_ours=True, is_federated=True),
    "across room faults": RoomScenario("the same, in rooms of two servers", AtFaultPoint, is_ours=True, is_federated=True),
    "across bad disk": Scenario("writes of one or both of two servers fail", KINDS, OnBadDisk, is_ours=True,
                                is_federated=True),
}
