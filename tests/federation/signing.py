# DNSSEC (RFC 4034) for a zone that is signed as it is asked: one key, ECDSA P-256 with SHA-256 (RFC 6605).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import hashlib
import struct
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from zone import DNSKEY, IN, NSEC, RRSIG, wire_name

ALGORITHM = 13
KEY_FLAGS = 257  # a zone key, and a secure entry point
PROTOCOL = 3
DAY = 86400


def bitmap(kinds):
    """RFC 4034 §4.1.2, of types below 256."""
    bits = bytearray(32)
    for kind in kinds:
        bits[kind // 8] |= 0x80 >> kind % 8
    bits = bytes(bits).rstrip(b"\0")
    return bytes([0, len(bits)]) + bits


class Signer:
    def __init__(self, origin):
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.dnskey = (struct.pack("!HBB", KEY_FLAGS, PROTOCOL, ALGORITHM) +
                       numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))
        self.spoiled = False  # signatures are wrong from now on

    def key_tag(self):
        """RFC 4034 appendix B"""
        total = sum(b << 8 if i % 2 == 0 else b for i, b in enumerate(self.dnskey))
        return (total + (total >> 16)) & 0xffff

    def anchor(self):
        """The DS record, as a file of trust anchors has it."""
        digest = hashlib.sha256(wire_name(self.origin) + self.dnskey).hexdigest()
        return "%s. IN DS %d %d 2 %s\n" % (self.origin, self.key_tag(), ALGORITHM, digest)

    def nsec(self, name, kinds):
        """The next name is the least one behind NAME, so nothing else is said of any other."""
        return b"\1\0" + wire_name(name) + bitmap([*kinds, RRSIG, NSEC])

    def sign(self, name, kind, rdatas, ttl):
        """The RRSIG of a set of records (RFC 4034 §3.1)."""
        now = int(time.time())
        head = struct.pack("!HBBIIIH", kind, ALGORITHM, len(name.split(".")), ttl, now + DAY, now - DAY,
                           self.key_tag()) + wire_name(self.origin)
        owner = wire_name(name) + struct.pack("!HHI", kind, IN, ttl)
        text = head + b"".join(owner + struct.pack("!H", len(r)) + r for r in sorted(rdatas))
        r, s = decode_dss_signature(self.key.sign(text, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if self.spoiled and kind != DNSKEY:
            signature = bytes(64)
        return head + signature
