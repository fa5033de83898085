# figures.py - from the rounds' raw figures to the tables that people read.
#
# A server's result is a list of rounds, each {"ready_seconds", "rss", "idle": report, "chat": report}, where a report
# is what "load --json" printed; a round of the storm is {"storm": report, "secure": report, "bound": report}.  Every
# figure shown is the median of its rounds, with the least and the most behind it where the cost is what is compared:
# the machine may have other work to do.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import statistics

# What Jackdaw's costs may be, as multiples of the relay's; None where the target is absolute.
TARGET_CHAT = {1: 2.0, 8: 4.0}
TARGET_LOGIN = 2.0
TARGET_IDLE_KIB = 14.0
TARGET_SHARDS = 1.7
TARGET_STORM_LOGIN_MS = 1.5
TARGET_DELIVERY_US = 6.0
TARGET_GROWTH_KIB = 4.0


def chat_of(round_, window, key):
    for chat in round_["chat"]["chat"]:
        if chat["window"] == window:
            return chat[key]
    return None


def values(rounds, get):
    found = [get(r) for r in rounds]
    return [v for v in found if v is not None]


def median(rounds, get):
    found = values(rounds, get)
    return statistics.median(found) if found else None


def login_ms(r):
    return r["idle"]["login"]["server_cpu_us"] / 1000


def idle_kib(r):
    return r["idle"]["idle"]["pss_per_session"] / 1024


def chat_us(window):
    return lambda r: chat_of(r, window, "server_cpu_us")


def show(value, digits):
    return "–" if value is None else f"{value:,.{digits}f}"


def with_spread(rounds, get, digits):
    found = values(rounds, get)
    text = show(median(rounds, get), digits)
    if len(found) < 2:
        return text
    return f"{text} ({show(min(found), digits)}–{show(max(found), digits)})"


def grid(head, rows):
    """An aligned Markdown table."""
    lines = [head] + rows
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]

    def line_of(cells):
        first = cells[0].ljust(widths[0])
        rest = [c.rjust(w) for c, w in zip(cells[1:], widths[1:])]
        return "| " + " | ".join([first] + rest) + " |"

    rule = "|" + "|".join([":" + "-" * (widths[0] + 1)] + ["-" * (w + 1) + ":" for w in widths[1:]]) + "|"
    return "\n".join([line_of(head), rule] + [line_of(r) for r in rows])


def main_table(results, windows):
    """RESULTS: label -> rounds."""
    def row(name, cell):
        return [name] + [cell(rounds) for rounds in results.values()]

    rows = []
    for w in windows:
        rows.append(row(f"server CPU per message, {w} in flight, µs",
                        lambda r, w=w: with_spread(r, chat_us(w), 2)))
    rows.append(row("server CPU per login, ms", lambda r: with_spread(r, login_ms, 3)))
    rows.append(row("memory per idle session, KiB of PSS", lambda r: with_spread(r, idle_kib, 1)))
    for w in windows:
        rows.append(row(f"messages per second, {w} in flight",
                        lambda r, w=w: show(median(r, lambda x: chat_of(x, w, "per_second")), 0)))
        rows.append(row(f"latency p50 / p99, {w} in flight, ms", lambda r, w=w: latency(r, w)))
    rows.append(row("logins per second",
                    lambda r: show(median(r, lambda x: x["idle"]["login"]["per_second"]), 0)))
    rows.append(row("start until ready, s", lambda r: show(median(r, lambda x: x["ready_seconds"]), 2)))
    rows.append(row("memory when empty, MiB of RSS",
                    lambda r: show(median(r, lambda x: x["rss"] / 2**20), 1)))
    return grid([""] + list(results), rows)


def latency(rounds, window):
    p50 = median(rounds, lambda r: chat_of(r, window, "p50_us") / 1000)
    p99 = median(rounds, lambda r: chat_of(r, window, "p99_us") / 1000)
    return f"{show(p50, 2)} / {show(p99, 2)}"


