# Resource binding (RFC 6120 §7).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error


def authenticated(world, account=None):
    account = account or world.account()
    client = world.to_sasl()
    client.scram(account.user, account.password)
    client.open()
    return client, account


def bind_request(client, resource):
    return client.ask("<bind xmlns='%s'>%s</bind>" % (names.BIND, resource), "set")


@case
def the_server_makes_a_resource(world):
    """RFC 6120 §7.6"""
    client, account = authenticated(world)
    bare, _, resource = client.bind().partition("/")
    if bare != account.jid or len(resource) < 8:
        raise Unexpected("bound as %s" % client.jid)


@case
def two_resources_of_the_servers_differ(world):
    """RFC 6120 §7.6.1: and cannot be guessed (§13.10.2)"""
    account = world.account()
    jids = {world.connect(account).jid for _ in range(4)}
    if len(jids) != 4:
        raise Unexpected("bound as %s" % jids)


@case
def the_client_may_choose_its_resource(world):
    """RFC 6120 §7.7"""
    client, account = authenticated(world)
    if client.bind("balcony") != account.jid + "/balcony":
        raise Unexpected("bound as %s" % client.jid)


@case
def a_resource_may_be_any_text(world):
    """RFC 7622 §3.4: spaces, other scripts, slashes and at signs"""
    client, account = authenticated(world)
    if client.bind("Gajim / \u0434\u043e\u043c @ &lt;&amp;&gt;") != account.jid + "/Gajim / \u0434\u043e\u043c @ <&>":
        raise Unexpected("bound as %s" % client.jid)
    client.send("<presence/>")
    client.fence()


@case
def the_case_of_a_resource_matters(world):
    """RFC 7622 §3.4, RFC 6122 §2.4"""
    account = world.account()
    a, b = world.online(account, "Home"), world.online(account, "home")
    a.fence()
    b.fence()


@case
def an_empty_resource_is_refused_or_made_up(world):
    """RFC 6120 §7.7.2.1, §7.6"""
    client, account = authenticated(world)
    answer = bind_request(client, "<resource/>")
    if answer.get("type") == "result":
        jid = answer.find("bind", names.BIND).find("jid").text
        if not jid.startswith(account.jid + "/") or jid.endswith("/"):
            raise Unexpected("bound as %s" % jid)
    else:
        check_error(answer, "bad-request", "modify")


@case
def a_resource_that_is_too_long_is_a_bad_request(world):
    """RFC 6120 §7.7.2.1, RFC 7622 §3.4: 1023 bytes"""
    client, account = authenticated(world)
    check_error(bind_request(client, "<resource>%s</resource>" % ("x" * 1024)), "bad-request", "modify")
    if client.bind("x" * 1023) != account.jid + "/" + "x" * 1023:
        raise Unexpected("bound as %s" % client.jid)


@case
def a_resource_that_is_ill_formed_is_a_bad_request(world):
    """RFC 6120 §7.7.2.1, RFC 6122 §2.4: what resourceprep prohibits"""
    client, _ = authenticated(world)
    for resource in ("a\u0000b".replace("\u0000", "\u0085"), "\ue000", "\ufffd", "\u206a", "x\u202ey"):
        check_error(bind_request(client, "<resource>%s</resource>" % resource), "bad-request", "modify")


@case
def a_failed_binding_may_be_tried_again(world):
    """RFC 6120 §7.7.2"""
    client, _ = authenticated(world)
    check_error(bind_request(client, "<resource>%s</resource>" % ("x" * 2000)), "bad-request")
    client.bind("good")
    client.fence()


@case
def a_message_before_binding_ends_the_stream(world):
    """RFC 6120 §7.1: not-authorized"""
    bob = world.online()
    client, _ = authenticated(world)
    client.send("<message to='%s'><body>too early</body></message>" % bob.jid)
    client.expect_stream_error("not-authorized")
    if bob.fence():
        raise Unexpected("the message was delivered")


@case
def a_presence_before_binding_ends_the_stream(world):
    """RFC 6120 §7.1: not-authorized"""
    client, _ = authenticated(world)
    client.send("<presence/>")
    client.expect_stream_error("not-authorized")


@case
def an_iq_to_another_before_binding_ends_the_stream(world):
    """RFC 6120 §7.1: not-authorized"""
    bob = world.online()
    client, _ = authenticated(world)
    client.send("<iq type='get' id='1' to='%s'><ping xmlns='%s'/></iq>" % (bob.jid, names.PING))
    client.expect_stream_error("not-authorized")


@case
def an_iq_get_of_binding_is_not_binding(world):
    """RFC 6120 §7.6.1: binding is an iq of type set"""
    client, _ = authenticated(world)
    client.send("<iq type='get' id='1'><bind xmlns='%s'/></iq>" % names.BIND)
    element = client.expect("element", "a refusal")
    if element.get("type") == "result":
        raise Unexpected("an iq get was taken for a request to bind: %s" % element)


@case
def a_second_binding_is_refused_and_harms_nothing(world):
    """RFC 6120 §7.1: one resource for each stream"""
    client, account = authenticated(world)
    client.bind("one")
    answer = bind_request(client, "<resource>two</resource>")
    check_error(answer, ("not-allowed", "bad-request", "unexpected-request", "service-unavailable", "conflict"))
    other = world.connect()
    other.send("<message to='%s/one' id='still'/>" % account.jid)
    client.expect_element("message", id="still")


@case
def a_newer_session_takes_the_resource_of_an_older_one(world):
    """RFC 6120 §7.7.2.2, §4.9.3.3"""
    account = world.account()
    old = world.online(account, "phone")
    new = world.connect(account, "phone")
    if new.jid != account.jid + "/phone":
        raise Unexpected("bound as %s" % new.jid)
    _skip_presence(old)
    old.expect_stream_error("conflict")
    new.available()
    other = world.connect()
    other.send("<message to='%s' id='m'/>" % new.jid)
    new.expect_element("message", id="m")


def _skip_presence(client):
    while True:
        kind, element = client.next()
        if not element or not element.is_a("presence", names.CLIENT):
            client.reader.events.appendleft((kind, element))
            return


@case
def a_taken_over_session_can_send_no_more(world):
    """RFC 6120 §4.9.3.3"""
    account, bob = world.account(), world.online()
    old = world.connect(account, "phone")
    world.connect(account, "phone")
    old.expect_stream_error("conflict")
    try:
        old.send("<message to='%s'><body>from the grave</body></message>" % bob.jid)
    except ConnectionError:
        pass
    except Exception as e:  # noqa: the connection may be gone already
        if type(e).__name__ != "Reset":
            raise
    if bob.fence():
        raise Unexpected("a message of the old session was delivered")


@case
def many_sessions_of_one_account_live_together(world):
    """RFC 6120 §7.1, RFC 6121 §8.5.2.1"""
    account = world.account()
    sessions = [world.online(account, "r%d" % i) for i in range(5)]
    other = world.connect()
    for i, s in enumerate(sessions):
        other.send("<message to='%s' id='m%d'/>" % (s.jid, i))
    for i, s in enumerate(sessions):
        s.until(lambda e, i=i: e.is_a("message", names.CLIENT) and e.get("id") == "m%d" % i)
