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


class AtRandom:
    def __init__(self, server, stage, rng):
        self.server, self.stage, self.random = server, stage, rng

    @staticmethod
    def find_missing(server):
        """What this way needs and the server has not, as a sentence, or ""."""
        return "" if os.access(server.path(), os.X_OK) else "%s is not installed" % server.path()

    def environment(self):
        return {}

    def make_well(self):
        """The next start is one to live on."""

    def live(self):
        self.stage.await_people(self.random.uniform(0.3, 0.8), COME_SECONDS)
        time.sleep(self.random.uniform(*LIFE_SECONDS))
        self.stage.alarm.set()
        time.sleep(self.random.uniform(*ALARM_SECONDS))
        self.end()

    def end(self):
        self.stage.shut()
        self.server.kill()


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

    @staticmethod
    def find_missing(server):
        with open(server.path(), "rb") as f:
            return "" if b"JACKDAW_FAULT" in f.read() else "this needs a build with --enable-faults"

    def environment(self):
        return {"JACKDAW_FAULT": "%s:%d" % (self.random.choice(self.points), self.random.randint(*FAULT_PASSES))}

    def live(self):
        end = time.monotonic() + FAULT_SECONDS
        while self.server.alive() and time.monotonic() < end:
            time.sleep(0.01)
        self.end()


class OnBadDisk(AtRandom):
    """
    The disk refuses to write, now for want of room and now for a fault, before the kill and often during it; or the
    process is killed between two writes.
    """

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.control = os.path.join(self.server.folder, "bad-disk")

    @staticmethod
    def find_missing(server):
        return "" if os.path.exists(server.bad_disk()) else "%s is not built" % server.bad_disk()

    def environment(self):
        self.heal()
        return {"LD_PRELOAD": self.server.bad_disk(), "BADDISK_CONTROL": self.control,
                "BADDISK_FOLDER": os.path.join(self.server.demo, "data")}

    def live(self):
        self.stage.await_people(self.random.uniform(0.3, 0.8), COME_SECONDS)
        for _ in range(self.random.randint(1, 3)):
            time.sleep(self.random.uniform(*LIFE_SECONDS) / 2)
            self.spoil(self.random.choice(BAD_WORDS))
            time.sleep(self.random.uniform(*BAD_SECONDS))
            if self.random.random() < 0.7:
                self.heal()
        self.end()
        self.heal()

    def spoil(self, error):
        with open(self.control + ".new", "w", encoding="ascii") as f:
            f.write(error)
        os.rename(self.control + ".new", self.control)

    def heal(self):
        if os.path.exists(self.control):
            os.remove(self.control)


class OnFullMap(AtRandom):
    """The database may not become larger than a little more than it is; in the end it may."""

    def environment(self):
        size = os.path.getsize(os.path.join(self.server.demo, "data", "jackdaw.mdb"))
        self.server.limit_data((size + ROOM) // 1024)
        return {}

    def make_well(self):
        self.server.limit_data(0)
