# federation.py - two servers of each kind that federate: what a message from one to the other costs both.
#
# Every second session is of the other server, so each message of the chat passes between them.  They are set up as in
# tests/federation: a DNS of our own, certificates of one authority, STARTTLS, and SASL EXTERNAL both ways.
#
# Besides, Jackdaw alone keeps streams with many domains (federation_crowd.py).
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import importlib.util
import json
import os
import statistics
import subprocess
import sys

import federation_crowd
import servers

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(TOP, "tests", "federation")
MODE = "external"
NAMES = ("here", "there")
CROWD_SECONDS = 600
TARGET_SHARE = 0.2  # of the better peer's
TARGET_CROWD_MIB = 60


def add_arguments(p):
    p.add_argument("--federation", action="store_true", help="also measure two servers of each kind that federate")
    p.add_argument("--federation-rounds", type=int, default=3, help="rounds of it (3)")
    p.add_argument("--federation-domains", type=int, default=1000,
                   help="other domains that are connected to Jackdaw at once; 0: none (1000)")


def load_federation():
    """tests/federation/servers.py, whose name is this folder's too."""
    sys.path += [os.path.join(TOP, "tests", "conformance"), FOLDER]
    spec = importlib.util.spec_from_file_location("federation_servers", os.path.join(FOLDER, "servers.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Two:
    """Two servers of one kind."""

    def __init__(self, federation, kind, shards=1):
        self.federation, self.kind = federation, kind
        self.site = federation.Site(federation.MODES[MODE])
        self.members = []
        for name in NAMES:
            federation.KINDS[name] = federation.KINDS[kind]
            self.members.append(self.site.add(name, **options_of(kind, shards)))
        self.label = {"jackdaw": "Jackdaw", "prosody": "Prosody", "ejabberd": "ejabberd"}[kind]
        if kind != "jackdaw":
            self.label = f"{self.label} {servers.package_version(kind)}".strip()

    def start(self):
        try:
            self.site.start()
        except RuntimeError as why:
            raise servers.Missing(str(why)) from None
        for why in self.site.missing.values():
            raise servers.Missing(why)

    def load_options(self):
        here, there = self.members
        return ["--port", str(here.port("c2s")), "--domain", here.domain, "--pid", str(here.process.pid),
                "--other-port", str(there.port("c2s")), "--other-domain", there.domain,
                "--other-pid", str(there.process.pid)]

    def stop(self):
        self.site.close()


def options_of(kind, shards):
    """As in the rounds: without an archive, and what is logged is for operators."""
    if kind == "jackdaw":
        return {"conf": f'log-level = "info"\nshards = {shards}\n'}
    return {}


class Federation:
    def __init__(self, bench):
        self.bench, self.args = bench, bench.args
        self.federation = load_federation()
        self.results = {}  # label -> chats of each round, by window
        self.crowd = None

    def kinds(self):
        yield "jackdaw"
        yield from filter(None, self.args.peers.split(","))

    def rounds(self):
        for n in range(self.args.federation_rounds):
            for kind in self.kinds():
                what = f"round {n + 1} of {self.args.federation_rounds}, two servers"
                figure = self.bench.try_with(kind, what, lambda k=kind: self.measure(k))
                if figure:
                    label, chats = figure
                    self.results.setdefault(label, []).append(chats)

    def measure(self, kind):
        two = Two(self.federation, kind)
        try:
            two.start()
            self.load(two, "--mode", "register")
            report = self.load(two, "--mode", "chat", "--window", ",".join(map(str, self.args.windows)),
                               "--seconds", str(self.args.seconds), "--body", str(self.args.body))
            return two.label, {str(chat["window"]): chat for chat in report["chat"]}
        finally:
            two.stop()

    def load(self, two, *options):
        done = subprocess.run([self.bench.program("load"), "--json", "--no-verify", *two.load_options(), "--sessions",
                               str(self.args.chat_sessions), "--warm-sessions", str(self.bench.warm_sessions), *options],
                              capture_output=True, text=True, timeout=CROWD_SECONDS)
        if done.returncode != 0:
            raise self.bench.failure(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    # ---- many domains

    def meet_many(self):
        count = self.args.federation_domains
        if count:
            self.crowd = self.bench.try_with("Jackdaw", f"{count} domains", lambda: self.meet(count))

    def meet(self, count):
        return federation_crowd.measure(self.federation, count)

    # ---- how it is told

    def raw(self):
        return {"chats": self.results, "crowd": self.crowd}

    def text_parts(self):
        parts = ["Two servers of each kind, and every message from one to the other; CPU of both; medians of "
                 f"{self.args.federation_rounds} rounds (least–most).", self.table()]
        if len(self.results) > 1 and "Jackdaw" in self.results:
            parts.append(self.verdict())
        if self.crowd:
            parts.append(self.crowd_text())
        return parts

    def windows(self):
        return [str(w) for w in self.args.windows]

    def cpu(self, label, window):
        """Microseconds of both servers for each message, by round."""
        return [chats[window]["server_cpu_us"] for chats in self.results[label]]

    def rate(self, label, window):
        return statistics.median(chats[window]["per_second"] for chats in self.results[label])

    def table(self):
        labels = list(self.results)
        lines = ["| | " + " | ".join(labels) + " |", "|:---|" + "---:|" * len(labels)]
        for w in self.windows():
            cells = []
            for label in labels:
                cpu = self.cpu(label, w)
                cells.append(f"{statistics.median(cpu):.2f} ({min(cpu):.2f}–{max(cpu):.2f})")
            lines.append(f"| CPU of both per message, {w} in flight, µs | " + " | ".join(cells) + " |")
            lines.append(f"| messages per second, {w} in flight | " +
                         " | ".join(f"{self.rate(label, w):,.0f}" for label in labels) + " |")
        return "\n".join(lines)

    def verdict(self):
        lines = ["| Jackdaw's CPU per message, to the better peer's | measured | target | |", "|:---|---:|---:|:---|"]
        for w in self.windows():
            ours = statistics.median(self.cpu("Jackdaw", w))
            best = min(statistics.median(self.cpu(label, w)) for label in self.results if label != "Jackdaw")
            met = "met" if ours <= TARGET_SHARE * best else "missed"
            lines.append(f"| {w} in flight | {ours / best:.3f} × | at most {TARGET_SHARE} × | {met} |")
        return "\n".join(lines)

    def crowd_text(self):
        mib = self.crowd["pss"] / (1 << 20)
        met = "met" if mib < TARGET_CROWD_MIB else "missed"
        return (f"{self.crowd['domains']:,} other domains, each with a stream in both directions: {mib:.1f} MiB of PSS, "
                f"{self.crowd['each'] / 1024:.1f} KiB each beyond the {self.crowd['base'] / (1 << 20):.1f} MiB of before "
                f"(target: below {TARGET_CROWD_MIB} MiB, {met}).")
