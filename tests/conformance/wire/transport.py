# Bytes to and from the server: TCP, and TLS over it by Python's ssl or by GnuTLS.
#
# Each transport may have a source address of its own in 127/8, so that limits by address do not tie one case to another.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import functools
import select
import socket
import ssl

from .gnutls import GnutlsSession
from .names import TIMEOUT, Reset


@functools.lru_cache(maxsize=None)
def _context(version, alpn, client_cert):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version == "1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    elif version == "1.3":
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if client_cert:
        context.load_cert_chain(client_cert)
    return context


class Transport:
    def __init__(self, address, source=None, timeout=TIMEOUT):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        if source and family == socket.AF_INET:
            self.sock.bind((source, 0))
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = None

    @classmethod
    def over(cls, sock):
        """Over a socket that was accepted."""
        self = cls.__new__(cls)
        self.sock, self.tls = sock, None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def start_tls(self, server_name, version=None, alpn=None, client_cert=None):
        try:
            self.sock = _context(version, alpn, client_cert).wrap_socket(
                self.sock, server_hostname=server_name, suppress_ragged_eofs=False)
        except (ConnectionError, ssl.SSLError) as e:
            raise Reset("in the TLS handshake: %s" % e) from None
        self.tls = self.sock

    def start_gnutls(self, server_name, priority="NORMAL"):
        self.sock = GnutlsSession(self.sock, server_name, priority)
        self.tls = self.sock

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (ConnectionError, ssl.SSLError) as e:
            raise Reset("while sending: %s" % e) from None

    def recv(self, timeout=TIMEOUT):
        """Some bytes; b"" at an orderly end; raises TimeoutError, or Reset at a disorderly end."""
        self.sock.settimeout(timeout)
        try:
            return self.sock.recv(65536)
        except TimeoutError:
            raise
        except (ConnectionError, ssl.SSLError) as e:
            raise Reset(str(e)) from None

    def readable(self, timeout=0):
        if self.tls and getattr(self.tls, "pending", int)():
            return True
        return bool(select.select([self.sock], [], [], timeout)[0])

    def half_close(self):
        """Ends our direction only: TLS close_notify cannot be had alone from Python, so this is for clear TCP."""
        self.sock.shutdown(socket.SHUT_WR)

    def certificate(self):
        return self.sock.getpeercert(binary_form=True)

    def channel_binding(self, kind):
        """The data of tls-unique, of which alone Python knows."""
        return self.sock.get_channel_binding(kind)

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass

    def abort(self):
        """Ends the connection with RST."""
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        except OSError:
            pass
        self.close()
