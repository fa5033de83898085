# One run: a server, its people, the kills, the drain, the archives; facts come out.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import random
import time

from wire.sm import is_offered

from . import archive
from .befriend import befriend
from .facts import Facts
from .kills import LIFE_SECONDS
from .stage import Stage

TERM_EVERY = 5  # kills, between which the server is asked to stop once


def T(x): print(x, time.monotonic(), flush=True)


class Unmanaged(Exception):
    """The server does not offer XEP-0198: there is nothing to audit."""


class Skip(Exception):
    """The server is not here, or not built for this scenario."""


def start(stage, environment):
    """A fault point may be passed before the server is ready."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        stage.server.start()
    except RuntimeError:
        if not environment:
            raise
        os.environ.clear()
        os.environ.update(before)
        stage.server.start()
    finally:
        os.environ.clear()
        os.environ.update(before)
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


def kill(stage, way, kills, progress):
    """The last start is one to live on."""
    for n in range(kills):
        way.live()
        if n % TERM_EVERY == TERM_EVERY - 1:
            start(stage, {})
            time.sleep(way.random.uniform(*LIFE_SECONDS))
            stop(stage)
        start(stage, way.environment() if n < kills - 1 else {})
        progress(n + 1)


def play(server, scenario, kills, seed, pairs, rate, progress=lambda n: None):
    """The facts of one run."""
    rng = random.Random(seed)
    stage = Stage(server, Facts())
    start(stage, scenario.way(server, stage, rng).environment())
    accounts = [stage.world.account() for _ in range(2 * pairs)]
    T('accounts')
    check_offer(stage, accounts[0])
    befriend(stage, accounts)
    stage.devices = scenario.devices(stage, rng, accounts, rate)
    T('befriended')
    stage.begin()
    T('begun')
    kill(stage, scenario.way(server, stage, rng), kills, progress)
    T('killed')
    stage.drain()
    T('drained')
    archive.write_down(stage, accounts)
    T('archive')
    stop(stage)
    T('stopped')
    return stage.facts
