# Every stream error of RFC 6120 §4.9.3 that a client can cause before it has logged in.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import add_case, case
from wire.client import HEADER, Unexpected

OPEN = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"

SILENCE = 0.7  # seconds without a word that count as silence

# What is wrong with the header, the header, and the conditions that the RFC allows for it.
BAD_HEADERS = [
    ("a comment before the header", "<!-- hello -->" + OPEN, ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("a processing instruction before the header", "<?pi data?>" + OPEN, ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("a document type", "<!DOCTYPE stream>" + OPEN, ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("an entity declaration", "<!DOCTYPE s [<!ENTITY a 'b'>]>" + OPEN, ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("an encoding of ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?>" + OPEN, ("unsupported-encoding",),
     "§4.9.3.22, §11.6"),
    ("an encoding of US-ASCII", "<?xml version='1.0' encoding='US-ASCII'?>" + OPEN, ("unsupported-encoding",),
     "§4.9.3.22, §11.6"),
    ("an encoding of UTF-16 in the declaration", "<?xml version='1.0' encoding='UTF-16'?>" + OPEN,
     ("unsupported-encoding",), "§4.9.3.22, §11.6"),
    ("an encoding that nobody knows", "<?xml version='1.0' encoding='x-klingon'?>" + OPEN, ("unsupported-encoding",),
     "§4.9.3.22, §11.6"),
    ("UTF-16 bytes with a byte order mark", (OPEN).encode("utf-16"), ("unsupported-encoding", "not-well-formed"),
     "§4.9.3.22, §11.6"),
    ("UTF-16 bytes without a byte order mark", OPEN.encode("utf-16-le"), ("unsupported-encoding", "not-well-formed"),
     "§4.9.3.22, §11.6"),
    ("text in place of XML", "GET / HTTP/1.1\r\n\r\n", ("not-well-formed", "invalid-xml"), "§4.9.3.13"),
    ("a stray end tag", "</stream:stream>", ("not-well-formed", "bad-namespace-prefix"), "§4.9.3.13"),
    ("NUL bytes", b"\0\0\0\0", ("not-well-formed", "unsupported-encoding"), "§4.9.3.13"),
    ("an unquoted attribute", "<stream:stream to=localhost>", ("not-well-formed",), "§4.9.3.13"),
    ("one attribute twice", OPEN.replace("version='1.0'", "to='localhost' version='1.0'"), ("not-well-formed",),
     "§4.9.3.13"),
    ("a stream prefix that is not declared", OPEN.replace("xmlns:stream=", "xmlns:other="),
     ("bad-namespace-prefix", "not-well-formed", "invalid-namespace"), "§4.9.3.2"),
    ("another stream namespace", OPEN.replace("etherx.jabber.org", "example.org"), ("invalid-namespace",),
     "§4.9.3.10, §4.8.1"),
    ("another content namespace", OPEN.replace("jabber:client", "urn:example:unknown"), ("invalid-namespace",),
     "§4.9.3.10, §4.8.3"),
    ("the namespace of servers", OPEN.replace("jabber:client", "jabber:server"), ("invalid-namespace",),
     "§4.9.3.10, §4.8.3"),
    ("a root that is not a stream", OPEN.replace("stream:stream ", "stream:features "),
     ("bad-format", "invalid-xml", "invalid-namespace", "not-well-formed", "unsupported-stanza-type"), "§4.9.3.1"),
    ("a host that is not served", OPEN.replace("localhost", "not-here.example"), ("host-unknown",), "§4.9.3.6"),
    ("no host", OPEN.replace("to='localhost'", ""), ("host-unknown", "improper-addressing"), "§4.9.3.6, §4.7.2"),
    ("an empty host", OPEN.replace("to='localhost'", "to=''"), ("host-unknown", "improper-addressing"),
     "§4.9.3.6, §4.7.2"),
    ("a host that is not an address", OPEN.replace("to='localhost'", "to='@@@'"),
     ("host-unknown", "improper-addressing"), "§4.9.3.7"),
]


def _bad_header(data, conditions):
    def check(world):
        client = world.client()
        client.send(data)
        client.expect_stream_error(*conditions, header=True)
        if client.header.get("from") not in (world.domain, "", None):
            raise Unexpected("the header before the error must be from a host of ours or from='' (§4.9.1.3): %s"
                             % client.header)
        if client.header.get("id") is None:
            raise Unexpected("the header before the error must have an id (§4.7.3): %s" % client.header)
    return check


for _what, _data, _conditions, _section in BAD_HEADERS:
    add_case(__name__, "%s is answered by a header and %s" % (_what, " or ".join(_conditions)),
             "RFC 6120 " + _section, _bad_header(_data, _conditions))

# The same for what comes after a good header, before TLS.
# §4.9.3.22 names a violation of UTF-8's own rules among the encoding faults; a parser may call it not well-formed as well.
NOT_UTF8 = ("unsupported-encoding", "not-well-formed")

BAD_INPUT = [
    ("a comment", "<!-- hello -->", ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("a processing instruction", "<?target data?>", ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("an undefined entity", "<message>&lol;</message>", ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("an undefined entity in an attribute", "<message to='&lol;'/>", ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("a document type after the header", "<!DOCTYPE x>", ("restricted-xml", "not-well-formed"), "§4.9.3.18, §11.1"),
    ("a comment inside an element", "<message><!-- x --></message>", ("restricted-xml",), "§4.9.3.18, §11.1"),
    ("a mismatched end tag", "<message></presence>", ("not-well-formed",), "§4.9.3.13"),
    ("bytes that are not UTF-8", b"<message><body>\xff\xfe</body></message>", NOT_UTF8, "§4.9.3.22, §11.6"),
    ("an overlong UTF-8 sequence", b"<message><body>\xc0\xaf</body></message>", NOT_UTF8, "§4.9.3.22"),
    ("a UTF-8 surrogate", b"<message><body>\xed\xa0\x80</body></message>", NOT_UTF8, "§4.9.3.22"),
    ("a control character", b"<message><body>\x01</body></message>", ("not-well-formed",), "§4.9.3.13"),
    ("a reference to a control character", "<message><body>&#1;</body></message>", ("not-well-formed",), "§4.9.3.13"),
    ("a prefix that is not declared", "<ghost:message/>", ("bad-namespace-prefix", "not-well-formed"), "§4.9.3.2"),
    ("an attribute prefix that is not declared", "<message ghost:a='b'/>", ("bad-namespace-prefix", "not-well-formed"),
     "§4.9.3.2"),
    ("text between stanzas", "hello", ("not-well-formed", "invalid-xml", "bad-format"), "§4.9.3.1, §11.7"),
    ("a message before authentication", "<message to='localhost'/>", ("not-authorized",), "§4.9.3.12"),
    ("a presence before authentication", "<presence/>", ("not-authorized",), "§4.9.3.12"),
    ("an iq before authentication", "<iq type='get' id='1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
     ("not-authorized",), "§4.9.3.12"),
    ("an element of no known kind", "<thing xmlns='urn:example:thing'/>",
     ("unsupported-stanza-type", "not-authorized"), "§4.9.3.24"),
]


def _bad_input(data, conditions):
    def check(world):
        client = world.client()
        client.open()
        # Text alone is not yet a fault to a parser that waits for the next tag.
        client.send(data if data != "hello" else "hello<presence/>")
        client.expect_stream_error(*conditions)
    return check


for _what, _data, _conditions, _section in BAD_INPUT:
    add_case(__name__, "%s ends the stream with %s" % (_what, " or ".join(_conditions)),
             "RFC 6120 " + _section, _bad_input(_data, _conditions))


def _old_stream(header):
    """Sent a header that asks for less than version 1.0, a server is silent after its own, or says what it refuses."""
    def check(world):
        client = world.client()
        client.send(header)
        client.header = client.expect("open", "a stream header")
        try:
            kind, element = client.next(SILENCE)
        except TimeoutError:
            return
        refused = element and element.is_a("error", names.STREAMS) and [
            c for c in element.children if c.name in ("unsupported-version", "bad-format", "invalid-xml")]
        if not refused:
            raise Unexpected("expected silence or unsupported-version, got %s %s" % (kind, element))
        client.expect_end()
    return check


for _what, _version in [("without a version", ""), ("of version zero", " version='0.9'"),
                        ("of a version that is no number", " version='one.nought'")]:
    add_case(__name__, "a stream %s gets no features or is refused" % _what, "RFC 6120 §4.7.5, §4.9.3.25",
             _old_stream(OPEN.replace(" version='1.0'", _version)))


@case
def an_error_of_the_client_closes_the_stream(world):
    """RFC 6120 §4.9.1.1"""
    client = world.client()
    client.open()
    client.send("<stream:error><undefined-condition xmlns='%s'/></stream:error></stream:stream>" % names.STREAM_ERRORS)
    client.expect_gone()


@case
def a_second_header_inside_the_stream_is_refused(world):
    """RFC 6120 §4.9.3, §4.3.3: a new stream starts only after TLS or SASL"""
    client = world.client()
    client.open()
    client.send(HEADER[HEADER.index("<stream"):] % world.domain)
    client.send("</stream:stream>")
    client.expect_stream_error("not-authorized", "unsupported-stanza-type", "invalid-xml", "bad-format", "not-well-formed",
                               "invalid-namespace")
