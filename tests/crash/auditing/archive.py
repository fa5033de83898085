# The archive of an account or a room, from its first message to its last (XEP-0313 §4, pages by XEP-0059).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.client import Unexpected

MAM = "urn:xmpp:mam:2"
RSM = "http://jabber.org/protocol/rsm"
FORWARD = names.FORWARD
PAGE = 100
QUERY = "<query xmlns='%s' queryid='%s'><set xmlns='%s'><max>%d</max>%s</set></query>"


class Unsupported(Exception):
    """The server has no archive."""


def _next_page(client, to, after):
    """(bodies, the last item's name, whether that was all)"""
    name = client.new_id()
    client.send("<iq type='set' id='%s'%s>%s</iq>" % (name, " to='%s'" % to if to else "", QUERY % (
        MAM, name, RSM, PAGE, "<after>%s</after>" % after if after else "")))
    bodies = []
    while True:
        stanza = client.expect("element", "a page of the archive")
        result = stanza.find("result", MAM) if stanza.name == "message" else None
        if result is not None and result.get("queryid") == name:
            body = result.find("forwarded", FORWARD).find("message", names.CLIENT).find("body")
            bodies += [body.text] if body is not None else []
        elif stanza.name == "iq" and stanza.get("id") == name:
            return (bodies, *_read_end(stanza))


def _read_end(iq):
    fin = iq.find("fin", MAM)
    if fin is None:
        raise Unsupported(str(iq))
    rsm = fin.find("set", RSM)
    last = rsm.find("last") if rsm is not None else None
    return (last.text if last is not None else None), fin.get("complete") in ("true", "1")


def read_archive(client, to=None):
    """The bodies, in order; of our own archive, or of that of room TO."""
    bodies, after, is_complete = [], None, False
    while not is_complete:
        page, after, is_complete = _next_page(client, to, after)
        bodies += page
        if not is_complete and not after:
            raise Unexpected("a page that is not the last one names no last item")
    return bodies


def write_down(stage, accounts):
    """The archives of all, as facts."""
    for account in accounts:
        client = stage.authenticate(account)
        client.bind("archivist")
        try:
            bodies = read_archive(client)
        except Unsupported:
            return
        stage.facts.add("archive", account.user)
        for body in bodies:
            stage.facts.add("archived", account.user, body)
        client.send("</stream:stream>")
        client.close()
