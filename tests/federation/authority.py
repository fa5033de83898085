# Certificates for tests: an authority, and what it signs, rightly or not.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import datetime
import hashlib
import os
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

XMPP_ADDR = ObjectIdentifier("1.3.6.1.5.5.7.8.5")  # RFC 6120 §13.7.1.4
SRV_NAME = ObjectIdentifier("1.3.6.1.5.5.7.8.7")   # RFC 4985
UTF8_STRING, IA5_STRING = 0x0c, 0x16
VALID_DAYS = (-2, 30)
EXPIRED_DAYS = (-30, -1)
FUTURE_DAYS = (2, 30)


def der_string(tag, text):
    data = text.encode()
    assert len(data) < 128
    return bytes([tag, len(data)]) + data


def subject(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Certificate:
    """Files: `cert` (with what leads to the authority), `key`, and `both` in one."""

    def __init__(self, path, key, chain):
        self.x509 = chain[0]
        pem = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain)
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                   serialization.NoEncryption())
        self.cert, self.key, self.both = path + ".crt", path + ".key", path + ".pem"
        for name, data in ((self.cert, pem), (self.key, secret), (self.both, pem + secret)):
            with open(name, "wb") as f:
                f.write(data)
            os.chmod(name, 0o600)

    def digest(self, selector=0):
        """SHA-256 of the certificate, or of its key (RFC 6698 §2.1.2)."""
        if selector == 0:
            return hashlib.sha256(self.x509.public_bytes(serialization.Encoding.DER)).digest()
        return hashlib.sha256(self.x509.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).digest()


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder, self.name = folder, name
        self.count = 0
        self.lock = threading.Lock()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._build(subject(name), self.key.public_key(), VALID_DAYS, authority=True).sign(
            self.key, hashes.SHA256())
        self.pem = os.path.join(folder, name + ".pem")
        with open(self.pem, "wb") as f:
            f.write(self.root.public_bytes(serialization.Encoding.PEM))

    def _build(self, whose, public, days, issuer=None, authority=False):
        now = datetime.datetime.utcnow()
        first, last = (now + datetime.timedelta(days=d) for d in days)
        return (x509.CertificateBuilder().subject_name(whose).issuer_name(issuer or whose).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(first).not_valid_after(last)
                .add_extension(x509.BasicConstraints(authority, None), True))

    def issue(self, *dns, srv=(), xmpp=(), days=VALID_DAYS, self_signed=False, client=True):
        """For these DNS names ("*.x" is a wildcard); CLIENT: clients may use it too, as servers do that connect."""
        with self.lock:
            self.count += 1
            path = os.path.join(self.folder, "%s-%d" % (self.name, self.count))
        key = ec.generate_private_key(ec.SECP256R1())
        whose = subject((dns or srv or xmpp)[0])
        builder = self._build(whose, key.public_key(), days, whose if self_signed else self.root.subject)
        names = [x509.DNSName(name) for name in dns]
        names += [x509.OtherName(SRV_NAME, der_string(IA5_STRING, name)) for name in srv]
        names += [x509.OtherName(XMPP_ADDR, der_string(UTF8_STRING, name)) for name in xmpp]
        usages = [ExtendedKeyUsageOID.SERVER_AUTH] + ([ExtendedKeyUsageOID.CLIENT_AUTH] if client else [])
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), False)
        made = builder.sign(key if self_signed else self.key, hashes.SHA256())
        return Certificate(path, key, [made])
