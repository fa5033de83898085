# Every pair of servers, in each mode, each way, with each feature.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import itertools
import time

from wire import runner
from wire.names import Reset
from wire.talk import must
from wire.world import Skip

import features
import outages
from servers import KINDS, MODES, PROOF_SECONDS, Site

Row = collections.namedtuple("Row", "mode here there feature")
PROOF = "proof"  # the row that says how the streams were authenticated


class Matrix:
    def __init__(self, tally, wanted):
        self.tally = tally
        self.wanted = wanted   # of a Row's text: is it to run?
        self.results = {}      # Row -> "ok", "failed", or what was counted

    def run(self, pairs, modes):
        for mode in modes:
            chosen = [pair for pair in pairs if self.has_rows(mode, pair)]
            if chosen:
                self.run_mode(mode, chosen)

    def rows(self, mode, here, there):
        for title in [t for t, _ in features.ALL] + [PROOF] + [t for t, _ in outages.ALL]:
            row = Row(mode.name, here, there, title)
            if self.wanted(self.name(row)) and not (title in outages.TITLES and mode.name != "external"):
                yield row

    def has_rows(self, mode, pair):
        if mode.bidi and "prosody" not in pair:
            return False  # ejabberd does not have it, and two Jackdaws prefer streams that each can resume
        return any(True for ends in (pair, pair[::-1]) for _ in self.rows(mode, *ends))

    @staticmethod
    def name(row):
        return "%s: %s to %s: %s" % (row.mode, row.here, row.there, row.feature)

    def run_mode(self, mode, pairs):
        with Site(mode) as site:
            for kind in sorted(set(itertools.chain(*pairs))):
                site.add(kind)
            try:
                site.start()
            except RuntimeError as why:
                self.tally.fails("%s: the servers start" % mode.name, "", str(why))
                return
            for pair in pairs:
                for here, there in (pair, pair[::-1]):
                    self.run_direction(site, mode, here, there)
        for complaint in site.complaints:
            self.tally.fails("%s: a server stops with status 0 and a clean log" % mode.name, "", "  " + complaint)

    def run_direction(self, site, mode, here, there):
        rows = list(self.rows(mode, here, there))
        for kind in (here, there):
            if kind in site.missing:
                for row in rows:
                    self.tally.skips(self.name(row), "%s: %s" % (kind, site.missing[kind]))
                return
        try:
            pair = features.Pair(site.server(here), site.server(there))
        except Exception as error:  # noqa: a broken server must not end the run
            for row in rows:
                self.fail(row, error, "")
            return
        functions = dict(features.ALL + outages.ALL)
        for row in rows:
            self.run_row(row, functions.get(row.feature, self.check_proof), pair, site)
        pair.close()

    @staticmethod
    def check_proof(pair):
        """What both servers tell of the streams between them is what the mode says, and nothing else.  One for both ways is
        authenticated once, by whoever opened it."""
        mode = pair.here.mode
        proof = "dialback" if mode.dialback else "EXTERNAL"
        found = [one.proofs(other.domain, 0 if mode.bidi else PROOF_SECONDS)
                 for one, other in ((pair.here, pair.there), (pair.there, pair.here))]
        if mode.bidi:
            must([{("in", proof)}, {("out", proof)}], sorted(found, key=str), "streams as both tell")
        else:
            must([{("in", proof), ("out", proof)}] * 2, found, "streams as both tell")

    def run_row(self, row, function, pair, site):
        began = time.monotonic()
        try:
            self.results[row] = function(pair) or "ok"
            self.tally.passes("%s%s" % (self.name(row), "" if self.results[row] == "ok" else ": " + self.results[row]),
                              time.monotonic() - began)
        except Skip as why:
            self.tally.skips(self.name(row), str(why))
        except Exception as error:  # noqa: a broken case must not end the run
            self.fail(row, error, pair.transcript())
            try:
                pair.renew()
            except (Exception, Reset):  # noqa: the next row will tell
                pass

    def fail(self, row, error, transcript):
        self.results[row] = "failed"
        self.tally.fails(self.name(row), "", runner.reason_of(error) + "\n" + transcript)


def pairs_of(peers):
    """Jackdaw with each peer and with another of its kind."""
    return [("jackdaw", peer) for peer in peers if peer in KINDS]


# ---- the table for people


BEGIN, END = "<!-- begin: written by tests/federation/run --table -->", "<!-- end -->"


def table(results):
    """Rows: modes and directions; columns: features."""
    lines = []
    for pair in sorted({tuple(sorted((row.here, row.there))) for row in results}):
        mine = [row for row in results if tuple(sorted((row.here, row.there))) == pair]
        titles = [t for t in [t for t, _ in features.ALL] + [PROOF] + [t for t, _ in outages.ALL]
                  if any(row.feature == t for row in mine)]
        lines += ["", "### %s and %s" % pair, "", "| mode | who begins | %s |" % " | ".join(titles),
                  "|---|---|%s" % ("---|" * len(titles))]
        for mode in MODES:
            for here in pair if pair[0] != pair[1] else pair[:1]:
                cells = {row.feature: results[row] for row in mine if row.mode == mode and row.here == here}
                if cells:
                    lines.append("| %s | %s | %s |" % (MODES[mode].title, here, " | ".join(cells.get(t, "") for t in titles)))
    return "\n".join(lines) + "\n"


def write_table(path, results):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit("%s has no lines %r and %r" % (path, BEGIN, END))
    with open(path, "w", encoding="utf-8") as f:
        f.write(before + BEGIN + "\n" + table(results) + "\n" + END + after)
