# Stream errors of a bound session (RFC 6120 §4.9.3), and the limits on what a stanza may be.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import add_case, case
from wire.client import HEADER, Unexpected

KIB = 1024
BEFORE_AUTH = 64 * KIB      # surely above the limit before authentication
AFTER_AUTH = 256 * KIB      # the limit after it

# §4.9.3.22 names a violation of UTF-8's own rules among the encoding faults; a parser may call it not well-formed as well.
NOT_UTF8 = ("unsupported-encoding", "not-well-formed")

BAD_INPUT = [
    ("a comment", "<!-- hello -->", ("restricted-xml",), "§4.9.3.18"),
    ("a processing instruction", "<?target data?>", ("restricted-xml",), "§4.9.3.18"),
    ("an undefined entity", "<message><body>&nbsp;</body></message>", ("restricted-xml",), "§4.9.3.18"),
    ("a mismatched end tag", "<message><body></message>", ("not-well-formed",), "§4.9.3.13"),
    ("bytes that are not UTF-8", b"<message><body>\x80</body></message>", NOT_UTF8, "§4.9.3.22"),
    ("a prefix that is not declared", "<message><ghost:x/></message>", ("bad-namespace-prefix", "not-well-formed"), "§4.9.3.2"),
    ("a stanza of no known kind", "<thing/>", ("unsupported-stanza-type",), "§4.9.3.24"),
    ("a stanza in another namespace", "<message xmlns='jabber:server'/>", ("unsupported-stanza-type", "invalid-namespace"),
     "§4.9.3.24"),
    ("an element in a namespace of its own", "<thing xmlns='urn:example:thing'/>", ("unsupported-stanza-type",), "§4.9.3.24"),
    ("text between stanzas", "hello<presence/>", ("not-well-formed", "invalid-xml", "bad-format"), "§11.7"),
    ("a stanza from somebody else", "<message from='juliet@localhost' to='localhost'/>", ("invalid-from",), "§4.9.3.9, §8.1.2.1"),
    ("a stanza from the host", "<message from='localhost' to='localhost'/>", ("invalid-from",), "§4.9.3.9, §8.1.2.1"),
    ("a presence from somebody else", "<presence from='juliet@localhost/x'/>", ("invalid-from",), "§4.9.3.9, §8.1.2.1"),
    ("an iq from no address", "<iq from='@' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
     ("invalid-from", "improper-addressing"), "§4.9.3.9, §8.1.2.1"),
]


def _bad_input(data, conditions):
    def check(world):
        client = world.connect()
        client.send(data)
        client.expect_stream_error(*conditions)
    return check


for _what, _data, _conditions, _section in BAD_INPUT:
    add_case(__name__, "in a session %s ends the stream with %s" % (_what, " or ".join(_conditions)),
             "RFC 6120 " + _section, _bad_input(_data, _conditions))


@case
def the_from_of_another_session_of_the_account_is_invalid(world):
    """RFC 6120 §8.1.2.1: it must be this resource or the bare address"""
    account = world.account()
    world.connect(account, "other")
    client = world.connect(account, "this")
    client.send("<message from='%s/nobody' to='localhost'/>" % account.jid)
    client.expect_stream_error("invalid-from")


@case
def the_own_full_and_bare_address_may_stand_in_from(world):
    """RFC 6120 §8.1.2.1: delivered from the full one in any case"""
    alice, bob = world.pair()
    for sender in (alice.jid, alice.jid.partition("/")[0]):
        alice.send("<message from='%s' to='%s'/>" % (sender, bob.jid))
        if bob.expect_element("message").get("from") != alice.jid:
            raise Unexpected("delivered from another address")


@case
def what_comes_before_a_fault_is_still_done(world):
    """RFC 6120 §4.9, §10.1"""
    alice, bob = world.pair()
    alice.send("<message to='%s' id='before'/><!-- oops --><message to='%s' id='after'/>" % (bob.jid, bob.jid))
    alice.expect_stream_error("restricted-xml")
    bob.expect_element("message", id="before")
    if bob.fence():
        raise Unexpected("what came after the fault was delivered")


@case
def the_session_of_a_stream_with_an_error_is_over(world):
    """RFC 6120 §4.9.1.1: stream errors are unrecoverable"""
    alice, bob = world.pair()
    jid = bob.jid
    bob.send("<!-- oops -->")
    bob.expect_stream_error("restricted-xml")
    alice.send("<iq type='get' to='%s' id='x'><ping xmlns='%s'/></iq>" % (jid, names.PING))
    alice.expect_error("service-unavailable", id="x")


