# federation_crowd.py - Jackdaw among many other domains: what the streams with them weigh.
#
# All of them are hosts of one other Jackdaw, which is not measured.  A user here asks each for an answer (XEP-0199), so there
# is a stream to each, and one from it for what it answers.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import re
import time

PARENT = "crowd.example"
AT_ONCE = 50  # questions under way
SETTLE_SECONDS = 3
HOST = """host "%s" {
	certificate = "%s"
	key = "%s"
}
"""


def read_pss(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return 1024 * int(re.search(r"(?m)^Pss:\s+(\d+) kB", f.read()).group(1))


def gather(site, federation, count):
    """(the Jackdaw that is measured, the domains of the other one)"""
    for name in ("here", "crowd"):
        federation.KINDS[name] = federation.KINDS["jackdaw"]
    quiet = 'log-level = "warning"\n'
    here = site.add("here", conf=quiet + "shards = 1\n")
    domains = [f"d{n}.{PARENT}" for n in range(count)]
    certificate = site.authority.issue("crowd.example", "*." + PARENT)
    blocks = "".join(HOST % (domain, certificate.cert, certificate.key) for domain in domains)
    crowd = site.add("crowd", conf=quiet, certificate=certificate, blocks=blocks)
    for domain in domains:
        site.zone.serve(domain, starttls=crowd.port("starttls"), target="xmpp." + PARENT)
    return here, domains


def ask_all(client, domains):
    """Until each has answered."""
    waiting, left = set(), list(domains)
    while waiting or left:
        while left and len(waiting) < AT_ONCE:
            domain = left.pop()
            client.send(f"<iq type='get' id='{domain}' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>")
            waiting.add(domain)
        answer = client.expect("element", "an answer of one of the domains")
        if answer.name == "iq" and answer.get("id") in waiting:
            if answer.get("type") != "result":
                raise RuntimeError(f"a domain does not answer: {answer}")
            waiting.remove(answer.get("id"))


def measure(federation, count):
    site = federation.Site(federation.MODES["external"])
    try:
        here, domains = gather(site, federation, count + 1)
        site.start()
        client = here.world().online()
        ask_all(client, domains[:1])  # what all streams share is there
        time.sleep(SETTLE_SECONDS)
        base = read_pss(here.process.pid)
        ask_all(client, domains[1:])
        time.sleep(SETTLE_SECONDS)
        pss, streams = read_pss(here.process.pid), here.open_files()
    finally:
        site.close()
    if streams < 2 * count:
        raise RuntimeError(f"{streams} sockets and files are open: there are not two streams for each domain")
    return {"domains": count, "base": base, "pss": pss, "each": (pss - base) / count}
