# Stream headers and features, stage by stage (RFC 6120 §4.7, §4.3).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected


def header(world, **attrs):
    attrs = {"to": world.domain, "version": "1.0", **attrs}
    return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='%s'%s>" % (
        names.STREAMS, "".join(" %s='%s'" % (k.replace("xml_", "xml:"), v) for k, v in attrs.items()))


def check(truth, sentence, *what):
    if not truth:
        raise Unexpected(sentence % what if what else sentence)


@case
def the_header_names_the_host_its_version_and_its_language(world):
    """RFC 6120 §4.7.1, §4.7.4, §4.7.5"""
    client = world.client()
    client.open()
    h = client.header
    check(h.is_a("stream", names.STREAMS), "not a stream: %s", h)
    check(h.get("from") == world.domain, "from must be the host: %s", h)
    check(h.get("version") == "1.0", "version must be 1.0: %s", h)
    check(h.get("xml:lang"), "xml:lang is missing: %s", h)
    check(h.get("id"), "id is missing: %s", h)


@case
def the_header_answers_to_the_clients_from(world):
    """RFC 6120 §4.7.2: 'to' is the bare JID of the client's 'from'"""
    client = world.client()
    client.open(header(world, **{"from": "romeo@localhost"}))
    check(client.header.get("to") == "romeo@localhost", "to must be the client's from: %s", client.header)


@case
def the_header_has_no_to_when_the_client_gave_no_from(world):
    """RFC 6120 §4.7.2"""
    client = world.client()
    client.open()
    check(client.header.get("to") is None, "to without a from: %s", client.header)


@case
def stream_ids_are_long_and_never_repeat(world):
    """RFC 6120 §4.7.3: unique, and unpredictable"""
    seen = []
    for _ in range(20):
        client = world.client()
        client.open()
        seen.append(client.header.get("id"))
        client.close()
    check(len(set(seen)) == len(seen), "an id came twice: %s", seen)
    check(all(len(i) >= 11 for i in seen), "an id too short for 64 random bits: %s", seen)
    same = sum(all(i[p:p + 1] == seen[0][p:p + 1] for i in seen) for p in range(len(seen[0])))
    check(len(seen[0]) - same >= 11, "ids differ in too few places: %s", seen)


@case
def each_restart_of_the_stream_has_a_new_id(world):
    """RFC 6120 §4.7.3, §5.4.3.3, §6.4.6"""
    account = world.account()
    client = world.client()
    client.open()
    ids = [client.header.get("id")]
    client.start_tls()
    client.open()
    ids.append(client.header.get("id"))
    client.scram(account.user, account.password)
    client.open()
    ids.append(client.header.get("id"))
    check(len(set(ids)) == 3, "the ids of three streams: %s", ids)


@case
def the_default_language_of_the_client_is_accepted(world):
    """RFC 6120 §4.7.4"""
    client = world.client()
    client.open(header(world, xml_lang="de"))
    check(client.header.get("xml:lang"), "xml:lang is missing: %s", client.header)


@case
def the_stream_language_stands_on_what_is_delivered_to_others(world):
    """RFC 6120 §4.7.4, §8.1.5: a stanza without xml:lang has that of its stream"""
    alice, bob = world.account(), world.online()
    client = world.to_sasl()
    client.scram(alice.user, alice.password)
    client.open(header(world, xml_lang="cs"))
    client.bind()
    client.send("<message to='%s'><body>ahoj</body></message>" % bob.jid)
    check(bob.expect_element("message").get("xml:lang") == "cs", "the language of the stream got lost")


@case
def a_language_on_the_stanza_wins_over_that_of_the_stream(world):
    """RFC 6120 §8.1.5"""
    alice, bob = world.account(), world.online()
    client = world.to_sasl()
    client.scram(alice.user, alice.password)
    client.open(header(world, xml_lang="cs"))
    client.bind()
    client.send("<message xml:lang='fi' to='%s'><body>hei</body></message>" % bob.jid)
    check(bob.expect_element("message").get("xml:lang") == "fi", "the language of the stanza got lost")


@case
def a_higher_version_is_answered_with_ours(world):
    """RFC 6120 §4.7.5: the response has the lower of the two versions"""
    for version in ("1.1", "2.0", "10.0"):
        client = world.client()
        client.open(header(world, version=version))
        check(client.header.get("version") == "1.0", "version %s was answered with %s", version, client.header)


@case
def the_host_is_compared_without_case(world):
    """RFC 6120 §4.7.2, RFC 7622 §3.2: domains are prepared before they are compared"""
    client = world.client()
    client.open(header(world, to=world.domain.upper()))
    check(client.header.get("from").lower() == world.domain, "from: %s", client.header)


@case
def no_xml_declaration_is_needed(world):
    """RFC 6120 §11.4"""
    client = world.client()
    client.open(header(world)[len("<?xml version='1.0'?>"):])


