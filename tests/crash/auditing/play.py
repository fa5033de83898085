# One run: a server, its people, the kills, the drain, the archives; facts come out.
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


def start(stage, variables):
    """A fault point may be passed before the server is ready; then it is started without."""
    stage.server.environment = variables
    try:
        stage.server.start()
    except RuntimeError:
        if not variables:
            raise
        stage.server.environment = {}
        stage.server.start()
    stage.open()


def check_offer(stage, account):
    client = stage.authenticate(account)
    client.close()
    if not is_offered(client.stream_features):
        raise Unmanaged("stream management is not offered")


def stop(stage):
    stage.shut()
    for complaint in stage.server.stop():
        stage.facts.add("complaint", complaint)


def kill(stage, way, kills):
    """The last start is one to live on; without kills there is one life."""
    if kills == 0:
        time.sleep(CALM_SECONDS)
    for n in range(kills):
        way.live()
        if n % TERM_EVERY == TERM_EVERY - 1:
            start(stage, {})
            stage.await_people(way.random.uniform(0.3, 0.8), COME_SECONDS)
            stop(stage)
        is_last = n == kills - 1
        if is_last:
            way.make_well()
        start(stage, {} if is_last else way.environment())


def play(facts, server, scenario, kills, seed, pairs, rate):
    """One run, into FACTS."""
    reason = scenario.way.find_missing(server)
    if reason:
        raise Skip(reason)
    rng = random.Random(seed)
    stage = Stage(server, facts)
    start(stage, {})
    accounts = [stage.world.account() for _ in range(2 * pairs)]
    check_offer(stage, accounts[0])
    befriend(stage, accounts)
    stage.devices = scenario.devices(stage, rng, accounts, rate)
    stage.begin()
    kill(stage, scenario.way(server, stage, rng), kills)
    stage.drain()
    scenario.look_into(stage, accounts)
    stage.end()
    scenario.read_archives(stage, accounts)
    stop(stage)
