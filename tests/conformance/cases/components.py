# Programs that have a domain of their own, and connect to the server (XEP-0114).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected
from wire.component import DOMAIN, NS, Component, component, edit
from wire.restart import each_way
from wire.talk import must

with_component = case(own_server=True, server={"edit": edit()})


def message(id_, to, from_=None, body="x"):
    return "<message id='%s' to='%s'%s type='chat'><body>%s</body></message>" % (
        id_, to, " from='%s'" % from_ if from_ else "", body)


# ---- the stream


@with_component
def who_knows_the_secret_is_let_in(world):
    """XEP-0114 §3"""
    c = component(world).connect()
    must(DOMAIN, c.header.get("from"), "from")
    must(None, c.header.get("version"), "version")
    if len(c.header.get("id") or "") < 16:
        raise Unexpected("an id that can be guessed: %s" % c.header)


@with_component
def who_does_not_know_it_is_not(world):
    """XEP-0114 §3"""
    for wrong in ("", "another secret", "A SECRET OF BOTH"):
        c = component(world).begin()
        c.shake(wrong)
        c.expect_stream_error("not-authorized")
    c = component(world).begin()
    c.send("<handshake/>")
    c.expect_stream_error("not-authorized")


@with_component
def another_domain_is_unknown(world):
    """XEP-0114 §3"""
    for domain in ("localhost", "conference.localhost", "other.localhost", "x@" + DOMAIN, ""):
        c = component(world)
        c.send("<stream:stream xmlns='%s' xmlns:stream='%s' to='%s'>" % (NS, names.STREAMS, domain))
        c.expect_stream_error("host-unknown", header=True)
    c = component(world)
    c.send("<stream:stream xmlns='%s' xmlns:stream='%s'>" % (NS, names.STREAMS))
    c.expect_stream_error("improper-addressing", header=True)


@with_component
def other_namespaces_are_invalid(world):
    """XEP-0114 §3"""
    for ns in ("jabber:component:connect", "jabber:client", "jabber:server"):
        c = component(world)
        c.send("<stream:stream xmlns='%s' xmlns:stream='%s' to='%s'>" % (ns, names.STREAMS, DOMAIN))
        c.expect_stream_error("invalid-namespace", header=True)


@with_component
def nothing_passes_before_the_handshake(world):
    """RFC 6120 §4.9.3.12"""
    alice = world.online()
    c = component(world).begin()
    c.send(message("m", alice.jid, DOMAIN))
    c.expect_stream_error("not-authorized")
    must([], alice.fence(), "for alice")


@with_component
def nothing_else_is_spoken(world):
    """RFC 6120 §4.9.3.24"""
    for other in ("<enable xmlns='urn:xmpp:sm:3'/>", "<starttls xmlns='%s'/>" % names.TLS,
                  "<message xmlns='jabber:client' to='a@localhost' from='%s'/>" % DOMAIN, "<log/>"):
        c = component(world).connect()
        c.send(other)
        c.expect_stream_error("unsupported-stanza-type")
    c = component(world).connect()
    c.shake()
    c.expect_stream_error("policy-violation")


@case(own_server=True, server={"edit": edit("stage-timeout = \"1 s\"")})
def who_does_not_go_on_is_dropped(world):
    """Every wait has a bound"""
    silent, header = component(world), component(world).begin()
    header.expect_stream_error("connection-timeout")
    silent.expect_stream_error("connection-timeout", header=True)


@case(own_server=True, server={"edit": edit("shards = 1\nconnections-per-address = 3")})
def connections_without_handshake_are_few(world):
    """Every count has a bound; those that were let in do not belong to it"""
    for _ in range(4):
        component(world).connect()
    for _ in range(3):
        component(world).begin()
    component(world).expect_stream_error("policy-violation", header=True)


@with_component
def a_newer_connection_takes_over(world):
    """RFC 6120 §4.9.3.3"""
    alice = world.online()
    old = component(world).connect()
    new = component(world).connect()
    old.expect_stream_error("conflict")
    alice.send(message("m", DOMAIN))
    new.stanza(id="m")
    new.send(message("n", alice.jid, DOMAIN))
    alice.expect_element("message", id="n")


