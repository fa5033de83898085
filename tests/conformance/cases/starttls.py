# STARTTLS (RFC 6120 §5) and direct TLS (XEP-0368).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import ssl
import tempfile

from wire import names
from wire.case import case
from wire.client import HEADER, Client, Unexpected
from wire.names import Reset
from wire.world import Skip

STARTTLS = "<starttls xmlns='%s'/>" % names.TLS


@case
def starttls_leads_to_a_stream_inside_tls(world):
    """RFC 6120 §5.4"""
    client = world.client()
    client.to_tls()
    if client.transport.sock.version() not in ("TLSv1.2", "TLSv1.3"):
        raise Unexpected("an old version of TLS: %s" % client.transport.sock.version())


@case
def tls_1_2_and_tls_1_3_are_both_spoken(world):
    """RFC 6120 §13.8, RFC 7590 §3.1"""
    for version in ("1.2", "1.3"):
        world.client().to_tls(version=version)


@case
def old_versions_of_tls_are_refused(world):
    """RFC 7590 §3.1, RFC 8996"""
    client = world.client()
    client.open()
    client.send(STARTTLS)
    client.expect_element("proceed", names.TLS)
    try:
        client.secure(gnutls="NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0:%COMPAT")
    except (Reset, TimeoutError):
        return
    raise Unexpected("the server spoke TLS 1.1 or older")


@case
def what_was_sent_in_the_clear_after_starttls_is_never_read_as_encrypted(world):
    """RFC 6120 §5.4.2.3, §5.4.3.3: the command injection of other protocols"""
    client = world.client()
    client.open()
    client.send(STARTTLS + HEADER % world.domain)
    client.expect_element("proceed", names.TLS)
    client.restart()
    try:
        client.secure()
    except Reset:
        return  # taken as a broken handshake: as safe
    client.nothing_for(0.5)
    client.open()


@case
def a_stanza_smuggled_before_tls_is_not_answered_inside_it(world):
    """RFC 6120 §5.4.3.3"""
    client = world.client()
    client.open()
    client.send(STARTTLS + "<auth xmlns='%s' mechanism='PLAIN'>AGEAYg==</auth>" % names.SASL)
    client.expect_element("proceed", names.TLS)
    client.restart()
    try:
        client.secure()
    except Reset:
        return
    client.nothing_for(0.5)


@case
def a_second_starttls_is_refused(world):
    """RFC 6120 §5.3.4, §5.4.2.2"""
    client = world.client()
    client.to_tls()
    client.send(STARTTLS)
    kind, element = client.next()
    if not element or not (element.is_a("failure", names.TLS) or element.is_a("error", names.STREAMS)):
        raise Unexpected("expected <failure/> or a stream error, got %s %s" % (kind, element))
    client.expect_end()


@case
def starttls_on_the_direct_tls_port_is_refused(world):
    """XEP-0368 §3 rule 5"""
    client = world.to_sasl()
    client.send(STARTTLS)
    kind, element = client.next()
    if not element or not (element.is_a("failure", names.TLS) or element.is_a("error", names.STREAMS)):
        raise Unexpected("expected <failure/> or a stream error, got %s %s" % (kind, element))
    client.expect_end()


@case
def garbage_in_place_of_a_handshake_ends_the_connection(world):
    """RFC 6120 §5.4.3.2"""
    client = world.client()
    client.open()
    client.send(STARTTLS)
    client.expect_element("proceed", names.TLS)
    client.transport.send(b"this is no ClientHello, not at all\r\n" * 10)
    end = Unexpected("the connection outlives a broken handshake")
    for _ in range(50):
        try:
            if not client.transport.recv():
                return
        except Reset:
            return
        except TimeoutError:
            break
    raise end


@case
def starttls_in_another_namespace_is_not_starttls(world):
    """RFC 6120 §5.4.2.1"""
    client = world.client()
    client.open()
    client.send("<starttls xmlns='urn:example:tls'/>")
    client.expect_stream_error("unsupported-stanza-type", "not-authorized")


@case
def direct_tls_needs_no_starttls(world):
    """XEP-0368 §3"""
    features = world.direct().open()
    if features.find("starttls", names.TLS) is not None:
        raise Unexpected("starttls is offered inside TLS: %s" % features)
    if features.find("mechanisms", names.SASL) is None:
        raise Unexpected("no mechanisms inside TLS: %s" % features)


@case
def direct_tls_agrees_on_the_protocol_xmpp_client(world):
    """XEP-0368 §3 rule 8"""
    client = world.direct(alpn=("xmpp-client",))
    if client.transport.sock.selected_alpn_protocol() != "xmpp-client":
        raise Unexpected("ALPN chose %s" % client.transport.sock.selected_alpn_protocol())
    client.open()


@case
def direct_tls_works_without_alpn(world):
    """XEP-0368 §3: SHOULD, and §5: it may be disabled"""
    client = world.client("tls")
    client.secure()
    client.open()


@case
def direct_tls_does_not_take_another_protocol_for_ours(world):
    """XEP-0368 §3, RFC 7301 §3.2"""
    client = world.client("tls")
    try:
        client.secure(alpn=("h2", "http/1.1"))
    except Reset:
        return
    chosen = client.transport.sock.selected_alpn_protocol()
    if chosen is not None:
        raise Unexpected("ALPN chose %s" % chosen)


@case
def the_certificate_is_for_the_host_of_the_server_name(world):
    """RFC 6120 §13.7.1.2, XEP-0368 §3 rule 6"""
    for port in ("c2s", "tls"):
        client = world.client(port)
        if port == "c2s":
            client.open()
            client.start_tls()
        else:
            client.secure()
        pem = ssl.DER_cert_to_PEM_cert(client.transport.certificate())
        names_in_it = _dns_names(pem)
        if world.domain not in names_in_it:
            raise Unexpected("the certificate names %s" % names_in_it)


def _dns_names(pem):
    """The DNS names of a certificate, read by trusting it alone."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as f:
        f.write(pem)
    try:
        decoded = ssl._ssl._test_decode_cert(f.name)
    finally:
        os.unlink(f.name)
    return [value for kind, value in decoded.get("subjectAltName", ()) if kind == "DNS"]


@case
def a_client_without_a_server_name_gets_a_certificate_too(world):
    """RFC 6120 §5.4: the 'to' of the stream says it as well"""
    client = world.client()
    client.open()
    client.start_tls(server_name=None)
    client.open()


@case
def an_unknown_server_name_does_not_break_the_stream_that_names_us(world):
    """RFC 6066 §3"""
    client = world.client("tls")
    try:
        client.secure(server_name="unknown.example")
    except Reset as e:
        if "unrecognized" in str(e).lower():
            return
        raise
    client.open()


@case
def plain_is_refused_before_tls(world):
    """RFC 6120 §6.5.3: encryption-required"""
    client = world.client()
    client.open()
    client.plain("romeo", "pencil")
    client.expect_sasl_failure("encryption-required")


@case
def scram_is_refused_before_tls(world):
    """RFC 6120 §6.5.3: where TLS is required"""
    client = world.client()
    client.open()
    client.begin_scram("romeo", "pencil")
    client.expect_sasl_failure("encryption-required")


@case
def a_login_over_ipv6_works(world):
    """RFC 6120 §3.2: both families"""
    account = world.account()
    try:
        client = Client(("::1", world.server.port("c2s")), world.domain)
    except OSError as e:
        raise Skip("no IPv6 on loopback: %s" % e) from None
    world.clients.append(client)
    client.login(account)
