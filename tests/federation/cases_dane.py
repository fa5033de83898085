# Certificates that DNS vouches for (DNSSEC and DANE: RFC 6698, RFC 7671, RFC 7673).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import hashlib

from cases_proof import gets, returns, write
from court import SHORT
from cryptography.hazmat.primitives import serialization
from signing import Signer
from wire.case import case
from wire.names import Reset
from wire.talk import must
from zone import SRV, TLSA, srv, tlsa

SIGNER, FORGED = Signer("dane.example"), Signer("forged.example")
SIGNED = {"conf": SHORT, "anchors": SIGNER.anchor() + FORGED.anchor()}
FORGED.spoiled = True
_names = iter(range(1, 1000))


def fake_in(court, signer=SIGNER, **options):
    """A fake in a zone that is signed, with a certificate that no authority has signed."""
    court.site.zone.sign(signer.origin, signer)
    domain = "d%d.%s" % (next(_names), signer.origin)
    options.setdefault("certificate", court.certificate(domain, self_signed=True))
    return court.fake(domain=domain, **options)


def publish(court, fake, *records, target=None):
    court.site.zone.add("_%d._tcp.%s" % (fake.port, target or "xmpp." + fake.domain), TLSA, *records)


def reaches(court, fake):
    romeo = court.user()
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


def reaches_not(court, fake):
    """The message comes back, and was not seen by whoever sits there."""
    romeo = court.user()
    write(romeo, fake, "secret")
    try:
        link = fake.to_tls(fake.accept(4))
        link.greet("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>")
        kind, element = link.next(2)
        must(False, kind == "element" and element.ns != "http://etherx.jabber.org/streams", "it goes on: %s" % element)
    except (Reset, TimeoutError, AssertionError) as e:
        if "it goes on" in str(e):
            raise
    returns(romeo)


@case(server=SIGNED)
def the_certificate_that_dns_names_is_good_though_nobody_signed_it(court):
    """RFC 7671 §5.1: usage 3 (DANE-EE), selector 0"""
    fake = fake_in(court)
    publish(court, fake, tlsa(3, 0, 1, fake.certificate.digest(0)))
    reaches(court, fake)


@case(server=SIGNED)
def the_key_that_dns_names_is_good(court):
    """RFC 7671 §5.1: usage 3, selector 1"""
    fake = fake_in(court)
    publish(court, fake, tlsa(3, 1, 1, fake.certificate.digest(1)))
    reaches(court, fake)


@case(server=SIGNED)
def other_digests_are_understood(court):
    """RFC 6698 §2.1.3: SHA-512, and the data itself"""
    for matching in (2, 0):
        fake = fake_in(court)
        key = fake.certificate.x509.public_key().public_bytes(serialization.Encoding.DER,
                                                              serialization.PublicFormat.SubjectPublicKeyInfo)
        publish(court, fake, tlsa(3, 1, matching, hashlib.sha512(key).digest() if matching else key))
        reaches(court, fake)


@case(server=SIGNED)
def one_of_several_records_is_enough(court):
    """RFC 7671 §8: a key that is about to be changed"""
    fake = fake_in(court)
    publish(court, fake, tlsa(3, 1, 1, bytes(32)), tlsa(3, 1, 1, fake.certificate.digest(1)))
    reaches(court, fake)


@case(server=SIGNED)
def an_expired_certificate_is_good_when_dns_names_it(court):
    """RFC 7671 §5.1: with usage 3, DNS alone says how long"""
    fake = fake_in(court)
    fake.certificate = court.certificate("whoever.example", self_signed=True, days=(-30, -1))
    publish(court, fake, tlsa(3, 1, 1, fake.certificate.digest(1)))
    reaches(court, fake)


@case(server=SIGNED)
def another_certificate_than_dns_names_is_refused(court):
    """RFC 6698 §4.1"""
    fake = fake_in(court)
    publish(court, fake, tlsa(3, 1, 1, bytes(32)))
    reaches_not(court, fake)


@case(server=SIGNED)
def an_authority_does_not_help_against_dns(court):
    """RFC 7671 §4: usable records decide"""
    fake = fake_in(court)
    fake.certificate = court.certificate(fake.domain)
    publish(court, fake, tlsa(3, 1, 1, bytes(32)))
    reaches_not(court, fake)


@case(server=SIGNED)
def without_records_the_authority_decides(court):
    """RFC 7673 §4"""
    good = fake_in(court)
    good.certificate = court.certificate(good.domain)
    reaches(court, good)
    reaches_not(court, fake_in(court))


@case(server=SIGNED)
def records_of_a_zone_that_is_not_signed_count_for_nothing(court):
    """RFC 6698 §4.1"""
    fake = court.fake()
    fake.certificate = court.certificate(fake.domain, self_signed=True)
    publish(court, fake, tlsa(3, 1, 1, fake.certificate.digest(1)))
    reaches_not(court, fake)


@case(server=SIGNED)
def records_with_wrong_signatures_lead_nowhere(court):
    """RFC 4035 §5.5, RFC 6698 §4.1"""
    fake = fake_in(court, FORGED)
    publish(court, fake, tlsa(3, 1, 1, fake.certificate.digest(1)))
    romeo = court.user()
    romeo.timeout = 20
    write(romeo, fake, "secret")
    returns(romeo)
    fake.nobody_comes(0.2)


@case(server=SIGNED)
def the_name_of_the_server_is_good_where_dns_leads_to_it_for_sure(court):
    """RFC 7673 §4: the target of a signed SRV record may stand in the certificate"""
    fake = fake_in(court)
    fake.certificate = court.certificate("xmpp." + fake.domain)
    reaches(court, fake)


@case(server=SIGNED)
def the_name_of_the_server_is_not_good_where_anybody_might_have_led_there(court):
    """RFC 6120 §13.7.2.1: an SRV record that is not signed proves nothing"""
    fake = court.fake()
    fake.certificate = court.certificate("xmpp." + fake.domain)
    reaches_not(court, fake)


@case(server=SIGNED)
def a_signed_domain_on_the_server_of_another_zone(court):
    """RFC 7673 §3: the records of the target's zone count"""
    fake = fake_in(court, announce=False)
    zone = court.site.zone
    zone.serve("host%d.dane.example" % fake.port, starttls=fake.port, target="hosting%d.dane.example" % fake.port)
    zone.add("_xmpp-server._tcp." + fake.domain, SRV, srv(fake.port, "hosting%d.dane.example" % fake.port))
    publish(court, fake, tlsa(3, 1, 1, fake.certificate.digest(1)), target="hosting%d.dane.example" % fake.port)
    reaches(court, fake)
