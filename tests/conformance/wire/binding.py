# Channel-binding data of a TLS transport (RFC 5929, RFC 9266).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import hashlib

# The last arcs of the signature algorithms whose hash is not replaced by SHA-256 (RFC 5929 §4.1), as DER object identifiers.
_SHA384 = (bytes.fromhex("06092a864886f70d01010c"), bytes.fromhex("06082a8648ce3d040303"))
_SHA512 = (bytes.fromhex("06092a864886f70d01010d"), bytes.fromhex("06082a8648ce3d040304"))


def server_end_point(certificate):
    """RFC 5929 §4: the hash of the certificate, by the hash function of its own signature."""
    if any(oid in certificate for oid in _SHA384):
        return hashlib.sha384(certificate).digest()
    if any(oid in certificate for oid in _SHA512):
        return hashlib.sha512(certificate).digest()
    return hashlib.sha256(certificate).digest()


def binding_data(transport, kind):
    if kind == "tls-exporter":
        return transport.sock.exporter()
    if kind == "tls-server-end-point":
        source = transport.sock if hasattr(transport.sock, "certificate") else transport
        return server_end_point(source.certificate())
    return transport.channel_binding(kind)
