# Kinds of people, by how they come and go.  A plain Device stays, and comes back at once when it is thrown out.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from .device import Device
from .stage import DRAIN, PLAY

STAY_SECONDS = (0.2, 2.0)
AWAY_SECONDS = (0.0, 0.4)
GONE_SECONDS = (0.0, 2.0)  # after the server has given up waiting
VISIT_SECONDS = (0.1, 0.8)


class Flickering(Device):
    """Its connection is lost now and then, without a word; it comes back and resumes, in the manner of mobile phones."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.back_at = 0
        self.old = []  # sockets that still look alive to the server

    def may_come(self):
        return time.monotonic() >= self.back_at

    def come(self):
        super().come()
        for transport in self.old:
            transport.close()
        self.old = []
        self.until = time.monotonic() + self.random.uniform(*STAY_SECONDS)

    def is_time_to_go(self):
        return self.stage.phase == PLAY and time.monotonic() > self.until

    def go(self):
        self.drop()
        self.back_at = time.monotonic() + self.random.uniform(*AWAY_SECONDS)

    def drop(self):
        manner = self.random.choice(("end", "reset", "silence"))
        if manner == "silence":  # the network is gone, and neither side knows
            self.old.append(self.client.transport)
            self.client = None
            return
        if manner == "reset":
            self.client.transport.abort()
        self.close()


class Careless(Flickering):
    """Half of the times it begins a new session, though it might have resumed the old one."""

    def go(self):
        super().go()
        if self.random.random() < 0.5:
            self.forsake()


class Vanishing(Flickering):
    """Stays away for longer than the server is asked to wait, and comes back with a resource of another name."""

    seconds = 1

    def begin(self):
        self.resource = "%s-%d" % (self.name.split("/")[1], self.session)
        super().begin()

    def go(self):
        self.drop()
        self.forsake()
        self.back_at = time.monotonic() + self.seconds + self.random.uniform(*GONE_SECONDS)


class Absent(Device):
    """Comes when nobody writes any more."""

    comes_late = True

    def may_come(self):
        return self.stage.phase != PLAY


class Visiting(Device):
    """Logs in as the server is about to be killed, gets some of what waits, and often does not resume after that."""

    comes_late = True

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.comes_again = False

    def may_come(self):
        return self.stage.phase == DRAIN or self.home.alarm.is_set() or self.comes_again

    def come(self):
        self.comes_again = False
        super().come()
        self.until = time.monotonic() + self.random.uniform(*VISIT_SECONDS)

    def is_time_to_go(self):
        return self.stage.phase == PLAY and time.monotonic() > self.until

    def go(self):
        self.leave()

    def broken(self):
        if self.random.random() < 0.5:
            self.comes_again = True  # and resumes
        elif self.managed.id is not None:
            self.forsake()
