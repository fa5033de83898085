# durable_figures.py - the tables of what it costs not to lose anything.
#
# A server is an entry of durable.py; a round of it is {"disk", "paced", "chat", "offline", "bare"}, each part as
# "load --json" printed it, chat by the number of messages behind which an <a/> was asked for.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from figures import grid, median, ratio, show, times, verdict, with_spread

TARGET_CHAT_US = 60.0
TARGET_CHAT_PER_SECOND = 10000
TARGET_OFFLINE_US = 40.0
TARGET_COMMITS = 3.0
TARGET_RELAXED_MS = 3.0
TARGET_RESUME_SECONDS = 10.0
COMMITS_RATE = 5000  # messages per second at which the commits are counted
RELAXED_RATE = 1000
HELD = 0.98          # of a rate: less is not what was asked for


def chat(every, window, key):
    def get(r):
        report = r.get("chat", {}).get(str(every), {"chat": []})
        return next((c.get(key) for c in report["chat"] if c["window"] == window), None)
    return get


def at_rate(report, rate):
    return next((c for c in report["chat"] if c.get("rate") == rate), {}) if report else {}


def paced(rate, key):
    return lambda r: at_rate(r.get("paced", {}).get("load"), rate).get(key)


def paced_ms(rate, key):
    def get(r):
        value = paced(rate, key)(r)
        return None if value is None else value / 1000
    return get


def offline(key):
    return lambda r: r.get("offline", {}).get("offline", {}).get(key)


def bare(get):
    """A figure of the same server without archive."""
    return lambda r: get(r["bare"]) if "bare" in r else None


def disk_ms(key):
    """The disk before and after the traffic."""
    return lambda r: (r["disk"][key] + r["paced"]["disk"][key]) / 2000


def commits(rate, key):
    def get(r):
        value = paced_ms(rate, key)(r)
        return None if value is None else value / disk_ms("commit_us")(r)
    return get


def two(rounds, rate, p50, p99):
    """Both percentiles; how much got through where that was not the whole rate."""
    a, b = (median(rounds, paced_ms(rate, key)) for key in (p50, p99))
    through = median(rounds, paced(rate, "per_second"))
    if a is None or b is None:
        return "–"
    text = f"{show(a, 2)} / {show(b, 2)}"
    return text if through >= HELD * rate else f"{text} at {show(through, 0)}/s"


def came(rounds):
    sent, fetched, strays = (median(rounds, offline(key)) for key in ("messages", "fetched", "strays"))
    if sent is None:
        return "–"
    return f"{fetched:,.0f} of {sent:,.0f}" + (f", {strays:,.0f} strays" if strays else "")


def how_many(n):
    return "one by one" if n == 1 else f"{n} at once"


def chat_rows(entries, args):
    def row(name, get, digits):
        return [name] + [with_spread(e.rounds, get, digits) for e in entries]

    rows = []
    for every in args.durable_acks:
        for w in args.windows:
            where = f"{w} in flight, acknowledged {how_many(every)}"
            rows.append(row(f"server CPU per message, {where}, µs", chat(every, w, "server_cpu_us"), 1))
            rows.append(row(f"messages per second, {where}", chat(every, w, "per_second"), 0))
    rows.append(row("server CPU per message for who is away, µs", offline("server_cpu_us"), 1))
    if any(e.bare for e in entries):
        rows.append(row("the same without archive, µs", bare(offline("server_cpu_us")), 1))
    rows += [row("such messages acknowledged per second", offline("per_second"), 0),
             row("after the last of these, until the server was quiet, s", offline("quiet_seconds"), 1),
             ["of them there when fetched"] + [came(e.rounds) for e in entries]]
    return rows


def pace_rows(entries, args):
    def row(name, get, digits):
        return [name] + [show(median(e.rounds, get), digits) for e in entries]

    def no_relay(get):
        return lambda r: get(r) if "chat" in r else None

    rows = [row("sync of the disk, median, ms", disk_ms("sync_us"), 2),
            row("sync of the disk, p99, ms", disk_ms("sync_p99_us"), 2),
            row("commit of the disk, median, ms", disk_ms("commit_us"), 2)]
    for rate in args.durable_rates:
        rows += [[f"until delivery at {rate:,}/s, p50 / p99, ms"] +
                 [two(e.rounds, rate, "p50_us", "p99_us") for e in entries],
                 row("p99 in commits", no_relay(commits(rate, "p99_us")), 1),
                 [f"until `<a/>` at {rate:,}/s, p50 / p99, ms"] +
                 [two(e.rounds, rate, "ack_p50_us", "ack_p99_us") for e in entries],
                 row("p99 in commits", no_relay(commits(rate, "ack_p99_us")), 1),
                 row(f"server CPU per message at {rate:,}/s, µs", paced(rate, "server_cpu_us"), 1)]
        if any(e.bare for e in entries):
            rows.append([f"until delivery at {rate:,}/s without archive, p50 / p99, ms"] +
                        [bare_delivery(e.rounds, rate) for e in entries])
    return rows


