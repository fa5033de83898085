# Components (XEP-0114) and other servers: their domains are the server's own to all others.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from cases_proof import gets
from court import SHORT, SUBJECT
from fake import DIALBACK
from wire.case import case
from wire.component import SECRET, Component
from wire.talk import must

DOMAIN = "irc.%s.example" % SUBJECT
BLOCK = "component \"%s\" {\n\tsecret = \"%s\"\n}\n" % (DOMAIN, SECRET)
MESSAGE = "<message from='%s' to='%s' type='chat'><body>%s</body></message>"


def connect(court):
    return court.world.client("component", kind=Component).connect(DOMAIN)


@case(own_server=True, server={"conf": SHORT, "blocks": BLOCK})
def another_server_and_a_component_talk(court):
    """XEP-0114 §3, RFC 6120 §10.4"""
    fake, component = court.fake(), connect(court)
    juliet = "juliet@" + fake.domain
    link = fake.enter(to=DOMAIN)
    link.send(MESSAGE % (juliet, "x@" + DOMAIN, "hello"))
    must("hello", component.stanza(from_=juliet, to="x@" + DOMAIN).find("body").text, "what the component gets")
    component.send(MESSAGE % ("x@" + DOMAIN, juliet, "hello yourself"))
    back = fake.receive()
    must(DOMAIN, back.header_in.get("from"), "who says that he connects")
    must("x@" + DOMAIN, gets(back, "hello yourself").get("from"), "who says so")


@case(own_server=True, server={"conf": SHORT, "blocks": BLOCK, "lines": "\ts2s = false\n"})
def below_a_closed_host_it_is_closed_too(court):
    """And is spoken with by that host's accounts all the same"""
    fake, user, component = court.fake(), court.user(), connect(court)
    component.send(MESSAGE % ("x@" + DOMAIN, "juliet@" + fake.domain, "hello"))
    must("error", component.stanza(from_="juliet@" + fake.domain).get("type"), "what comes back")
    link = fake.begin()
    link.say_header(to=DOMAIN)
    link.expect_stream_error("host-unknown", header=True)
    user.send("<message to='x@%s' type='chat'/>" % DOMAIN)
    component.stanza(to="x@" + DOMAIN)


@case(own_server=True, server={"conf": SHORT, "blocks": BLOCK, "mode": "dialback"})
def its_keys_of_dialback_are_the_servers(court):
    """XEP-0220 §2.2.2"""
    fake, component = court.fake(), connect(court)
    component.send(MESSAGE % ("x@" + DOMAIN, "juliet@" + fake.domain, "hello"))
    back = fake.receive_by_dialback()
    link = fake.connect(to=DOMAIN)
    for key, kind in ((back.key, "valid"), ("0" * 64, "invalid")):
        link.send("<db:verify from='%s' to='%s' id='%s'>%s</db:verify>" % (fake.domain, DOMAIN, back.stream_name, key))
        link.expect_element("verify", DIALBACK, type=kind, from_=DOMAIN)
    gets(back, "hello")


@case(own_server=True, server={"conf": SHORT, "blocks": BLOCK})
def nobody_else_is_its_domain(court):
    """XEP-0114 §4"""
    for to in (DOMAIN, court.domain):
        fake = court.fake(domain=DOMAIN, certificate=court.certificate(DOMAIN))
        link = fake.begin()
        link.say_header(to=to)
        link.expect_stream_error("policy-violation", header=True)
    user, fake = court.user(), court.fake(domain=DOMAIN)
    user.send("<message to='x@%s' type='chat'/>" % DOMAIN)
    fake.nobody_comes(0.5)
    connect(court).stanza(to="x@" + DOMAIN)