@case
def an_encoding_of_utf_8_may_be_declared_in_any_case(world):
    """RFC 6120 §11.6, XML 1.0 §4.3.3"""
    for encoding in ("UTF-8", "utf-8"):
        client = world.client()
        client.open(header(world).replace("?>", " encoding='%s'?>" % encoding))


@case
def extra_attributes_and_declarations_on_the_header_are_accepted(world):
    """RFC 6120 §4.8.3, §11.2"""
    client = world.client()
    client.open(header(world).replace(" to=", " xmlns:x='urn:example:x' x:y='z' to="))


@case
def the_content_namespace_may_have_a_prefix(world):
    """RFC 6120 §4.8.2, §4.8.5: the default namespace is one of two ways to write it"""
    client = world.client()
    client.send("<stream:stream xmlns:c='jabber:client' xmlns:stream='%s' to='%s' version='1.0'>" % (
        names.STREAMS, world.domain))
    client.expect("open", "a stream header")
    kind, element = client.next()
    allowed = element and (element.is_a("features", names.STREAMS) or element.find("bad-namespace-prefix", names.STREAM_ERRORS)
                           or element.find("invalid-namespace", names.STREAM_ERRORS))
    check(allowed, "expected features, or a refusal of prefixes: %s %s", kind, element)


@case
def features_before_tls_require_it_and_offer_no_mechanisms(world):
    """RFC 6120 §5.3.1, §5.4.1: mandatory-to-negotiate TLS comes alone"""
    client = world.client()
    features = client.open()
    tls = features.find("starttls", names.TLS)
    check(tls is not None and tls.find("required") is not None, "no <starttls><required/>: %s", features)
    check(features.find("mechanisms", names.SASL) is None, "mechanisms before TLS: %s", features)
    check(features.find("bind", names.BIND) is None, "binding before TLS: %s", features)


@case
def features_inside_tls_offer_the_mechanisms_and_no_starttls(world):
    """RFC 6120 §5.4.3.3, §6.3.3; XEP-0440 §3; XEP-0077 §7"""
    client = world.client()
    features = client.to_tls(gnutls="NORMAL")
    check(features.find("starttls", names.TLS) is None, "starttls inside TLS: %s", features)
    offered = {m.text for m in features.find("mechanisms", names.SASL).all("mechanism")}
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"):
        check(mechanism in offered, "%s is not offered: %s", mechanism, sorted(offered))
    for mechanism in ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS"):
        check(mechanism in offered, "%s is not offered: %s", mechanism, sorted(offered))
    check(not offered & {"DIGEST-MD5", "CRAM-MD5", "LOGIN", "NTLM", "OTP"}, "an obsolete mechanism: %s", sorted(offered))


@case
def features_inside_tls_list_the_channel_bindings(world):
    """XEP-0440 §3, §4: tls-server-end-point is a MUST"""
    features = world.client().to_tls(version="1.3")
    found = features.find("sasl-channel-binding", names.CHANNEL_BINDING)
    check(found is not None, "no <sasl-channel-binding/>: %s", features)
    types = {t.get("type") for t in found.all("channel-binding")}
    check({"tls-exporter", "tls-server-end-point"} <= types, "channel bindings under TLS 1.3: %s", types)
    check("tls-unique" not in types, "tls-unique does not exist under TLS 1.3 (RFC 9266 §3): %s", types)


@case
def features_inside_tls_offer_registration_where_it_is_open(world):
    """XEP-0077 §7"""
    features = world.client().to_tls()
    check(features.find("register", names.REGISTER_FEATURE) is not None, "no <register/>: %s", features)


@case
def features_after_authentication_offer_binding_and_an_optional_session(world):
    """RFC 6120 §7.3.1; RFC 6121 appendix E: the session of RFC 3921 is marked optional"""
    account = world.account()
    client = world.to_sasl()
    client.scram(account.user, account.password)
    features = client.open()
    check(features.find("bind", names.BIND) is not None, "no <bind/>: %s", features)
    for name, ns in (("mechanisms", names.SASL), ("starttls", names.TLS), ("register", names.REGISTER_FEATURE)):
        check(features.find(name, ns) is None, "<%s/> after authentication: %s", name, features)
    session = features.find("session", names.SESSION)
    check(session is not None and session.find("optional") is not None, "no optional <session/>: %s", features)


@case
def the_old_session_request_is_answered(world):
    """RFC 3921 §3; RFC 6121 appendix E"""
    client = world.connect()
    answer = client.ask("<session xmlns='%s'/>" % names.SESSION, "set")
    check(answer.get("type") == "result", "session: %s", answer)


@case
def white_space_between_stanzas_keeps_the_stream_alive(world):
    """RFC 6120 §4.6.1"""
    client = world.client()
    client.open()
    client.send(" \n\t")
    client.start_tls()
    client.open()
    client.send(" " * 100)
    client.log_in_again(world.account())
    for _ in range(50):
        client.send("\n")
    client.send(" \t\r\n" * 500)
    client.fence()
