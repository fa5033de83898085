# What all devices of a run share: the servers, the log, and what time it is in the play.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import threading
import time

from wire import names
from wire.client import Client
from wire.world import World

MECHANISMS = ("SCRAM-SHA-1", "SCRAM-SHA-256")
ARRIVAL_SECONDS = {1: 10, 2: 60}  # by the homes: one that finds the other away tries again after a while, and a longer one
PLAY, DRAIN, OVER = "play", "drain", "over"  # all write; nobody writes and all read; all end


def authenticate(server, account, source=None):
    """A client at the features behind the login."""
    client = Client(("127.0.0.1", server.port("tls")), server.domain, source or World.new_source())
    client.secure(alpn=("xmpp-client",))
    mechanisms = client.open().find("mechanisms", names.SASL)
    offered = [m.text for m in mechanisms.all("mechanism")]
    client.scram(account.user, account.password, next(m for m in MECHANISMS if m in offered))
    client.open()
    return client


class Home:
    """A server as its people know it: whether it is up, and which of its lives that is."""

    def __init__(self, server):
        self.server = server
        self.world = World(server)
        self.is_armed = False            # it will die by something that it was started with
        self.life = 0                    # how often the server was started
        self._up = threading.Event()
        self.alarm = threading.Event()   # the server will be killed in an instant

    # ---- told by who starts and kills it

    def start(self, variables):
        """A fault point may be passed before the server is ready; then it is started without."""
        self._prepare(variables)
        try:
            self.server.start()
        except RuntimeError:
            if not variables:
                raise
            self._prepare({})
            self.server.start()
        self.life += 1
        self._up.set()

    def _prepare(self, variables):
        self.is_armed = bool(variables)
        if not callable(self.server.environment):  # a peer makes its own
            self.server.environment = variables

    def shut(self):
        self._up.clear()

    def kill(self):
        self.shut()
        self.server.kill()

    def stop(self, facts):
        self.shut()
        for complaint in self.server.stop() or ():
            facts.add("complaint", complaint)

    # ---- asked by its people

    def is_up(self):
        return self._up.is_set()

    def has_died(self, life):
        """It may have, and nobody has seen it yet."""
        time.sleep(0.2)
        return life != self.life or not self.is_up() or not self.server.alive()

    def await_server(self):
        """Whether it is there; comes back now and then, for the play may be over."""
        return self._up.wait(0.2)


class Stage:
    """One home, or two that federate."""

    def __init__(self, servers, facts):
        self.homes = [Home(server) for server in servers]
        self.facts = facts
        self.phase = PLAY
        self.devices = []

    def home_of(self, account):
        domain = account.jid.partition("@")[2]
        return next(home for home in self.homes if home.server.domain == domain)

    # ---- the people

    def authenticate(self, account, source=None):
        return authenticate(self.home_of(account).server, account, source)

    def begin(self):
        for device in self.devices:
            device.start()
        self._await(lambda: all(d.is_there or d.comes_late for d in self.devices), 30)

    def await_people(self, share, seconds):
        """Until that share of those who always come back are there."""
        regular = [d for d in self.devices if not d.comes_late]
        self._await(lambda: sum(d.is_there and d.life == d.home.life for d in regular) >= share * len(regular), seconds)

    def drain(self):
        """Nobody writes any more; ends when all was acknowledged and has arrived, or nothing moves."""
        self.phase = DRAIN
        if not self._await(lambda: self.facts.count_unacknowledged() == 0, 30):
            self.facts.add("complaint", "%d messages were never acknowledged" % self.facts.count_unacknowledged())
        self._await(lambda: all(d.is_there for d in self.devices), 30)
        self._await(lambda: self.facts.count_awaited() == 0, ARRIVAL_SECONDS[len(self.homes)])
        self._await_silence(1.0, 20)

    def end(self):
        self.phase = OVER
        for device in self.devices:
            device.join()

    @staticmethod
    def _await(condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def _await_silence(self, silence, seconds):
        end, count, since = time.monotonic() + seconds, -1, 0
        while time.monotonic() < end:
            if len(self.facts.all) != count:
                count, since = len(self.facts.all), time.monotonic()
            elif time.monotonic() - since > silence:
                return
            time.sleep(0.05)
