# Runs the cases, some at once on one server, and prints what failed with the conversation that led there.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import argparse
import concurrent.futures
import os
import signal
import sys
import time
import traceback

from .case import ALL
from .jackdawd import Jackdawd
from .prosody import Prosody
from .world import Skip, World

SERVERS = {"jackdawd": Jackdawd, "prosody": Prosody}
SUITE_SECONDS = 420


class Tally:
    def __init__(self, verbose):
        self.passed = self.failed = self.skipped = 0
        self.verbose = verbose
        self.slowest = []

    def passes(self, name, seconds):
        self.passed += 1
        self.slowest.append((seconds, name))
        if self.verbose:
            print("pass  %5.2f  %s" % (seconds, name), flush=True)

    def skips(self, name, why):
        self.skipped += 1
        print("SKIP  %s: %s" % (name, why), flush=True)

    def fails(self, name, section, why):
        self.failed += 1
        print("FAIL  %s  [%s]\n%s\n" % (name, section, why), flush=True)

    def finish(self):
        if self.verbose:
            for seconds, name in sorted(self.slowest, reverse=True)[:8]:
                print("slow  %5.2f  %s" % (seconds, name))
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped), flush=True)
        return 1 if self.failed or not self.passed else 0


def reason_of(error):
    """One sentence, and where in the case it arose."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if os.sep + "wire" + os.sep not in f.filename]
    where = "".join("    %s:%d  %s\n" % (os.path.basename(f.filename), f.lineno, f.line) for f in frames[-2:])
    return "  %s: %s\n%s" % (type(error).__name__, error, where.rstrip("\n"))


def run_case(case, server):
    """Gives (outcome, text, seconds)."""
    start = time.monotonic()
    own = None
    world = None
    try:
        if case.own_server:
            own = server = type(server)(**case.server_arguments)
            own.start()
        world = World(server)
        case.function(world)
        complaints = own.stop() if own else []
        outcome = ("fail", "  " + "\n  ".join(complaints)) if complaints else ("pass", "")
    except Skip as e:
        outcome = ("skip", str(e))
    except Exception as e:  # noqa: a broken case must not end the run
        text = reason_of(e)
        if world:
            text += "\n" + world.transcript()
        if (own and own.has_log()) or not server.alive():
            text += "\n  the server's log ends with:\n" + server.log_tail()
        outcome = ("fail", text)
    finally:
        if world:
            world.close()
        if own:
            own.remove()
    return outcome + (time.monotonic() - start,)


def record(tally, case, result):
    outcome, text, seconds = result
    if outcome == "pass":
        tally.passes(str(case), seconds)
    elif outcome == "skip":
        tally.skips(str(case), text)
    else:
        tally.fails(str(case), case.section, text)


def still_serves(world):
    """After each file of cases somebody logs in and talks to themselves."""
    me = world.online()
    me.send("<message to='%s'><body>still there?</body></message>" % me.jid)
    me.expect_element("message")


def check_server(tally, server, area):
    world = World(server)
    try:
        still_serves(world)
    except Exception as e:  # noqa
        tally.fails("%s: the server still serves afterwards" % area, "",
                    reason_of(e) + "\n" + world.transcript() + "\n  its log ends with:\n" + server.log_tail())
    finally:
        world.close()


def run_area(tally, server, cases, jobs):
    together = [c for c in cases if not c.alone]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for c, future in [(c, pool.submit(run_case, c, server)) for c in together]:
            record(tally, c, future.result())
    for c in cases:
        if c.alone:
            record(tally, c, run_case(c, server))


def areas(cases):
    order = []
    for c in cases:
        if c.area not in order:
            order.append(c.area)
    return [(a, [c for c in cases if c.area == a]) for a in order]


def run(cases, options):
    kind = SERVERS[options.server]
    if not os.access(kind.path(), os.X_OK):
        print("no server at %s: build it first, or name it in the environment variable JACKDAWD" % kind.path())
        print("0 passed, %d failed, 0 skipped" % len(cases))
        return 1
    tally = Tally(options.verbose)
    server = kind()

    def out_of_time(*_):
        print("the suite took more than %d s\n%d passed, %d failed, %d skipped"
              % (SUITE_SECONDS, tally.passed, tally.failed + 1, tally.skipped), flush=True)
        server.kill()
        os._exit(1)

    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(SUITE_SECONDS)
    try:
        server.start()
        for area, chosen in areas(cases):
            run_area(tally, server, chosen, options.jobs)
            check_server(tally, server, area)
            if not server.alive():
                break
        complaints = server.stop()
        if complaints:
            tally.fails("the server exits with status 0 and a clean log", "", "  " + "\n  ".join(complaints))
        else:
            tally.passes("the server exits with status 0 and a clean log", 0)
    except RuntimeError as e:
        tally.fails("the server starts", "", str(e))
    finally:
        server.remove()
    return tally.finish()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("filter", nargs="*", help="run only the cases whose name holds one of these words")
    parser.add_argument("--server", choices=sorted(SERVERS), default="jackdawd")
    parser.add_argument("--jobs", type=int, default=6, help="how many cases run at once")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the passes, and how long each took")
    options = parser.parse_args()
    cases = [c for c in ALL if not options.filter or any(f in str(c) for f in options.filter)]
    sys.exit(run(cases, options))
