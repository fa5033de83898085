# The client's side of SCRAM (RFC 5802, RFC 7677), with each part open to being got wrong on purpose.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import functools
import hashlib
import hmac
import os

HASHES = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}


def b64(data):
    return base64.b64encode(data).decode()


@functools.lru_cache(maxsize=256)
def _salted(hash_name, password, salt, count):
    return hashlib.pbkdf2_hmac(hash_name, password.encode(), salt, count)


class Scram:
    """One exchange.  GS2 is the header ("n,,", "y,,", "p=tls-exporter,,"), BINDING the channel-binding data."""

    def __init__(self, mechanism, user, password, gs2="n,,", binding=b""):
        self.hash_name = HASHES[mechanism.replace("-PLUS", "")]
        self.user, self.password = user.replace("=", "=3D").replace(",", "=2C"), password
        self.gs2, self.binding = gs2, binding
        self.nonce = b64(os.urandom(18))
        self.server_nonce = self.salt = self.count = None
        self._auth = self._salted = None

    def _hmac(self, key, text):
        return hmac.new(key, text, self.hash_name).digest()

    def first(self):
        self.bare = "n=%s,r=%s" % (self.user, self.nonce)
        return (self.gs2 + self.bare).encode()

    def read_challenge(self, challenge):
        fields = dict(f.split("=", 1) for f in challenge.decode().split(","))
        self.server_first = challenge.decode()
        self.server_nonce, self.count = fields["r"], int(fields["i"])
        self.salt = base64.b64decode(fields["s"], validate=True)

    def final(self, challenge, nonce=None, spoil_proof=False):
        self.read_challenge(challenge)
        bound = "c=%s,r=%s" % (b64(self.gs2.encode() + self.binding), nonce or self.server_nonce)
        self._auth = ("%s,%s,%s" % (self.bare, self.server_first, bound)).encode()
        self._salted = _salted(self.hash_name, self.password, self.salt, self.count)
        client_key = self._hmac(self._salted, b"Client Key")
        signature = self._hmac(hashlib.new(self.hash_name, client_key).digest(), self._auth)
        proof = bytearray(a ^ b for a, b in zip(client_key, signature))
        if spoil_proof:
            proof[0] ^= 1
        return ("%s,p=%s" % (bound, b64(bytes(proof)))).encode()

    def server_is_genuine(self, final):
        """RFC 5802 §3: the server proves that it knows the verifier too."""
        signature = self._hmac(self._hmac(self._salted, b"Server Key"), self._auth)
        return final == b"v=" + b64(signature).encode()
