# Subscriptions both ways, so that presence is told.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT


def _say(client, kind, to):
    client.send("<presence type='%s' to='%s'/>" % (kind, to))


def _await(client, kind, other):
    while True:
        stanza = client.expect("element", "presence of type %s" % kind)
        if stanza.name == "presence" and stanza.get("type") == kind and stanza.get("from").startswith(other):
            return
        if stanza.name == "iq" and stanza.get("type") == "set":
            client.send("<iq type='result' id='%s'/>" % stanza.get("id"))


def befriend(stage, accounts):
    """Each two that follow one another are contacts."""
    clients = {}
    for account in accounts:
        clients[account] = stage.authenticate(account)
        clients[account].bind("hello")
        clients[account].send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>")
    for one, other in zip(accounts[::2], accounts[1::2]):
        _say(clients[one], "subscribe", other.jid)
        _await(clients[other], "subscribe", one.jid)
        _say(clients[other], "subscribed", one.jid)
        _say(clients[other], "subscribe", one.jid)
        _await(clients[one], "subscribe", other.jid)
        _say(clients[one], "subscribed", other.jid)
        _await(clients[other], "subscribed", one.jid)
    for client in clients.values():
        client.send("</stream:stream>")
        client.expect_gone()
        client.close()
