# SASL EXTERNAL with a client certificate (RFC 4422 appendix A, XEP-0178 §3).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import shutil
import subprocess

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.world import Skip

OPENSSL_SECONDS = 30
XMPP_ADDR = "1.3.6.1.5.5.7.8.5"  # id-on-xmppAddr, RFC 6120 §13.7.1.4


def openssl(*arguments):
    if not shutil.which("openssl"):
        raise Skip("no openssl to make client certificates with")
    subprocess.run(("openssl",) + arguments, check=True, capture_output=True, timeout=OPENSSL_SECONDS)


def new_key(path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", path)


def with_authority(text, folder):
    key, authority = os.path.join(folder, "ca.key"), os.path.join(folder, "ca.pem")
    new_key(key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Clients", "-days", "2", "-out", authority)
    return text.replace("\tcertificate =", "\tclient-ca = \"%s\"\n\tcertificate =" % authority, 1)


def certificate_for(world, *addresses, authority="ca"):
    """A PEM file with the certificate of a client that owns ADDRESSES, and its key."""
    folder = world.server.folder
    name = os.path.join(folder, "client-" + "-".join(a.partition("@")[0] for a in addresses) + authority)
    if authority != "ca":
        new_key(os.path.join(folder, authority + ".key"))
        openssl("req", "-x509", "-new", "-key", os.path.join(folder, authority + ".key"), "-subj", "/CN=Impostor", "-days", "2",
                "-out", os.path.join(folder, authority + ".pem"))
    with open(name + ".ext", "w", encoding="utf-8") as f:
        f.write("subjectAltName=%s\nextendedKeyUsage=clientAuth\n" % ",".join(
            "otherName:%s;UTF8:%s" % (XMPP_ADDR, a) for a in addresses))
    new_key(name + ".key")
    openssl("req", "-new", "-key", name + ".key", "-subj", "/CN=somebody", "-out", name + ".csr")
    openssl("x509", "-req", "-in", name + ".csr", "-CA", os.path.join(folder, authority + ".pem"),
            "-CAkey", os.path.join(folder, authority + ".key"), "-CAcreateserial", "-days", "2", "-extfile", name + ".ext",
            "-out", name + ".crt")
    with open(name + ".pem", "w", encoding="utf-8") as out:
        for part in (".crt", ".key"):
            with open(name + part, encoding="utf-8") as f:
                out.write(f.read())
    return name + ".pem"


def offers_external(client):
    return "EXTERNAL" in {m.text for m in client.stream_features.find("mechanisms", names.SASL).all("mechanism")}


def enter(client, account, authzid):
    client.auth("EXTERNAL", authzid)
    client.expect_sasl("success")
    client.restart()
    client.open()
    if not client.bind().startswith(account.jid + "/"):
        raise Unexpected("bound as %s" % client.jid)


@case
def external_is_not_offered_without_a_client_certificate(world):
    """XEP-0178 §3 step 9"""
    client = world.to_sasl()
    if offers_external(client):
        raise Unexpected("EXTERNAL is offered: %s" % client.stream_features)
    client.auth("EXTERNAL", b"")
    client.expect_sasl_failure("invalid-mechanism", "not-authorized")


@case(own_server=True, server={"edit": with_authority})
def a_client_certificate_logs_its_owner_in(world):
    """XEP-0178 §3 steps 9 to 11"""
    account = world.account()
    certificate = certificate_for(world, account.jid)
    for version in ("1.2", "1.3"):
        for authzid in (b"", account.jid.encode()):
            client = world.to_sasl(client_cert=certificate, version=version)
            if not offers_external(client):
                raise Unexpected("EXTERNAL is not offered: %s" % client.stream_features)
            enter(client, account, authzid)


@case(own_server=True, server={"edit": with_authority})
def a_client_certificate_does_not_log_another_in(world):
    """XEP-0178 §3 step 11, RFC 6120 §6.5.6, §6.5.10"""
    account, victim = world.account(), world.account()
    certificate = certificate_for(world, account.jid)
    client = world.to_sasl(client_cert=certificate)
    client.auth("EXTERNAL", victim.jid.encode())
    client.expect_sasl_failure("invalid-authzid", "not-authorized")


@case(own_server=True, server={"edit": with_authority})
def a_certificate_of_several_addresses_needs_to_say_which(world):
    """XEP-0178 §3 step 9, 11"""
    one, two = world.account(), world.account()
    certificate = certificate_for(world, one.jid, two.jid)
    enter(world.to_sasl(client_cert=certificate), two, two.jid.encode())
    client = world.to_sasl(client_cert=certificate)
    client.auth("EXTERNAL", b"")
    client.expect_sasl_failure("invalid-authzid", "not-authorized")


@case(own_server=True, server={"edit": with_authority})
def a_certificate_of_an_unknown_authority_logs_nobody_in(world):
    """XEP-0178 §3 step 8"""
    account = world.account()
    certificate = certificate_for(world, account.jid, authority="impostor")
    try:
        client = world.to_sasl(client_cert=certificate)
    except (names.Reset, Unexpected):
        return  # refused in the handshake
    client.auth("EXTERNAL", account.jid.encode())
    client.expect_sasl_failure("invalid-mechanism", "not-authorized", "invalid-authzid")


@case(own_server=True, server={"edit": with_authority})
def a_certificate_for_nobodys_address_logs_nobody_in(world):
    """XEP-0178 §3, RFC 6120 §6.5.10: no account, no session"""
    certificate = certificate_for(world, "nobody@%s" % world.domain)
    client = world.to_sasl(client_cert=certificate)
    client.auth("EXTERNAL", b"")
    client.expect_sasl_failure("not-authorized", "invalid-authzid", "invalid-mechanism")


@case(own_server=True, server={"edit": with_authority})
def a_client_without_a_certificate_still_logs_in_by_password(world):
    """XEP-0178 §3: a certificate is asked for, not demanded"""
    world.online()
