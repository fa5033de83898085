# rooms.py - sessions that sit in rooms (XEP-0045): what it costs to come in, to be there, and to hear what is said.
#
# Each round starts every server afresh for each size of rooms, with the accounts that it had at first:
#
#	size        so many occupants in each room, and as many rooms as the sessions fill
#	large       in the end, once, on Jackdaw alone: one large room at a slow pace
#
# README.md says how to read it; rooms_figures.py makes the tables.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import rooms_figures as figures
import servers

JOINING = "32"     # joins at a time where only the talk is looked at
LARGE_RATE = 10    # messages per second in the large room
LARGE_SECONDS = 20
SETTLE_SECONDS = "3"
# There at once, as the peers' rooms are, and without a bound on how much is said.
OPEN_ROOMS = "muc { lock = false  messages-per-minute = 1000000 }"


def add_arguments(p):
    p.add_argument("--rooms", action="store_true", help="also measure rooms")
    p.add_argument("--rooms-rounds", type=int, default=1, help="rounds of it (1)")
    p.add_argument("--rooms-sessions", type=int, default=1000, help="sessions that sit in rooms (1000)")
    p.add_argument("--rooms-sizes", default="100,1000", help="occupants of each room (100,1000)")
    p.add_argument("--rooms-peers", type=int, default=100, metavar="N",
                   help="largest rooms of the peers (100; 1000 takes them minutes)")
    p.add_argument("--rooms-seconds", type=float, default=10, help="measured part of each talk (10)")
    p.add_argument("--rooms-pace", type=int, default=1000, help="deliveries per second of the paced talk (1000)")
    p.add_argument("--rooms-large", type=int, default=5000, metavar="N",
                   help="occupants of one large room; 0: none (5000)")
    p.add_argument("--rooms-durable", action="store_true",
                   help="also with stream management and archives, on Jackdaw alone")


def finish_arguments(args, error):
    args.rooms_sizes = [int(n) for n in args.rooms_sizes.split(",")]
    if any(args.rooms_sessions % size for size in args.rooms_sizes):
        error("the sessions must fill the rooms")


class Entry:
    """A server, and the sizes of rooms that are measured with it."""

    def __init__(self, server, sizes, label=None, sm=False):
        self.server = server
        self.sizes = sizes
        self.label = label or server.label
        self.is_ours = isinstance(server, servers.Jackdaw)
        self.is_relay = isinstance(server, servers.Relay)
        if self.is_ours:
            server.host_conf = [OPEN_ROOMS]
        self.sm = sm
        self.rounds = []  # by size
        self.large = None


class Rooms:
    def __init__(self, bench):
        self.bench = bench
        self.args = bench.args
        self.entries = []

    def entries_wanted(self):
        bench, args = self.bench, self.args
        folder, port, cert = bench.folder, args.port, bench.certificate
        yield Entry(servers.Relay(folder, port + 10, cert, bench.program("relay"), rooms=True), args.rooms_sizes)
        yield Entry(bench.jackdaw(port + 500, 1, "rooms"), args.rooms_sizes, "Jackdaw")
        if args.shards:
            yield Entry(bench.jackdaw(port + 600, args.shards, "rooms-shards"), args.rooms_sizes)
        if args.rooms_durable:
            yield Entry(bench.jackdaw(port + 700, 1, "rooms-durable", archive=True), args.rooms_sizes,
                        "Jackdaw, nothing lost", sm=True)
        small = [size for size in args.rooms_sizes if size <= args.rooms_peers]
        for name in filter(None, args.peers.split(",")):
            kind, at = (servers.Prosody, port + 8) if name == "prosody" else (servers.Ejabberd, port + 9)
            yield Entry(kind(folder, at, cert, place=f"{name}-rooms", rooms=True), small)

    def prepare(self):
        for entry in self.entries_wanted():
            self.bench.try_with(entry.label, "accounts", lambda e=entry: self.make_accounts(e))

    def make_accounts(self, entry):
        entry.server.configure()
        most = max(self.args.rooms_sessions, self.args.rooms_large if entry.is_ours else 0)
        self.bench.make_accounts(entry.server, most)
        entry.server.keep()
        self.entries.append(entry)

    def load(self, entry, *options):
        """It is killed in the end: nobody is to wait until all have heard that all are leaving."""
        entry.server.restore()
        entry.server.start()
        try:
            return self.bench.load(entry.server, "--mode", "rooms", "--body", str(self.args.body),
                                   "--settle-seconds", SETTLE_SECONDS, *(("--sm",) if entry.sm else ()), *options)
        finally:
            entry.server.kill()

    def measure(self, entry, size):
        """The relay gathers nothing, and is no measure where others may."""
        args = self.args
        windows = [1] if entry.is_relay else args.windows
        return self.load(entry, "--sessions", str(args.rooms_sessions), "--room-size", str(size),
                         "--seconds", str(args.rooms_seconds), "--window", ",".join(map(str, windows)),
                         "--rate", str(max(1, args.rooms_pace // size)))

    def measure_large(self, entry):
        return self.load(entry, "--sessions", str(self.args.rooms_large), "--joining", JOINING,
                         "--seconds", str(LARGE_SECONDS), "--window", "1", "--rate", str(LARGE_RATE))

    def rounds(self):
        args = self.args
        for n in range(args.rooms_rounds):
            for entry in self.entries:
                figure = {}
                for size in entry.sizes:
                    what = f"round {n + 1} of {args.rooms_rounds}, rooms of {size}"
                    report = self.bench.try_with(entry.label, what, lambda e=entry, s=size: self.measure(e, s))
                    if report:
                        figure[str(size)] = report
                entry.rounds.append(figure)
        for entry in self.entries:
            if args.rooms_large and entry.is_ours:
                entry.large = self.bench.try_with(entry.label, f"a room of {args.rooms_large}",
                                                  lambda e=entry: self.measure_large(e))

    def find(self, label):
        return next((e for e in self.entries if e.label == label and any(e.rounds)), None)

    def text_parts(self):
        return figures.text_parts(self.entries, self.args)

    def raw(self):
        return {e.label: {"rounds": e.rounds, "large": e.large} for e in self.entries}
