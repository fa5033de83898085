# TLS by GnuTLS through ctypes: Python's own ssl cannot export keying material (RFC 5705), which tls-exporter asks for.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import ctypes
import select
import time

from .names import TIMEOUT, Reset

CLIENT = 1 << 1
NONBLOCK = 1 << 3
CRD_CERTIFICATE = 1
NAME_DNS = 1
SHUT_WR = 1
UPDATE_PEER = 1
AGAIN, INTERRUPTED, PREMATURE = -28, -52, -110


class Unavailable(Exception):
    """libgnutls is not installed."""


def _load():
    try:
        lib = ctypes.CDLL("libgnutls.so.30")
    except OSError as e:
        raise Unavailable(str(e)) from None
    lib.gnutls_record_recv.restype = ctypes.c_ssize_t
    lib.gnutls_record_send.restype = ctypes.c_ssize_t
    lib.gnutls_record_recv.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    lib.gnutls_record_send.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    lib.gnutls_strerror.restype = ctypes.c_char_p
    lib.gnutls_transport_set_int2.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    lib.gnutls_transport_set_int2.restype = None
    lib.gnutls_certificate_get_peers.restype = ctypes.POINTER(_Datum)
    lib.gnutls_credentials_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    lib.gnutls_server_name_set.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
    lib.gnutls_prf_rfc5705.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
                                       ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p]
    return lib


class _Datum(ctypes.Structure):
    _fields_ = [("data", ctypes.POINTER(ctypes.c_ubyte)), ("size", ctypes.c_uint)]


class GnutlsSession:
    """Takes over a connected socket; the methods are those that Transport asks of an ssl socket."""

    def __init__(self, sock, server_name, priority="NORMAL"):
        self.lib = _load()
        self.sock = sock
        self.deadline = TIMEOUT
        sock.setblocking(False)
        self.session = ctypes.c_void_p()
        self.credentials = ctypes.c_void_p()
        self.lib.gnutls_certificate_allocate_credentials(ctypes.byref(self.credentials))
        self.lib.gnutls_init(ctypes.byref(self.session), CLIENT | NONBLOCK)
        self.lib.gnutls_priority_set_direct(self.session, priority.encode(), None)
        self.lib.gnutls_credentials_set(self.session, CRD_CERTIFICATE, self.credentials)
        name = server_name.encode()
        self.lib.gnutls_server_name_set(self.session, NAME_DNS, name, len(name))
        self.lib.gnutls_transport_set_int2(self.session, sock.fileno(), sock.fileno())
        self._until_done(lambda: self.lib.gnutls_handshake(self.session))

    def _until_done(self, step):
        end = time.monotonic() + self.deadline
        while True:
            ret = step()
            if ret >= 0:
                return ret
            if ret not in (AGAIN, INTERRUPTED):
                raise Reset("GnuTLS: %s" % self.lib.gnutls_strerror(ctypes.c_int(ret)).decode())
            left = end - time.monotonic()
            writing = self.lib.gnutls_record_get_direction(self.session)
            ready = select.select([] if writing else [self.sock], [self.sock] if writing else [], [], max(left, 0))
            if left <= 0 or not (ready[0] or ready[1]):
                raise TimeoutError("timed out in TLS")

    def settimeout(self, seconds):
        self.deadline = seconds

    def fileno(self):
        return self.sock.fileno()

    def pending(self):
        return self.lib.gnutls_record_check_pending(self.session)

    def sendall(self, data):
        sent = 0
        while sent < len(data):
            piece = data[sent:sent + 16384]
            sent += self._until_done(lambda: self.lib.gnutls_record_send(self.session, piece, len(piece)))

    def recv(self, size):
        buffer = ctypes.create_string_buffer(size)
        got = self._until_done(lambda: self.lib.gnutls_record_recv(self.session, buffer, size))
        return buffer.raw[:got]

    def update_key(self):
        """A KeyUpdate of TLS 1.3 that asks for the peer's too."""
        self._until_done(lambda: self.lib.gnutls_session_key_update(self.session, UPDATE_PEER))

    def end_writing(self):
        """close_notify in our direction only."""
        self._until_done(lambda: self.lib.gnutls_bye(self.session, SHUT_WR))

    def exporter(self, context=b""):
        """tls-exporter (RFC 9266 §2): label, empty context (None: none at all), 32 bytes."""
        label = b"EXPORTER-Channel-Binding"
        out = ctypes.create_string_buffer(32)
        ret = self.lib.gnutls_prf_rfc5705(self.session, len(label), label, 0, context, 32, out)
        if ret < 0:
            raise Reset("GnuTLS: no keying material")
        return out.raw

    def certificate(self):
        count = ctypes.c_uint()
        first = self.lib.gnutls_certificate_get_peers(self.session, ctypes.byref(count))[0]
        return bytes(first.data[:first.size])

    def close(self):
        if self.session:
            self.lib.gnutls_deinit(self.session)
            self.lib.gnutls_certificate_free_credentials(self.credentials)
            self.session = None
        self.sock.close()