def bare_delivery(rounds, rate):
    return two([r["bare"] for r in rounds if "bare" in r], rate, "p50_us", "p99_us")


def resume_table(entries):
    def row(name, key, digits, scale=1):
        return [name] + [show(e.resume["resume"][key] / scale, digits) for e in entries]

    count = entries[0].resume["resume"]["sessions"]
    return grid([f"{count:,} sessions, SIGKILL, new start"] + [e.label for e in entries], [
        row("streams resumed", "resumed", 0), row("logged in anew", "bound", 0),
        row("from the start until the server was ready, s", "ready_seconds", 2),
        row("**from the start until all were back**, s", "seconds", 2),
        row("server CPU for each of them, ms", "server_cpu_us", 3, 1000),
        row("messages between them lost afterwards", "lost", 0)])


def target_table(ours, relaxed, args):
    def at_most(name, value, limit, digits, unit):
        return [name, f"{show(value, digits)} {unit}", f"at most {limit:g} {unit}", verdict(value, limit)]

    rows = []
    for every in args.durable_acks:
        for w in args.windows:
            where = f"{w} in flight, acknowledged {how_many(every)}"
            rows.append(at_most(f"CPU per message, {where}", median(ours.rounds, chat(every, w, "server_cpu_us")),
                                TARGET_CHAT_US, 1, "µs"))
            value = median(ours.rounds, chat(every, w, "per_second"))
            rows.append([f"messages per second, {where}", show(value, 0), f"more than {TARGET_CHAT_PER_SECOND:,}",
                         verdict(None if value is None else -value, -TARGET_CHAT_PER_SECOND)])
    rows.append(at_most("CPU per message for who is away", median(ours.rounds, offline("server_cpu_us")),
                        TARGET_OFFLINE_US, 1, "µs"))
    for name, key in (("delivery", "p99_us"), ("`<a/>`", "ack_p99_us")):
        rows.append(at_most(f"p99 until {name} at {COMMITS_RATE:,}/s", median(ours.rounds, commits(COMMITS_RATE, key)),
                            TARGET_COMMITS, 1, "commits"))
    if relaxed:
        rows.append(at_most(f"p99 until delivery at {RELAXED_RATE:,}/s, relaxed",
                            median(relaxed.rounds, paced_ms(RELAXED_RATE, "p99_us")), TARGET_RELAXED_MS, 2, "ms"))
    if ours.resume:
        back = ours.resume["resume"]
        all_resumed = back["resumed"] == back["sessions"]
        rows.append(at_most(f"{back['resumed']:,} of {back['sessions']:,} sessions resumed, all back within",
                            back["seconds"] if all_resumed else None, TARGET_RESUME_SECONDS, 2, "s"))
    return grid(["Jackdaw", "measured", "target", ""], rows)


def peer_table(ours, peers, args):
    measures = [(f"CPU per message, {w} in flight, acknowledged {how_many(every)}", chat(every, w, "server_cpu_us"))
                for every in args.durable_acks for w in args.windows]
    measures += [("CPU per message for who is away", offline("server_cpu_us"))]
    measures += [(f"p99 until delivery at {rate:,}/s", paced_ms(rate, "p99_us")) for rate in args.durable_rates]
    rows = [[name] + [times(ratio(median(p.rounds, get), median(ours.rounds, get))) for p in peers]
            for name, get in measures]
    return grid(["in multiples of Jackdaw's"] + [p.label for p in peers], rows)


def text_parts(entries, args):
    measured, back = [e for e in entries if e.rounds], [e for e in entries if e.resume]
    with_archive = [e for e in measured if "chat" in e.parts]
    parts = []
    if with_archive:
        parts += [f"Stream management and both archives on; {args.chat_sessions} sessions, bodies of {args.body} bytes; "
                  f"{args.durable_messages:,} messages for each of {args.chat_sessions} people who are away; rounds: "
                  f"{args.durable_rounds}.",
                  grid([""] + [e.label for e in with_archive], chat_rows(with_archive, args))]
    if measured:
        parts.append(grid([""] + [e.label for e in measured], pace_rows(measured, args)))
    if back:
        parts.append(resume_table(back))
    ours, relaxed = (next((e for e in measured if e.label == label), None)
                     for label in ("Jackdaw", "Jackdaw, relaxed"))
    peers = [e for e in with_archive if e.bare]
    if ours:
        parts.append(target_table(ours, relaxed, args))
    if ours and peers:
        parts.append(peer_table(ours, peers, args))
    return parts