def ratio(a, b):
    return None if a is None or not b else a / b


def times(value):
    return "–" if value is None else f"{value:.2f} ×"


def verdict(value, limit):
    if value is None:
        return "not measured"
    return "met" if value <= limit else "missed"


def target_table(ours, relay, windows):
    """Jackdaw against the targets that it has set itself."""
    rows = []
    for w in windows:
        if w in TARGET_CHAT:
            r = ratio(median(ours, chat_us(w)), median(relay, chat_us(w)))
            rows.append([f"CPU per message, {w} in flight, to the relay's", times(r),
                         f"at most {TARGET_CHAT[w]:.0f} ×", verdict(r, TARGET_CHAT[w])])
    r = ratio(median(ours, login_ms), median(relay, login_ms))
    rows.append(["CPU per login, to the relay's handshake", times(r), f"at most {TARGET_LOGIN:.0f} ×",
                 verdict(r, TARGET_LOGIN)])
    kib = median(ours, idle_kib)
    rows.append(["memory per idle session", f"{show(kib, 1)} KiB", f"at most {TARGET_IDLE_KIB:.0f} KiB",
                 verdict(kib, TARGET_IDLE_KIB)])
    return grid(["Jackdaw", "measured", "target", ""], rows)


def peer_table(ours, peers, windows):
    """How many times Jackdaw's cost the others' is."""
    measures = [(f"CPU per message, {w} in flight", chat_us(w)) for w in windows]
    measures += [("CPU per login", login_ms), ("memory per idle session", idle_kib)]
    rows = [[name] + [times(ratio(median(rounds, get), median(ours, get))) for rounds in peers.values()]
            for name, get in measures]
    return grid(["cost in multiples of Jackdaw's"] + list(peers), rows)


def shard_table(one, many, shards, windows):
    """What more shards bring: by the clock, and by the processor time of the busiest thread."""
    rows = []
    for w in windows:
        def clock(r, w=w):
            return chat_of(r, w, "per_second")

        def busiest(r, w=w):
            us = chat_of(r, w, "busiest_thread_us")
            return 1e6 / us if us else None

        for name, get in (("per second by the clock", clock),
                          ("per CPU second of the busiest thread", busiest)):
            a, b = median(one, get), median(many, get)
            rows.append([f"messages {name}, {w} in flight", show(a, 0), show(b, 0), times(ratio(b, a))])
    return grid(["", "1 shard", f"{shards} shards", f"gain (target {TARGET_SHARDS} ×)"], rows)


def crowd_table(crowd):
    """CROWD: label -> one report of a run with many idle sessions."""
    rows = [[label, show(r["idle"]["sessions"], 0), show(r["idle"]["pss_per_session"] / 1024, 1),
             show(r["login"]["server_cpu_us"] / 1000, 3), show(r["login"]["per_second"], 0)]
            for label, r in crowd.items()]
    return grid(["", "idle sessions", "KiB of PSS each", "CPU per login, ms", "logins per second"], rows)


def login_cpu_ms(part):
    """PART: storm, or how far the logins went that show its cost."""
    return lambda r: r[part]["login"]["server_cpu_us"] / 1000


def storm_login_ms(r):
    """What a login costs beyond connection and TLS handshake."""
    return login_cpu_ms("storm")(r) - login_cpu_ms("secure")(r)


def storm_bind_ms(r):
    return login_cpu_ms("bound")(r) - login_cpu_ms("secure")(r)


def storm_settle_ms(r):
    return login_cpu_ms("storm")(r) - login_cpu_ms("bound")(r)


def storm_presences(r):
    return r["storm"]["storm"]["login_presences"] / r["storm"]["login"]["sessions"]


def at_rate(rate, key):
    """A figure of the changes that were made at RATE per second."""
    def get(r):
        for changes in r["storm"]["storm"]["changes"]:
            if changes["rate"] == rate:
                return changes[key]
        return None
    return get


