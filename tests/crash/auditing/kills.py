# How a server comes to its end, again and again.  Each way is a class: `environment` is what the server is started with,
# if it is to meet that end; `live` lasts from the moment when it is ready until it is dead.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import re
import time

from wire.jackdawd import TOP

COME_SECONDS = 20           # at most, for some of the people to come back
LIFE_SECONDS = (0.0, 2.0)   # after that
ALARM_SECONDS = (0.0, 0.3)  # from the moment when visitors log in
STORM_LENGTH = 4            # starts, of which all come back to the last one alone
FAULT_SECONDS = 4           # until a fault point is given up
FAULT_PASSES = (1, 400)
BETWEEN_SERVERS = "remote-"  # fault points that only two servers come by
BETWEEN_PASSES = (1, 60)
OUTAGE = 0.3                # how often one of two servers is away for longer
OUTAGE_SECONDS = (0.5, 3.0)
BAD_SECONDS = (0.05, 0.5)
BAD_WORDS = ("ENOSPC", "EIO", "ENOSPC sync", "EIO sync", "EIO meta", "KILL")  # for tests/crash/baddisk.c
ROOM = 1 << 20              # that a small database has for each life


def find_fault_points():
    """The names of all that stand in the source."""
    files = (os.path.join(where, name) for folder in ("server", "modules")
             for where, _, names in os.walk(os.path.join(TOP, folder)) for name in names if name.endswith(".c"))
    points = set()
    for file in files:
        with open(file, encoding="utf-8") as f:
            points.update(re.findall(r'FAULT_POINT\("([^"]+)"\)', f.read()))
    return sorted(points)


def bad_disk(server):
    """The library that makes the disk refuse (tests/crash/baddisk.c)."""
    return os.path.join(os.path.dirname(server.path()), "tests", "crash", ".libs", "baddisk.so")


class AtRandom:
    """Of two servers one dies or both do; and sometimes one stays away for a while, in which the other may die too."""

    def __init__(self, stage, rng):
        self.stage, self.random = stage, rng
        self.homes = stage.homes

    @staticmethod
    def find_missing(_server):
        """What this way needs and the server has not, as a sentence, or ""."""
        return ""

    def environment(self, _home):
        return {}

    def make_well(self):
        """The next start is one to live on."""

    def live(self):
        self.stage.await_people(self.random.uniform(0.3, 0.8), COME_SECONDS)
        time.sleep(self.random.uniform(*LIFE_SECONDS))
        self.alarm()
        self.end()

    def alarm(self):
        for home in self.homes:
            home.alarm.set()
        time.sleep(self.random.uniform(*ALARM_SECONDS))
        for home in self.homes:
            home.alarm.clear()

    def choose(self):
        return self.random.choice((self.homes[:1], self.homes[1:], self.homes)) if self.homes[1:] else self.homes

    def end(self):
        for home in self.choose():
            home.kill()
        if self.homes[1:] and self.random.random() < OUTAGE:
            time.sleep(self.random.uniform(*OUTAGE_SECONDS))
            for home in self.choose():
                home.kill()


class Storm(AtRandom):
    """While all come back at once."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.count = 0

    def live(self):
        self.count += 1
        is_last = self.count % STORM_LENGTH == 0
        self.stage.await_people(0.95 if is_last else self.random.uniform(0, 0.9), COME_SECONDS)
        time.sleep(self.random.uniform(*LIFE_SECONDS) if is_last else 0)
        self.end()


class AtFaultPoint(AtRandom):
    """Where server/base/fault.h says; without any, it lives on for a while and is killed."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.points = find_fault_points()
        self.between = [point for point in self.points if point.startswith(BETWEEN_SERVERS)]
        if not self.homes[1:]:
            self.points = [point for point in self.points if point not in self.between]

    @staticmethod
    def find_missing(server):
        with open(server.path(), "rb") as f:
            return "" if b"JACKDAW_FAULT" in f.read() else "this needs a build with --enable-faults"

    def environment(self, _home):
        if self.homes[1:] and self.random.random() < 0.7:
            point, passes = self.random.choice(self.between), self.random.randint(*BETWEEN_PASSES)
        else:
            point, passes = self.random.choice(self.points), self.random.randint(*FAULT_PASSES)
        return {"JACKDAW_FAULT": "%s:%d" % (point, passes)}

    def live(self):
        end = time.monotonic() + FAULT_SECONDS
        while all(home.server.alive() for home in self.homes) and time.monotonic() < end:
            time.sleep(0.01)
        dead = [home for home in self.homes if not home.server.alive()]
        for home in dead:
            home.kill()  # it is known to be
        if not dead or self.homes[1:] and self.random.random() < OUTAGE:
            self.end()


class OnBadDisk(AtRandom):
    """
    The disk refuses to write, now for want of room and now for a fault, before the kill and often during it; or the
    process is killed between two writes.  Of two servers each has a disk of its own.
    """

    @staticmethod
    def find_missing(server):
        return "" if os.path.exists(bad_disk(server)) else "%s is not built" % bad_disk(server)

    def environment(self, home):
        self.heal(home)
        return {"LD_PRELOAD": bad_disk(home.server), "BADDISK_CONTROL": self.control(home),
                "BADDISK_FOLDER": home.server.data}

    def live(self):
        self.stage.await_people(self.random.uniform(0.3, 0.8), COME_SECONDS)
        for _ in range(self.random.randint(1, 3)):
            home = self.random.choice(self.homes)
            time.sleep(self.random.uniform(*LIFE_SECONDS) / 2)
            self.spoil(home, self.random.choice(BAD_WORDS))
            time.sleep(self.random.uniform(*BAD_SECONDS))
            if self.random.random() < 0.7:
                self.heal(home)
        self.end()
        for home in self.homes:
            self.heal(home)
            if not home.server.alive():
                home.kill()  # by its disk

    @staticmethod
    def control(home):
        return os.path.join(home.server.folder, "bad-disk")

    def spoil(self, home, error):
        with open(self.control(home) + ".new", "w", encoding="ascii") as f:
            f.write(error)
        os.rename(self.control(home) + ".new", self.control(home))

    def heal(self, home):
        if os.path.exists(self.control(home)):
            os.remove(self.control(home))


class OnFullMap(AtRandom):
    """The database may not become larger than a little more than it is; in the end it may."""

    def environment(self, home):
        size = os.path.getsize(os.path.join(home.server.data, "jackdaw.mdb"))
        home.server.limit_data((size + ROOM) // 1024)
        return {}

    def make_well(self):
        for home in self.homes:
            home.server.limit_data(0)
