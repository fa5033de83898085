# Where the other server is (RFC 6120 §3.2, RFC 2782, XEP-0368), and what becomes of messages when DNS does not say.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import socket
import time

from cases_proof import gets, returns, write
from wire.case import case
from wire.talk import must
from wire.world import World
from zone import A, AAAA, SRV, address, srv

PATIENT = {"conf": 's2s-wait = "60 s"\n'}
XMPP, XMPPS = "_xmpp-server._tcp.", "_xmpps-server._tcp."


def dead_port():
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@case
def a_domain_that_says_it_has_no_server_is_not_looked_for(court):
    """RFC 2782: a target of "." """
    fake, romeo = court.fake(announce=False), court.user()
    court.site.zone.add(XMPP + fake.domain, SRV, srv(0, ""))
    court.site.zone.add(XMPPS + fake.domain, SRV, srv(0, ""))
    court.site.zone.add(fake.domain, A, address("127.0.0.1"))
    write(romeo, fake)
    must("remote-server-not-found", returns(romeo), "the error")


@case
def a_domain_without_service_records_is_sought_at_its_own_address(court):
    """RFC 6120 §3.2.2"""
    at = World.new_source()
    fake, romeo = court.fake(announce=False, at=at, port=5269), court.user()
    court.site.zone.add(fake.domain, A, address(at))
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


@case
def an_address_of_ipv6_is_used(court):
    """RFC 6120 §3.2"""
    fake, romeo = court.fake(at="::1"), court.user()
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


@case
def a_server_with_two_addresses_of_which_one_is_dead_is_reached(court):
    """RFC 8305"""
    fake, romeo = court.fake(), court.user()
    court.site.zone.add("xmpp." + fake.domain, AAAA, address("::1"))
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


@case
def the_target_of_the_lowest_priority_comes_first(court):
    """RFC 2782, XEP-0368 §3: of both services together"""
    first, fake, romeo = court.fake(direct=True, announce=False), court.fake(), court.user()
    zone, name = court.site.zone, fake.domain
    zone.remove(XMPP + name)
    zone.add(XMPP + name, SRV, srv(fake.port, "xmpp." + name, priority=20))
    zone.add(XMPPS + name, SRV, srv(first.port, "xmpp." + name, priority=10))
    first.certificate = fake.certificate
    write(romeo, fake, "hello")
    gets(first.receive(), "hello")
    fake.nobody_comes(0.2)


@case
def behind_a_dead_target_the_next_is_tried(court):
    """RFC 6120 §3.2.1 step 8"""
    fake, romeo = court.fake(), court.user()
    zone, name = court.site.zone, fake.domain
    zone.remove(XMPP + name)
    zone.add(XMPPS + name, SRV, srv(dead_port(), "xmpp." + name, priority=1))
    zone.add(XMPP + name, SRV, srv(dead_port(), "xmpp." + name, priority=2), srv(fake.port, "xmpp." + name, priority=3))
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


@case
def behind_a_target_that_does_not_speak_the_next_is_tried(court):
    """RFC 6120 §3.2.1 step 8: it accepts, and ends the connection"""
    mute, fake, romeo = court.fake(announce=False), court.fake(), court.user()
    zone, name = court.site.zone, fake.domain
    zone.remove(XMPP + name)
    zone.add(XMPP + name, SRV, srv(mute.port, "xmpp." + name, priority=1), srv(fake.port, "xmpp." + name, priority=2))
    write(romeo, fake, "hello")
    mute.accept().cut()
    gets(fake.receive(), "hello")


@case
def a_name_of_other_letters_is_asked_for_in_those_of_dns(court):
    """RFC 7622 §3.2, RFC 5890"""
    fake, romeo = court.fake(domain="xn--bcher-kva.example"), court.user()
    romeo.send("<message to='juliet@bücher.example'><body>hello</body></message>")
    link = fake.receive()
    must("bücher.example", link.header_in.get("to"), "to in the header")
    gets(link, "hello")


@case
def silence_of_dns_brings_the_message_back(court):
    """RFC 6120 §8.3.3.17"""
    fake, romeo = court.fake(), court.user()
    court.site.zone.fail(fake.domain, "silent")
    romeo.timeout = 30
    write(romeo, fake)
    must("remote-server-timeout", returns(romeo), "the error")


@case(server=PATIENT)
def a_failure_of_dns_is_waited_out(court):
    """The message arrives when DNS answers again."""
    fake, romeo = court.fake(), court.user()
    court.site.zone.fail(fake.domain, "servfail")
    write(romeo, fake, "hello")
    time.sleep(1.5)
    court.site.zone.fail(fake.domain)
    gets(fake.receive(link=fake.accept(40)), "hello")


@case(server=PATIENT)
def a_server_that_is_away_is_waited_for(court):
    """Messages arrive in order once it is there, under another port."""
    fake, romeo = court.fake(), court.user()
    fake.listener.close()
    for i in range(20):
        write(romeo, fake, "m%d" % i)
    time.sleep(1)
    back = court.fake(domain=fake.domain, certificate=fake.certificate)
    link = back.receive(link=back.accept(40))
    for i in range(20):
        gets(link, "m%d" % i)


@case
def a_server_that_stays_away_has_the_messages_come_back(court):
    """RFC 6120 §8.3.3.17"""
    fake, romeo = court.fake(), court.user()
    fake.listener.close()
    for i in range(3):
        write(romeo, fake, name="w%d" % i)
    for i in range(3):
        returns(romeo, "w%d" % i)
