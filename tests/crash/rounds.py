# kill -9 in rounds: people do something until the server is killed, and after its restart they look at what is left.
#
# A game is a class.  Game(rng, accounts) is made once.  Then, in each life of the server,
#
#	enter(world, is_last)   logs in and compares what there is with what was promised in the lives before; gives a list of
#	                        complaints for each of its checks
#	threads()               what the people do, each in a thread; it ends when the connection breaks
#	finish()                after the kill: reads what the threads left unread
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import random
import sys
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "conformance"))
sys.dont_write_bytecode = True

from wire.client import Unexpected  # noqa: E402
from wire.jackdawd import Jackdawd  # noqa: E402
from wire.names import Reset  # noqa: E402
from wire.world import World  # noqa: E402

ROUND_SECONDS = (0.2, 1.2)  # until the kill
ROUNDS = 8
BROKEN = (Reset, OSError, ValueError)  # what a connection to a server that was killed ends with


def two_shards(conf, folder):
    return "shards = 2\n" + conf


class Faults:
    """What went wrong in threads; once the server has been killed, any conversation may go wrong."""

    def __init__(self):
        self.found = []
        self.killed = False

    def guard(self, act):
        def run():
            try:
                act()
            except BROKEN:
                pass
            except Exception as e:  # noqa: a thread's fault fails the round
                if not self.killed:
                    self.found.append("%s: %s" % (type(e).__name__, e))
        return run

    def take(self):
        found, self.found, self.killed = self.found, [], False
        return found


def live(server, game, faults, rng):
    """One life, to its end."""
    threads = [threading.Thread(target=faults.guard(act)) for act in game.threads()]
    for t in threads:
        t.start()
    time.sleep(rng.uniform(*ROUND_SECONDS))
    faults.killed = True
    server.kill()
    for t in threads:
        t.join()
    game.finish()


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def count(self, where, complaints):
        if complaints:
            self.failed += 1
        else:
            self.passed += 1
        for complaint in complaints:
            print("FAIL  %s: %s" % (where, complaint), flush=True)

    def end(self):
        print("%d passed, %d failed, 0 skipped" % (self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0


def play(server, make_game, people, rounds, rng, tally):
    server.start()
    world = World(server)
    game = make_game(rng, [world.account() for _ in range(people)])
    faults = Faults()
    game.enter(world, False)
    for n in range(rounds):
        live(server, game, faults, rng)
        world.close()
        server.start()
        for complaints in game.enter(world, n == rounds - 1):
            tally.count("round %d" % n, complaints)
        complaints = faults.take()
        if complaints:
            tally.count("round %d" % n, complaints)
    world.close()
    tally.count("the end", server.stop())


def main(make_game, people):
    """[ROUNDS [SEED]] from the command line."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    server = Jackdawd(edit=two_shards)
    tally = Tally()
    print("seed %d" % seed, flush=True)
    try:
        play(server, make_game, people, rounds, random.Random(seed), tally)
    except (Unexpected, RuntimeError, Reset, TimeoutError) as error:
        tally.count("the run", ["%s\n%s" % (error, server.log_tail() if server.has_log() else "")])
    finally:
        server.remove()
    sys.exit(tally.end())