@with_component
def the_stop_of_the_server_is_told(world):
    """RFC 6120 §4.9.3.20"""
    c = component(world).connect()
    world.server.ask_to_stop()
    c.expect_stream_error("system-shutdown")


# ---- addresses


@with_component
def it_speaks_for_all_of_its_domain(world):
    """XEP-0114 §3: any user at its own hostname"""
    alice = world.online()
    c = component(world).connect()
    for i, who in enumerate((DOMAIN, "#room%net@" + DOMAIN, "x@%s/res" % DOMAIN, DOMAIN + "/res")):
        c.send(message("m%d" % i, alice.jid, who))
        alice.expect_element("message", id="m%d" % i, from_=who)
        alice.send(message("r%d" % i, who))
        c.stanza(id="r%d" % i, from_=alice.jid, to=who)


@with_component
def it_speaks_for_nobody_else(world):
    """XEP-0114 §3; RFC 6120 §4.9.3.9"""
    alice = world.online()
    for who in ("localhost", alice.jid, "sub." + DOMAIN, "x@other.example"):
        c = component(world).connect()
        c.send(message("m", alice.jid, who))
        c.expect_stream_error("invalid-from")
    for attrs in ("from='%s'" % DOMAIN, "to='%s'" % alice.jid, ""):
        c = component(world).connect()
        c.send("<message %s/>" % attrs)
        c.expect_stream_error("improper-addressing")
    must([], alice.fence(), "for alice")


@with_component
def requests_are_answered_either_way(world):
    """RFC 6120 §8.2.3"""
    alice = world.online()
    c = component(world).connect()
    alice.send("<iq type='get' id='q' to='%s'><query xmlns='%s'/></iq>" % (DOMAIN, names.VERSION))
    iq = c.stanza("iq", id="q")
    must(True, iq.find("query", names.VERSION) is not None, "the request arrived whole")
    c.send("<iq type='result' id='q' from='%s' to='%s'><query xmlns='%s'><name>x</name></query></iq>" % (
        DOMAIN, alice.jid, names.VERSION))
    must("result", alice.expect_answer("q").get("type"), "type")
    c.send("<iq type='get' id='p' from='x@%s' to='localhost'><ping xmlns='%s'/></iq>" % (DOMAIN, names.PING))
    c.stanza("iq", id="p", type="result")


@with_component
def stanzas_change_their_namespace_and_nothing_else(world):
    """RFC 6120 §4.8.3"""
    alice = world.online()
    c = component(world).connect()
    inside = "<body>a &amp; b</body><x xmlns='urn:x'><y/></x>"
    c.send("<message to='%s' from='%s' xml:lang='de' id='m' type='chat'>%s</message>" % (alice.jid, DOMAIN, inside))
    got = alice.expect_element("message", id="m", type="chat")
    must("de", got.get("xml:lang"), "xml:lang")
    must(True, got.find("body", names.CLIENT).text == "a & b" and got.find("x", "urn:x").find("y") is not None, "content")
    alice.send("<message to='%s' id='n' type='chat'>%s</message>" % (DOMAIN, inside))
    got = c.stanza(id="n")
    must(True, got.find("body", NS).text == "a & b" and got.find("x", "urn:x").find("y") is not None, "content")


@with_component
def the_host_tells_of_it(world):
    """XEP-0030 §4.1"""
    items = world.online().ask("<query xmlns='%s'/>" % names.DISCO_ITEMS, to="localhost").find("query", names.DISCO_ITEMS)
    must(1, [i.get("jid") for i in items.children].count(DOMAIN), "items that are the component")


@case(own_server=True, server={"edit": edit("s2s = false", "component \"b.example\" { secret = \"a secret of both\" }\n")})
def components_need_no_other_servers(world):
    """They speak with each other; what is for elsewhere comes back"""
    a = component(world).connect()
    b = component(world).connect("b.example")
    a.send(message("m", "y@b.example", "x@" + DOMAIN))
    b.stanza(id="m", from_="x@" + DOMAIN)
    a.send(message("n", "y@c.example", "x@" + DOMAIN))
    error = a.stanza(id="n", type="error", from_="y@c.example").find("error")
    must(True, error.find("remote-server-not-found", names.STANZA_ERRORS) is not None, "condition")
    items = world.online().ask("<query xmlns='%s'/>" % names.DISCO_ITEMS, to="localhost").find("query", names.DISCO_ITEMS)
    must(0, [i.get("jid") for i in items.children].count("b.example"), "items that are not below the host")