def delivery_us(rate):
    return at_rate(rate, "server_cpu_us")


def rate_name(rate):
    return f"{rate:,} changes a second" if rate else "as fast as they arrive"


def storm_kib(r):
    return r["storm"]["idle"]["pss_per_session"] / 1024


def storm_anon_kib(r):
    """Less the pages of mapped files: those of a database are the kernel's cache, which it takes back."""
    return r["storm"]["idle"]["anon_per_session"] / 1024


def growth_kib(storm, bare):
    """What roster, presence and carbons add to a session, in KiB; BARE: the rounds without them."""
    a, b = median(storm, storm_kib), median(bare or [], idle_kib)
    return None if a is None or b is None else a - b


def growth_anon_kib(storm, bare):
    a, b = median(storm, storm_anon_kib), median(bare or [], lambda r: r["idle"]["idle"]["anon_per_session"] / 1024)
    return None if a is None or b is None else a - b


def storm_table(storms, bare, rates):
    """STORMS and BARE: label -> rounds."""
    def row(name, get, digits):
        return [name] + [with_spread(rounds, get, digits) for rounds in storms.values()]

    rows = [row("server CPU per login, ms", login_cpu_ms("storm"), 3),
            row("of it until TLS stands", login_cpu_ms("secure"), 3),
            row("**the TLS handshake apart**", storm_login_ms, 3),
            row("of that authentication and binding", storm_bind_ms, 3),
            row("of that roster, carbons and presence", storm_settle_ms, 3),
            row("presences that came with a login", storm_presences, 1),
            row("logins per second", lambda r: r["storm"]["login"]["per_second"], 0)]
    for rate in rates:
        rows += [row(f"**server CPU per presence delivered**, {rate_name(rate)}, µs", delivery_us(rate), 2),
                 row("presences delivered per second", at_rate(rate, "per_second"), 0)]
    rows += [row("memory per session, KiB of PSS", storm_kib, 1),
            ["**more than a bare session's**"] + [show(growth_kib(rounds, bare.get(label)), 1)
                                                  for label, rounds in storms.items()],
            row("memory per session, KiB without mapped files", storm_anon_kib, 1),
            ["**more than a bare session's**"] + [show(growth_anon_kib(rounds, bare.get(label)), 1)
                                                  for label, rounds in storms.items()]]
    return grid([""] + list(storms), rows)


def storm_target_table(ours, bare, rates):
    deliveries = [(f"CPU per presence delivered, {rate_name(rate)}", median(ours, delivery_us(rate)), 2, "µs",
                   TARGET_DELIVERY_US) for rate in rates]
    rows = [[name, f"{show(value, digits)} {unit}", f"at most {limit:g} {unit}", verdict(value, limit)]
            for name, value, digits, unit, limit in (
                ("CPU per login of the storm, TLS handshake apart", median(ours, storm_login_ms), 3, "ms",
                 TARGET_STORM_LOGIN_MS),
                *deliveries,
                ("memory per session beyond a bare one's, PSS", growth_kib(ours, bare), 1, "KiB", TARGET_GROWTH_KIB),
                ("the same without mapped files", growth_anon_kib(ours, bare), 1, "KiB", TARGET_GROWTH_KIB))]
    return grid(["Jackdaw", "measured", "target", ""], rows)


def storm_peer_table(ours, peers, rates):
    measures = [("CPU per login of the storm, TLS handshake apart", storm_login_ms),
                *((f"CPU per presence delivered, {rate_name(rate)}", delivery_us(rate)) for rate in rates),
                ("memory per session with contacts", storm_kib)]
    rows = [[name] + [times(ratio(median(rounds, get), median(ours, get))) for rounds in peers.values()]
            for name, get in measures]
    return grid(["cost in multiples of Jackdaw's"] + list(peers), rows)
