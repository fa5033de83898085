# rooms_figures.py - the tables of rooms.
#
# A server is an entry of rooms.py; a round of it is, by the number of occupants, what "load --mode rooms --json"
# printed.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from figures import grid, median, ratio, show, times, verdict, with_spread

TARGET_DELIVERY_US = 6.0
TARGET_JOIN_MS = 2.0
TARGET_LAST_MS = 250.0
TARGET_OCCUPANT_BYTES = 600.0


def talk_of(report, window=0, rate=None):
    """RATE may be any, for there is one of them."""
    talks = report["rooms"]["talk"]
    return next((t for t in talks if (t["window"] == window if window else t["rate"] > 0)), {})


def of(size, get):
    """A figure of the rooms of this SIZE; GET takes the report."""
    return lambda r: get(r[str(size)]) if str(size) in r else None


def talk(size, window, key, scale=1):
    """With 0 for WINDOW, the paced one."""
    def get(report):
        value = talk_of(report, window).get(key)
        return None if value is None else value / scale
    return of(size, get)


def room(size, key):
    return of(size, lambda report: report["rooms"].get(key))


def joins(size, which, key, scale=1):
    return of(size, lambda report: report["rooms"][which][key] / scale if which in report["rooms"] else None)


def besides_sending_ms(size):
    """What the last joins cost, less what it costs to tell the others, at the price of as many messages."""
    def get(report):
        last, delivery_us = report["rooms"].get("last_joins"), talk_of(report, 1).get("server_cpu_us")
        if last is None or delivery_us is None:
            return None
        count = last["last"] - last["first"] + 1
        others = (last["presences"] / count - 1) / 2
        return (last["server_cpu_us"] - others * delivery_us) / 1000
    return of(size, get)


def numbers(size, which):
    """The joins' numbers within their room."""
    def get(report):
        j, occupants = report["rooms"][which], report["rooms"]["occupants"]
        return f"{(j['first'] - 1) % occupants + 1:,}–{(j['last'] - 1) % occupants + 1:,}"
    return of(size, get)


def pace_name(args, size, window):
    if window:
        return f"{window} in flight" + ("" if size == args.rooms_sessions else " in each")
    return f"{max(1, args.rooms_pace // size):,} messages a second"


def two(rounds, size, window, p50, p99):
    a, b = (median(rounds, talk(size, window, key, 1000)) for key in (p50, p99))
    return "–" if a is None else f"{show(a, 2)} / {show(b, 2)}"


def size_table(entries, args, size):
    def row(name, get, digits):
        return [name] + [with_spread(e.rounds, get, digits) for e in entries]

    last = next(numbers(size, "last_joins")(r) for e in entries if not e.is_relay for r in e.rounds if str(size) in r)
    rows = []
    for w in (*args.windows, 0):
        where = pace_name(args, size, w)
        rows += [row(f"**server CPU per delivery**, {where}, µs", talk(size, w, "server_cpu_us"), 2),
                 row(f"deliveries per second, {where}", talk(size, w, "per_second"), 0),
                 [f"latency p50 / p99, {where}, ms"] + [two(e.rounds, size, w, "p50_us", "p99_us") for e in entries],
                 [f"the same to the last occupant, {where}, ms"] +
                 [two(e.rounds, size, w, "last_p50_us", "last_p99_us") for e in entries]]
    rows += [row(f"server CPU per join, joins {last}, ms", joins(size, "last_joins", "server_cpu_us", 1000), 2),
             row("the same per presence delivered, µs", joins(size, "last_joins", "presence_us"), 2),
             row("**the same besides sending to the others**, ms", besides_sending_ms(size), 2),
             row("server CPU per presence delivered, all joins, µs", joins(size, "joins", "presence_us"), 2),
             row("memory per occupant, bytes of PSS", room(size, "pss_per_occupant"), 0),
             row("memory per occupant, bytes without mapped files", room(size, "anon_per_occupant"), 0),
             row("the same when they have talked", room(size, "anon_per_occupant_talked"), 0)]
    return grid([f"rooms of {size:,}"] + [e.label for e in entries], rows)


