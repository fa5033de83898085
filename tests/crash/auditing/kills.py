# How a server comes to its end, again and again.  Each way is a class: `environment` is what the server is started with,
# if it is to meet that end; `live` lasts from the moment when it is ready until it is dead.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import time

LIFE_SECONDS = (0.4, 2.5)
ALARM_SECONDS = (0.0, 0.3)  # from the moment when visitors log in
STORM_SECONDS = (0.02, 0.5)
STORM_LENGTH = 4            # starts, of which the last one lives long enough for all to come back
FAULT_SECONDS = 4           # until a fault point is given up
FAULT_PASSES = (1, 400)
FAULT_POINTS = ("store-before-commit", "store-after-commit", "store-before-home", "event-release")
BAD_SECONDS = (0.05, 0.5)


class AtRandom:
    def __init__(self, server, stage, rng):
        self.server, self.stage, self.random = server, stage, rng

    def environment(self):
        return {}

    def live(self):
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
        time.sleep(self.random.uniform(*(LIFE_SECONDS if is_last else STORM_SECONDS)))
        self.end()


class AtFaultPoint(AtRandom):
    """Where server/base/fault.h says; in a build without fault points the server lives on, and is killed."""

    def environment(self):
        return {"JACKDAW_FAULT": "%s:%d" % (self.random.choice(FAULT_POINTS), self.random.randint(*FAULT_PASSES))}

    def live(self):
        end = time.monotonic() + FAULT_SECONDS
        while self.server.alive() and time.monotonic() < end:
            time.sleep(0.01)
        self.end()


class OnBadDisk(AtRandom):
    """The disk refuses to write, now for want of room and now for a fault, before the kill and often during it."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.control = os.path.join(self.server.folder, "bad-disk")

    def environment(self):
        self.heal()
        return {"LD_PRELOAD": self.server.bad_disk, "BADDISK_CONTROL": self.control,
                "BADDISK_FOLDER": os.path.join(self.server.demo, "data")}

    def live(self):
        for _ in range(self.random.randint(1, 3)):
            time.sleep(self.random.uniform(*LIFE_SECONDS) / 2)
            self.spoil(self.random.choice(("ENOSPC", "EIO")))
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
