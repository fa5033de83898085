# SASL ANONYMOUS (RFC 4505, XEP-0175): only on a host that allows it.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected


def open_to_anyone(text, _folder):
    return text.replace("\tcertificate =", "\tanonymous = true\n\tcertificate =", 1)


def offered(client):
    return {m.text for m in client.stream_features.find("mechanisms", names.SASL).all("mechanism")}


@case
def anonymous_is_refused_where_it_is_not_allowed(world):
    """RFC 6120 §6.5.7"""
    client = world.to_sasl()
    if "ANONYMOUS" in offered(client):
        raise Unexpected("ANONYMOUS is offered")
    client.auth("ANONYMOUS", b"trace")
    client.expect_sasl_failure("invalid-mechanism")


@case(own_server=True, server={"edit": open_to_anyone})
def anonymous_users_get_names_of_their_own_and_can_talk(world):
    """XEP-0175 §3, RFC 4505 §2"""
    jids = []
    clients = []
    for initial in (b"", b"sirhc@example.org"):
        client = world.to_sasl()
        if "ANONYMOUS" not in offered(client):
            raise Unexpected("ANONYMOUS is not offered: %s" % client.stream_features)
        client.auth("ANONYMOUS", initial)
        client.expect_sasl("success")
        client.restart()
        client.open()
        client.bind()
        client.available()
        clients.append(client)
        jids.append(client.jid.partition("/")[0])
    if jids[0] == jids[1]:
        raise Unexpected("two strangers share the name %s" % jids[0])
    clients[0].send("<message to='%s' id='m'/>" % clients[1].jid)
    clients[1].expect_element("message", id="m")
