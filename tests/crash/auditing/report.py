# Verdicts for people: some lines on the terminal, a row of a table.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os

from .verdict import FAULTS

EXAMPLES = 5
COLUMNS = ("scenario", "server", "kills", "sent", "acknowledged", "lost", "in the archive alone", "duplicated",
           "came twice", "disordered", "copies missing", "faults of archives", "resumed after a restart", "resumed else")

ROOM_COLUMNS = ("scenario", "server", "kills", "sent", "acknowledged", "lost", "in the archive alone", "duplicated",
                "came twice", "disordered", "in another order", "occupants lost", "ghosts", "faults of archives",
                "resumed after a restart", "resumed else")


def _share(pair):
    return "%d/%d" % tuple(pair)


def tell(where, verdict, is_ours):
    """The figures, and of a server that is ours the first of each kind of fault."""
    print("      %d sent, %d acknowledged, %d refused; resumed after a restart %s, else %s; %d came twice" % (
        verdict.sent, verdict.acked, verdict.refused, _share(verdict.tried["restart"]), _share(verdict.tried["here"]),
        verdict.twice))
    for fault in FAULTS:
        found = verdict.found[fault]
        if found:
            print("%s  %s: %s: %d" % ("FAIL" if is_ours else "     ", where, fault, len(found)))
            for one in found[:EXAMPLES]:
                print("        %s" % one)
    print(end="", flush=True)


def row(scenario, server, kills, verdict):
    found = {fault: str(len(verdict.found[fault])) for fault in FAULTS}
    archive = found["archive"] if verdict.has_archive else "no archive"
    others = (found["other order"], found["occupants"], found["ghosts"]) if verdict.has_rooms else (found["carbons"],)
    return (scenario, server, str(kills), str(verdict.sent), str(verdict.acked), found["lost"], found["unread"],
            found["duplicated"], str(verdict.twice), found["disordered"], *others, archive,
            _share(verdict.tried["restart"]), _share(verdict.tried["here"]))


def _line(cells):
    return "| " + " | ".join(cells) + " |\n"


def add_row(name, scenario, server, kills, verdict):
    """Into the table of its kind, of which the file may have one behind the other."""
    columns = ROOM_COLUMNS if verdict.has_rooms else COLUMNS
    heads = []
    if os.path.exists(name):
        with open(name, encoding="utf-8") as f:
            heads = [line for line in f if line in (_line(COLUMNS), _line(ROOM_COLUMNS))]
    with open(name, "a", encoding="utf-8") as f:
        if heads[-1:] != [_line(columns)]:
            f.write(("\n" if heads else "") + _line(columns) + _line("---" if i < 2 else "---:" for i in range(len(columns))))
        f.write(_line(row(scenario, server, kills, verdict)))
