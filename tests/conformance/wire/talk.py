# What people do in many cases, and what must come of it.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from . import names
from .client import Unexpected


def must(wanted, got, what):
    if wanted != got:
        raise Unexpected("%s: expected %s, got %s" % (what, wanted, got))


def bare(client):
    return client.jid.partition("/")[0]


def chat(client, to, name, kind="chat"):
    client.send("<message to='%s' id='%s' type='%s'><body>x</body></message>" % (to, name, kind))


def seen(client, contact):
    """(from, type) of each presence that came, up to the answer of that account to a question that is sent now."""
    name, got = client.new_id(), []
    client.send("<iq type='get' id='%s' to='%s'><q xmlns='urn:example:q'/></iq>" % (name, bare(contact)))
    while True:
        element = client.expect("element", "presence, and an answer")
        if element.is_a("presence", names.CLIENT):
            got.append((element.get("from"), element.get("type") or "available"))
        elif element.get("id") == name:
            return got


def befriend(a, b):
    """Each sees the other from now on, and has read all of it."""
    for one, other in ((a, b), (b, a)):
        one.send("<presence type='subscribe' to='%s'/>" % bare(other))
        other.until(lambda e: e.is_a("presence", names.CLIENT) and e.get("type") == "subscribe")
        other.send("<presence type='subscribed' to='%s'/>" % bare(one))
        one.until(lambda e: e.is_a("presence", names.CLIENT) and e.get("from") == other.jid and e.get("type") is None)
        seen(one, other)
