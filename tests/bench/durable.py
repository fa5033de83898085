# durable.py - what it costs not to lose anything: stream management, archives, messages for who is away, a restart.
#
# Each round starts every server afresh, with the accounts that it had at first and nothing else:
#
#	paced       chat at a few rates: the time to the delivery and to <a/>, and that of the disk beside it
#	chat        chat as fast as it goes, for each window and each number of messages behind which an <a/> is asked for
#	offline     messages to people who are away
#	bare        the peers once more without archive: paced, without stream management, and offline
#	resume      in the end, once: many sessions, a kill and a new start
#
# The relay is measured at the rates alone.  README.md says how to read it; durable_figures.py makes the tables.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import json
import shutil
import subprocess
import time

import disk
import durable_figures as figures
import servers

RESUME_SECONDS = 1800  # from the restart until all are back and have talked
INFLIGHT = "64"        # handshakes at a time when all come back
RELAXED = "durability = relaxed"


def add_arguments(p):
    p.add_argument("--durable", action="store_true",
                   help="also measure stream management, archives, messages for who is away, and a restart")
    p.add_argument("--durable-rounds", type=int, default=1, help="rounds of it (1)")
    p.add_argument("--durable-rates", default="1000,5000", help="messages per second of its paced chat (1000,5000)")
    p.add_argument("--durable-seconds", type=float, default=10, help="measured part of paced chat (10)")
    p.add_argument("--durable-acks", default="1,10", help="messages behind which an <a/> is asked for (1,10)")
    p.add_argument("--durable-messages", type=int, default=100, help="messages for each person who is away (100)")
    p.add_argument("--durable-resume", type=int, default=10000,
                   help="sessions that resume after a restart; 0: none (10000)")


def finish_arguments(args):
    args.durable_rates = [int(r) for r in args.durable_rates.split(",")]
    args.durable_acks = [int(n) for n in args.durable_acks.split(",")]


class Entry:
    """A server, and the parts that are measured with it."""

    def __init__(self, server, parts, label=None):
        self.server = server
        self.parts = parts
        self.label = label or server.label
        self.rounds = []
        self.resume = None
        self.bare = None  # an entry of the same server without archive


class Durable:
    def __init__(self, bench):
        self.bench = bench
        self.args = bench.args
        self.entries = []

    def entries_wanted(self):
        bench, args = self.bench, self.args
        folder, port, cert = bench.folder, args.port, bench.certificate
        every = ("paced", "chat", "offline")
        yield Entry(servers.Relay(folder, port + 1, cert, bench.program("relay")), ("paced",))
        yield Entry(bench.jackdaw(port + 300, 1, "durable", archive=True), every, "Jackdaw")
        relaxed = bench.jackdaw(port + 400, 1, "relaxed", archive=True)
        relaxed.host_conf = [RELAXED]
        yield Entry(relaxed, every, "Jackdaw, relaxed")
        for name in filter(None, args.peers.split(",")):
            kind, at = (servers.Prosody, port + 4) if name == "prosody" else (servers.Ejabberd, port + 5)
            entry = Entry(kind(folder, at, cert, archive=True), every)
            entry.bare = Entry(kind(folder, at + 2, cert, place=f"{name}-bare"), ("paced", "offline"))
            yield entry

    def prepare(self):
        for entry in self.entries_wanted():
            self.bench.try_with(entry.label, "accounts", lambda e=entry: self.make_accounts(e))

    def make_accounts(self, entry):
        for e in filter(None, (entry, entry.bare)):
            e.server.configure()
            self.bench.make_accounts(e.server, 2 * self.args.chat_sessions)
            e.server.keep()
        self.entries.append(entry)

    def measure(self, entry):
        figure = {"disk": disk.measure(entry.server.folder)}
        entry.server.restore()
        entry.server.start()
        try:
            for part in entry.parts:
                figure[part] = getattr(self, part)(entry.server)
        finally:
            entry.server.stop()
        if entry.bare:
            figure["bare"] = self.measure(entry.bare)
        return figure

    def chat_options(self, server, seconds):
        sm = () if server.load_options or not server.has_archive else ("--sm",)
        return ("--mode", "chat", "--sessions", str(self.args.chat_sessions), "--body", str(self.args.body),
                "--seconds", str(seconds), *sm)

    def paced(self, server):
        """With an <a/> asked for behind every message, so that the time of each is known."""
        rates = ",".join(map(str, self.args.durable_rates))
        report = self.bench.load(server, *self.chat_options(server, self.args.durable_seconds), "--rate", rates)
        return {"load": self.archived(server, report), "disk": disk.measure(server.folder)}

    def archived(self, server, report):
        """A server without archive would look too good."""
        if server.has_archive and report.get("archives") != self.args.chat_sessions:
            raise self.bench.failure(f"only {report.get('archives', 0)} sessions have messages in their archives")
        return report

    def chat(self, server):
        windows = ",".join(map(str, self.args.windows))
        options = (*self.chat_options(server, self.args.seconds), "--window", windows, "--ack-every")
        return {str(n): self.archived(server, self.bench.load(server, *options, str(n)))
                for n in self.args.durable_acks}

    def offline(self, server):
        most = str(max(self.args.durable_acks))
        return self.bench.load(server, "--mode", "offline", "--sessions", str(self.args.chat_sessions), "--body",
                               str(self.args.body), "--messages", str(self.args.durable_messages), "--window", most,
                               "--ack-every", most)

    def rounds(self):
        for n in range(self.args.durable_rounds):
            for entry in list(self.entries):
                what = f"round {n + 1} of {self.args.durable_rounds}, nothing may be lost"
                figure = self.bench.try_with(entry.label, what, lambda e=entry: self.measure(e))
                if figure:
                    entry.rounds.append(figure)
                else:
                    self.entries.remove(entry)
        for entry in self.entries:
            if self.args.durable_resume and "offline" in entry.parts and entry.label != "Jackdaw, relaxed":
                entry.resume = self.bench.try_with(entry.label, f"{self.args.durable_resume} sessions resume",
                                                   lambda e=entry: self.resume(e.server))

    def resume(self, server):
        count = str(self.args.durable_resume)
        server.restore()
        self.make_many(server, self.args.durable_resume)
        server.start()
        try:
            return self.restart(server, self.bench.load_command(server, "--mode", "resume", "--sessions", count,
                                                                "--inflight", INFLIGHT))
        finally:
            server.stop()

    def make_many(self, server, count):
        """Over the wire some servers take a quarter of an hour: they get copies of an account that came in that way."""
        if server.takes_contacts:
            server.write_contacts({f"u{n}": [] for n in range(count + self.bench.warm_sessions)})
        else:
            self.bench.make_accounts(server, count)

    def restart(self, server, command):
        load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)
        try:
            if load.stdout.readline() != "waiting\n":
                raise self.bench.failure(load.communicate()[1])
            server.kill()
            begin = time.monotonic_ns()
            server.start()
            out, err = load.communicate(f"go {server.pid} {begin} {time.monotonic_ns()}\n", timeout=RESUME_SECONDS)
        finally:
            load.kill()
            load.wait()
        if load.returncode != 0:
            raise self.bench.failure(err)
        return json.loads(out)

    def find(self, label):
        return next((e for e in self.entries if e.label == label), None)

    def text_parts(self):
        return figures.text_parts(self.entries, self.args)

    def raw(self):
        return {e.label: {"rounds": e.rounds, "resume": e.resume} for e in self.entries}
