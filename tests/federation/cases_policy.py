# Who is spoken with at all: s2s, s2s-allow, s2s-deny, and peer blocks.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import os
import signal
import socket
import time

from cases_proof import gets, returns, say, write
from court import SHORT
from wire import names
from wire.case import add_case, case
from wire.client import Unexpected, check_error
from wire.talk import must

DENY = {"conf": SHORT + 's2s-deny = { "bad.example", "*.evil.example" }\n',
        "blocks": 'peer "blocked.example" {\n\tdeny = true\n}\npeer "weak.example" {\n\tproof = "dialback"\n}\n'}
ALLOW = {"conf": SHORT + 's2s-allow = { "friend.example", "*.friends.example" }\n'}


def refuses(court, domain):
    """It is refused on its way in, and nobody goes there."""
    fake, romeo = court.fake(domain=domain), court.user()
    link = fake.begin()
    link.say_header()
    kind, element = link.next()
    if kind == "open":
        kind, element = link.next()
    if kind == "element" and element.is_a("features", names.STREAMS):
        link.send("<starttls xmlns='%s'/>" % names.TLS)
        link.expect_element("proceed", names.TLS)
        link.restart()
        link.secure(client_cert=fake.certificate.both, server_name=court.domain)
        link.say_header()
        link.expect("open", "a header")
        link.expect_stream_error("policy-violation")
    else:
        must(True, element is not None and element.find("policy-violation", names.STREAM_ERRORS) is not None,
             "refusal by %s" % element)
    write(romeo, fake)
    while True:
        element = romeo.expect("element", "an error")
        if element.get("id") == "w":
            must("error", element.get("type"), "what becomes of the message")
            break
    fake.nobody_comes(0.2)


def welcomes(court, domain):
    fake, romeo = court.fake(domain=domain), court.user()
    link = fake.enter()
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + domain)
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


for _domain, _options, _f in (
        ("bad.example", DENY, refuses), ("a.evil.example", DENY, refuses), ("b.a.evil.example", DENY, refuses),
        ("blocked.example", DENY, refuses), ("evil.example", DENY, welcomes), ("notbad.example", DENY, welcomes),
        ("friend.example", ALLOW, welcomes), ("a.friends.example", ALLOW, welcomes), ("stranger.example", ALLOW, refuses),
        ("a.friend.example", ALLOW, refuses)):
    add_case(__name__, "%s is %s where %s" % (_domain, "refused" if _f is refuses else "welcome",
                                              "some are denied" if _options is DENY else "only some are allowed"),
             "jackdaw.conf(5)", lambda court, d=_domain, f=_f: f(court, d), server=_options)


@case(server=DENY)
def one_peer_may_prove_itself_by_dialback_where_others_may_not(court):
    """jackdaw.conf(5), peer"""
    fake, romeo = court.fake(domain="weak.example"), court.user()
    fake.certificate = court.certificate(fake.domain, self_signed=True)
    link = fake.enter_by_dialback()
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


def closed(court, port):
    try:
        socket.create_connection(("127.0.0.1", court.server.port(port)), 1).close()
    except OSError:
        return
    raise Unexpected("the port is open")


@case(server={"conf": "s2s = false\n"})
def a_closed_installation_has_no_ports_for_servers(court):
    """jackdaw.conf(5), s2s"""
    closed(court, "starttls")
    closed(court, "direct")


def stays_at_home(court):
    fake, romeo = court.fake(), court.user()
    write(romeo, fake)
    must("remote-server-not-found", returns(romeo), "the error")
    fake.nobody_comes(0.2)


@case(server={"conf": "s2s = false\n"})
def a_closed_installation_writes_to_nobody(court):
    """jackdaw.conf(5), s2s; RFC 6120 §8.3.3.16"""
    stays_at_home(court)


@case(server={"lines": "\ts2s = false\n"})
def a_closed_host_is_unknown_to_others(court):
    """jackdaw.conf(5), s2s of a host"""
    link = court.fake().begin()
    link.say_header()
    link.expect_stream_error("host-unknown", header=True)


@case(server={"lines": "\ts2s = false\n"})
def a_closed_host_writes_to_nobody(court):
    """jackdaw.conf(5), s2s of a host"""
    stays_at_home(court)


@case(server={"mode": "dialback"})
def nobody_else_is_the_server_itself(court):
    """RFC 6120 §13.7.2; where a key of dialback would be put before the server itself"""
    link = court.fake().begin()
    link.say_header(me=court.domain)
    link.expect_stream_error("policy-violation", header=True)


@case(own_server=True)
def a_reload_closes_the_server_to_others(court):
    """jackdaw.conf(5), s2s"""
    path = os.path.join(court.server.folder, "jackdaw.conf")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write("s2s = false\n" + text)
    os.kill(court.server.process.pid, signal.SIGHUP)
    while "reload:" not in court.server.log():
        time.sleep(0.05)
    for direct in (False, True):
        fake = court.fake(direct=direct)
        link = fake.begin(direct=direct)
        if direct:
            link.secure(client_cert=fake.certificate.both, server_name=court.domain)
        link.say_header()
        link.expect_stream_error("host-unknown", header=True)


@case(server={"lines": "\tanonymous = true\n"})
def who_has_no_name_writes_to_nobody_elsewhere(court):
    """XEP-0175 §2"""
    fake = court.fake()
    nobody = court.world.to_sasl()
    nobody.auth("ANONYMOUS")
    nobody.expect_sasl("success")
    nobody.restart()
    nobody.open()
    nobody.bind()
    write(nobody, fake)
    check_error(nobody.expect_element("message", id="w"), "not-allowed")
    fake.nobody_comes(0.2)