# ---- while it is away


@with_component
def requests_do_not_wait_for_it(world):
    """RFC 6120 §8.3.3.16"""
    alice = world.online()
    for _ in range(2):
        alice.send("<iq type='get' id='q' to='%s'><query xmlns='%s'/></iq>" % (DOMAIN, names.VERSION))
        alice.expect_error("remote-server-timeout", "wait", id="q", from_=DOMAIN)


@case(own_server=True, server={"edit": edit("s2s-gone = \"2 s\"")})
def presence_waits_for_it_to_be_restarted(world):
    """Then it comes back; whoever is gone is not asked for long"""
    alice = world.online()
    alice.send("<presence to='room@%s/nick'/>" % DOMAIN)
    c = component(world).connect()
    c.stanza("presence", from_=alice.jid)
    c.quiet(0.3)
    c.close()
    alice.send("<presence to='room@%s/other'/>" % DOMAIN)
    alice.expect_error("remote-server-timeout", "wait", from_="room@%s/other" % DOMAIN)


@with_component
def messages_wait_for_it_and_come_once(world):
    """In order, and no more once it has answered behind them"""
    alice = world.online()
    for i in range(5):
        alice.send(message("m%d" % i, "x@" + DOMAIN))
    alice.fence()
    c = component(world).connect()
    for i in range(5):
        c.stanza(id="m%d" % i)
    c.quiet(1)
    c.send("</stream:stream>")
    c.expect_end()
    c = component(world).connect()
    alice.send(message("m5", "x@" + DOMAIN))
    c.stanza(id="m5")


@with_component
def what_it_may_not_have_read_comes_again(world):
    """It does not count: what it did not answer behind was maybe lost"""
    alice = world.online()
    c = component(world).connect()
    alice.send(message("m", DOMAIN))
    c.expect_element("message", NS, id="m")
    c.close()
    alice.send(message("n", DOMAIN))
    c = component(world).connect()
    c.stanza(id="m")
    c.stanza(id="n")


@case(own_server=True, server={"edit": edit("s2s-wait = \"1 s\"")})
def messages_come_back_in_the_end(world):
    """RFC 6120 §8.3.3.16"""
    alice = world.online()
    alice.send(message("m", DOMAIN))
    alice.expect_error("remote-server-timeout", "wait", id="m")


@case(own_server=True, server={"edit": edit("s2s-gone = \"1 s\"")})
def its_users_are_gone_with_it(world):
    """Whoever was seen is shown as unavailable, however it left"""
    alice = world.online()
    for farewell in ("</stream:stream>", ""):
        c = component(world).connect()
        c.send("<presence from='room@%s/nick' to='%s'/>" % (DOMAIN, alice.jid))
        alice.expect_element("presence", from_="room@%s/nick" % DOMAIN)
        c.send(farewell)
        c.close()
        alice.expect_element("presence", from_="room@%s/nick" % DOMAIN, type="unavailable")


@each_way("messages outlast a server that is %s", "Nothing acknowledged is lost", edit())
def messages_outlast_the_server(world, restart):
    alice = world.online()
    for i in range(3):
        alice.send(message("m%d" % i, "x@" + DOMAIN))
    alice.fence()
    restart(world)
    c = component(world).connect()
    for i in range(3):
        c.stanza(id="m%d" % i)
    c.quiet(1)


@case(own_server=True, server={"edit": lambda text, folder: "shards = 2\n" + edit(
    blocks="".join("component \"c%d.example\" { secret = \"a secret of both\" }\n" % i for i in range(8)))(text, folder)})
def they_are_on_the_shards_of_their_domains(world):
    """Whichever shard accepts them"""
    alice, bob = world.pair()
    for i in range(8):
        for who in (alice, bob):
            c = component(world).connect("c%d.example" % i)
            c.send(message("a", who.jid, "x@c%d.example" % i))
            who.expect_element("message", id="a")
            who.send(message("b", "y@c%d.example" % i))
            c.stanza(id="b", from_=who.jid)
            c.quiet(0.3)  # else it comes once more, to the next connection