def large_table(entries):
    def row(name, get, digits):
        return [name] + [show(get(e.large), digits) for e in entries]

    def paced(key, scale=1):
        return lambda report: talk_of(report)[key] / scale

    occupants = entries[0].large["rooms"]["occupants"]
    rate = talk_of(entries[0].large)["rate"]
    return grid([f"one room of {occupants:,}, {rate} messages a second"] + [e.label for e in entries], [
        row("messages per second", paced("messages_per_second"), 1),
        row("latency to the last occupant, p50, ms", paced("last_p50_us", 1000), 1),
        row("**latency to the last occupant, p99**, ms", paced("last_p99_us", 1000), 1),
        row("server CPU per delivery, µs", paced("server_cpu_us"), 2),
        row("server CPU per delivery, 1 in flight, µs", lambda report: talk_of(report, 1)["server_cpu_us"], 2),
        row("server's load, cores", paced("server_load"), 2),
        row("generator's load, cores", paced("generator_load"), 2),
        row("server CPU per presence delivered, all joins, µs", lambda r: r["rooms"]["joins"]["presence_us"], 2),
        row("memory for each that stays behind many joins at a time, KiB of PSS",
            lambda report: report["rooms"]["pss_per_occupant"] / 1024, 1)])


def target_table(ours, relay, args):
    def at_most(name, value, limit, digits, unit, beside=None):
        return [name, f"{show(value, digits)} {unit}", times(ratio(value, beside)), f"at most {limit:g} {unit}",
                verdict(value, limit)]

    rows = []
    for size in args.rooms_sizes:
        for w in (*args.windows, 0):
            rows.append(at_most(f"CPU per delivery, rooms of {size:,}, {pace_name(args, size, w)}",
                                median(ours.rounds, talk(size, w, "server_cpu_us")), TARGET_DELIVERY_US, 2, "µs",
                                median(relay.rounds, talk(size, w, "server_cpu_us")) if relay else None))
    for size in args.rooms_sizes:
        rows.append(at_most(f"CPU of joining a room of {size:,}, besides sending",
                            median(ours.rounds, besides_sending_ms(size)), TARGET_JOIN_MS, 2, "ms"))
    if ours.large:
        rows.append(at_most(f"p99 to the last of {ours.large['rooms']['occupants']:,} occupants",
                            talk_of(ours.large)["last_p99_us"] / 1000, TARGET_LAST_MS, 1, "ms"))
    for size in args.rooms_sizes:
        for name, key in (("memory per occupant, PSS", "pss_per_occupant"),
                          ("the same without mapped files", "anon_per_occupant")):
            rows.append(at_most(f"{name}, rooms of {size:,}", median(ours.rounds, room(size, key)),
                                TARGET_OCCUPANT_BYTES, 0, "bytes"))
    return grid([ours.label, "measured", "to the relay's", "target", ""], rows)


def peer_table(ours, peers, args):
    measures = []
    for size in args.rooms_sizes:
        measures += [(f"CPU per delivery, rooms of {size:,}, {pace_name(args, size, w)}",
                      talk(size, w, "server_cpu_us")) for w in (*args.windows, 0)]
        measures += [(f"CPU per presence, joining rooms of {size:,}", joins(size, "joins", "presence_us")),
                     (f"memory per occupant, rooms of {size:,}", room(size, "pss_per_occupant"))]
    rows = [[name] + [times(ratio(median(p.rounds, get), median(ours.rounds, get))) for p in peers]
            for name, get in measures if any(median(p.rounds, get) is not None for p in peers)]
    return grid(["in multiples of Jackdaw's"] + [p.label for p in peers], rows)


def text_parts(entries, args):
    measured = [e for e in entries if any(e.rounds)]
    parts = [f"Rooms: {args.rooms_sessions:,} sessions, bodies of {args.body} bytes; rounds: {args.rooms_rounds}."]
    for size in args.rooms_sizes:
        there = [e for e in measured if any(str(size) in r for r in e.rounds)]
        if any(not e.is_relay for e in there):
            parts.append(size_table(there, args, size))
    large = [e for e in measured if e.large]
    if large:
        parts.append(large_table(large))
    ours = [e for e in measured if e.is_ours]
    peers = [e for e in measured if not e.is_ours and not e.is_relay]
    relay = next((e for e in measured if e.is_relay), None)
    parts += [target_table(e, relay, args) for e in ours]
    if ours and peers:
        parts.append(peer_table(ours[0], peers, args))
    return parts