def body(size):
    return b"<message to='localhost'><body>%s</body></message>" % (b"x" * size)


@case
def an_oversize_stanza_before_authentication_violates_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    for client in (world.client(), world.to_sasl()):
        if client.header is None:
            client.open()
        client.send_until_answered(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' x='%s'/>" % (b"x" * BEFORE_AUTH))
        client.expect_stream_error("policy-violation", overrun=True)


@case
def an_oversize_header_is_refused(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.client()
    client.send_until_answered((HEADER % world.domain).replace(" to=", " x='%s' to=" % ("x" * BEFORE_AUTH)).encode())
    client.expect_stream_error("policy-violation", overrun=True, header=True)


@case
def a_header_that_never_ends_is_refused(world):
    """RFC 6120 §13.12"""
    client = world.client()
    client.send_until_answered(b"<stream:stream " + b" " * (4 * BEFORE_AUTH))
    client.expect_stream_error("policy-violation", overrun=True, header=True)


@case
def an_element_name_that_never_ends_is_refused(world):
    """RFC 6120 §13.12"""
    client = world.client()
    client.open()
    client.send_until_answered(b"<" + b"a" * (4 * BEFORE_AUTH))
    client.expect_stream_error("policy-violation", overrun=True)


@case
def a_stanza_of_ten_thousand_bytes_passes(world):
    """RFC 6120 §13.12: no limit may be below 10000 bytes"""
    alice, bob = world.pair()
    alice.send(body(9900).replace(b"localhost", bob.jid.encode()))
    if len(bob.expect_element("message").find("body").text) != 9900:
        raise Unexpected("the body changed its length")


@case
def a_stanza_just_below_the_limit_passes(world):
    """RFC 6120 §13.12"""
    alice, bob = world.pair()
    alice.send(body(AFTER_AUTH - 4 * KIB).replace(b"localhost", bob.jid.encode()))
    if len(bob.expect_element("message").find("body").text) != AFTER_AUTH - 4 * KIB:
        raise Unexpected("the body changed its length")


@case
def an_oversize_stanza_in_a_session_violates_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.connect()
    client.send_until_answered(body(AFTER_AUTH + 64 * KIB))
    client.expect_stream_error("policy-violation", overrun=True)


@case
def a_stanza_that_never_ends_violates_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.connect()
    client.send_until_answered(b"<message><body>" + b"x" * (2 * AFTER_AUTH))
    client.expect_stream_error("policy-violation", overrun=True)


@case
def an_attribute_that_never_ends_violates_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.connect()
    client.send_until_answered(b"<message to='" + b"x" * (2 * AFTER_AUTH))
    client.expect_stream_error("policy-violation", overrun=True)


@case
def elements_nested_too_deep_violate_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.connect()
    client.send_until_answered(b"<message>" + b"<a>" * 20000)
    client.expect_stream_error("policy-violation", overrun=True)


@case
def elements_nested_as_deep_as_honest_stanzas_pass(world):
    """RFC 6120 §8.4"""
    alice, bob = world.pair()
    alice.send("<message to='%s'><x xmlns='urn:example:deep'>%s%s</x></message>" % (bob.jid, "<a>" * 20, "</a>" * 20))
    bob.expect_element("message")


@case
def too_many_attributes_violate_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.connect()
    many = " ".join("a%d='1'" % i for i in range(10000))
    client.send_until_answered(("<message %s/>" % many).encode())
    client.expect_stream_error("policy-violation", overrun=True)


@case
def too_many_namespaces_violate_the_policy(world):
    """RFC 6120 §4.9.3.14, §13.12"""
    client = world.connect()
    many = " ".join("xmlns:a%d='urn:example:%d'" % (i, i) for i in range(6000))
    client.send_until_answered(("<message %s/>" % many).encode())
    client.expect_stream_error("policy-violation", overrun=True)


@case
def white_space_between_stanzas_is_no_oversize_stanza(world):
    """RFC 6120 §4.6.1, §13.12"""
    client = world.connect()
    for _ in range(10):
        client.send(b" " * (AFTER_AUTH // 8))
        client.fence()


@case
def a_session_of_many_stanzas_is_no_oversize_stanza(world):
    """RFC 6120 §13.12: the limit is for each stanza"""
    alice, bob = world.pair()
    for _ in range(6):
        alice.send(body(64 * KIB).replace(b"localhost", bob.jid.encode()))
        bob.expect_element("message")
