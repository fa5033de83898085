# A wire between clients and the server that can be cut, and can lose what is on its way.
#
# What one side writes is lost by cutting the connection before it has arrived, so `lose` goes before `cut`, or before the
# server is killed.  Who connects while the server is away waits for it.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import socket
import threading
import time

TO_SERVER, TO_CLIENT = "to the server", "to the client"
AWAY_SECONDS, AWAY_PAUSE = 20, 0.05
PIECE = 65536


def _close(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()


class _Wire:
    """One connection, and its way on to the server."""

    def __init__(self, client):
        self.client, self.server = client, None
        self.lost = None  # the direction in which nothing arrives

    def run(self, port):
        try:
            self.server = self.connect(port)
            back = threading.Thread(target=self._carry, args=(self.server, self.client, TO_CLIENT), daemon=True)
            back.start()
            self._carry(self.client, self.server, TO_SERVER)
        except OSError:
            _close(self.client)

    @staticmethod
    def connect(port):
        end = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(AWAY_PAUSE)

    def _carry(self, source, sink, way):
        try:
            piece = source.recv(PIECE)
            while piece:
                if self.lost != way:
                    sink.sendall(piece)
                piece = source.recv(PIECE)
        except OSError:
            pass
        _close(sink)

    def cut(self):
        for end in (self.client, self.server):
            if end:
                _close(end)


class Relay:
    """Has the server's interface as far as a Peer needs it."""

    def __init__(self, server):
        self.server = server
        self.wires = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def port(self, _):
        return self.listener.getsockname()[1]

    def _accept(self):
        try:
            while True:
                wire = _Wire(self.listener.accept()[0])
                self.wires.append(wire)
                threading.Thread(target=wire.run, args=(self.server.port("c2s"),), daemon=True).start()
        except OSError:  # closed
            pass

    def lose(self, way):
        """From now on, on the connections that there are."""
        for wire in self.wires:
            wire.lost = way

    def cut(self):
        """All connections that there are; the next ones are whole."""
        wires, self.wires = self.wires, []
        for wire in wires:
            wire.cut()

    def close(self):
        _close(self.listener)
        self.cut()
