# What one case gets: the server, fresh accounts, and clients that are closed when the case ends.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import itertools

from . import names
from .client import Client, Unexpected

Account = collections.namedtuple("Account", "user password jid")
_serial = itertools.count(1)


class Skip(Exception):
    """The case does not apply here; the text says why."""


class World:
    def __init__(self, server):
        self.server = server
        self.domain = server.domain
        self.clients = []
        self.source = self.new_source()

    @staticmethod
    def new_source():
        """A loopback address that no other case has used: limits by address are not shared."""
        n = next(_serial)
        return "127.%d.%d.%d" % (1 + n // 62500 % 250, 1 + n // 250 % 250, 1 + n % 250)

    def client(self, port="c2s", source=None, timeout=names.TIMEOUT, kind=Client):
        client = kind(("127.0.0.1", self.server.port(port)), self.domain, source or self.source, timeout)
        self.clients.append(client)
        return client

    def direct(self, source=None, kind=Client, **tls):
        """A client that has done the handshake on the direct TLS port, and has sent nothing yet."""
        client = self.client("tls", source, kind=kind)
        tls.setdefault("alpn", None if tls.get("gnutls") else ("xmpp-client",))
        if tls["alpn"] is None:
            del tls["alpn"]
        client.secure(**tls)
        return client

    def to_sasl(self, **tls):
        """A client at the features inside TLS."""
        client = self.direct(**tls)
        client.open()
        return client

    def account(self, user=None, password="pencil"):
        """A new account, made in-band (XEP-0077)."""
        user = user or "user%d" % next(_serial)
        client = self.to_sasl(source=self.new_source())
        answer = client.ask("<query xmlns='%s'><username>%s</username><password>%s</password></query>" % (
            names.REGISTER, user, password), "set")
        if answer.get("type") != "result":
            raise Unexpected("no account could be made: %s" % answer)
        client.send("</stream:stream>")
        client.close()
        self.clients.remove(client)
        return Account(user, password, "%s@%s" % (user, self.domain))

    def connect(self, account=None, resource=None, source=None):
        """A bound session, not yet available."""
        client = self.to_sasl(source=source)
        client.log_in_again(account or self.account(), resource)
        return client

    def online(self, account=None, resource=None, priority=None):
        """A session that is available."""
        return self.connect(account, resource).available(priority)

    def pair(self):
        return self.online(), self.online()

    def transcript(self):
        lines = []
        for i, client in enumerate(self.clients[-4:]):
            lines.append("  connection %d%s" % (i + 1, " (%s)" % client.jid if client.jid else ""))
            lines += ["    " + line for line in client.log]
        return "\n".join(lines)

    def close(self):
        for client in self.clients:
            client.close()
        self.clients = []
