# The server is stopped, or killed, and started again; and those who talk on across it.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from .case import add_case
from .names import Reset
from .sm import SM, resume
from .talk import must


def two_shards(text, _folder):
    return "shards = 2\n" + text


def kill(world):
    world.server.kill()
    world.server.start()


def stop(world):
    must([], world.server.stop(), "complaints")
    world.server.start()


def each_way(sentence, section, edit=two_shards):
    """The case for a server that was killed, and for one that was stopped."""
    def add(f):
        for how, restart in (("killed", kill), ("stopped", stop)):
            add_case(f.__module__, sentence % how, section, lambda world, r=restart: f(world, r), own_server=True,
                     server={"edit": edit})
        return f
    return add


class Sender:
    """Sends numbered messages, and after each break sends on from where the server is."""

    def __init__(self, client, to, mark, kind="chat"):
        self.client, self.to, self.mark, self.kind = client, to, mark, kind
        self.sent = 0
        self.before = 0  # stanzas that the server had counted before the first of them

    def send(self, n):
        text = "".join("<message to='%s' id='%s%d' type='%s'><body>x</body></message>%s" % (
            self.to, self.mark, i, self.kind, "<r xmlns='%s'/>" % SM if i % 4 == 0 else "")
            for i in range(self.sent, self.sent + n))
        self.sent += n
        try:
            self.client.send(text)
        except Reset:
            pass

    def read(self, inbox, acknowledge):
        """What came; ACKNOWLEDGE every so many messages, or none (0)."""
        try:
            while True:
                kind, element = self.client.next(0.01)
                if kind != "element":
                    return
                if element.name == "message":
                    inbox.append(element.get("id"))
                    if acknowledge and len(inbox) % acknowledge == 0:
                        self.client.ack()
        except (TimeoutError, Reset):
            pass

    def come_back(self, world):
        self.client = resume(world, self.client)
        self.sent = int(self.client.answer.get("h")) - self.before
