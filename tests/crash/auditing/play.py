# One run: a server or two, their people, the kills, the drain, the archives; facts come out.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import random
import time

from wire.lasting import is_offered

from .befriend import befriend
from .kills import COME_SECONDS
from .stage import Stage

CALM_SECONDS = 5
TERM_EVERY = 5  # kills, between which the server is asked to stop once


class Unmanaged(Exception):
    """The server does not offer XEP-0198: there is nothing to audit."""


class Skip(Exception):
    """The server is not here, or not built for this scenario."""


def check_offer(stage, account):
    client = stage.authenticate(account)
    client.close()
    if not is_offered(client.stream_features):
        raise Unmanaged("stream management is not offered")


def start_dead(stage, environment):
    """Those that are; ENVIRONMENT(home) is what each is started with."""
    for home in stage.homes:
        if not home.server.alive():
            home.start(environment(home))


def no_faults(_home):
    return {}


def kill(stage, way, kills):
    """The last start is one to live on; without kills there is one life."""
    if kills == 0:
        time.sleep(CALM_SECONDS)
    for n in range(kills):
        way.live()
        if n % TERM_EVERY == TERM_EVERY - 1:
            for home in filter(lambda home: home.is_armed, stage.homes):
                home.kill()
            start_dead(stage, no_faults)
            stage.await_people(way.random.uniform(0.3, 0.8), COME_SECONDS)
            for home in way.choose():
                home.stop(stage.facts)
        if n == kills - 1:
            revive_all(stage, way)
        else:
            start_dead(stage, way.environment)


def revive_all(stage, way):
    """One that has not died this time has what it was started with: it may still fall."""
    for home in stage.homes:
        home.kill()
    way.make_well()
    start_dead(stage, no_faults)


def play(facts, group, scenario, kills, seed, pairs, rate):
    """One run, into FACTS."""
    reason = group.find_missing() or scenario.way.find_missing(group.members[0])
    if reason:
        raise Skip(reason)
    rng = random.Random(seed)
    stage = Stage(group.members, facts)
    start_dead(stage, no_faults)
    accounts = [home.world.account() for n in range(pairs) for home in turned(stage.homes, n)]
    for account in accounts[:2]:
        check_offer(stage, account)
    befriend(stage, accounts)
    stage.devices = scenario.devices(stage, rng, accounts, rate)
    stage.begin()
    kill(stage, scenario.way(stage, rng), kills)
    stage.drain()
    scenario.look_into(stage, accounts)
    stage.end()
    scenario.read_archives(stage, accounts)
    for home in stage.homes:
        home.stop(facts)


def turned(homes, n):
    """Those of the Nth pair: of two homes, now this one is first and now that."""
    two = [homes[0], homes[-1]]
    return two[::-1] if n % 2 else two
