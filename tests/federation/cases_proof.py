# Who may speak for a domain: certificates (RFC 6120 §13.7, XEP-0178) and dialback (XEP-0220).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from authority import EXPIRED_DAYS, FUTURE_DAYS, Authority
from fake import DIALBACK, SERVER
from wire import names
from wire.case import add_case, case
from wire.client import Unexpected
from wire.names import Reset
from wire.talk import must

BY_DIALBACK = {"proof": "dialback"}
REMOTE_ERRORS = ("remote-server-not-found", "remote-server-timeout")


def say(link, user, body, sender=None):
    link.send("<message from='%s' to='%s' type='chat'><body>%s</body></message>" % (
        sender or "juliet@" + link.fake.domain, user.jid, body))


def write(user, fake, body="x", name="w"):
    user.send("<message to='juliet@%s' type='chat' id='%s'><body>%s</body></message>" % (fake.domain, name, body))


def gets(link, body):
    message = link.expect_element("message", SERVER)
    must(body, message.find("body").text, "the message")
    return message


def returns(user, name="w"):
    """The message comes back with an error that says that the other server was not reached."""
    while True:
        element = user.expect("element", "an error")
        if element.get("id") == name:
            break
    error = element.find("error", names.CLIENT)
    found = [c.name for c in error.children if c.ns == names.STANZA_ERRORS and c.name != "text"] if error else []
    if not found or found[0] not in REMOTE_ERRORS:
        raise Unexpected("expected %s, got %s" % (" or ".join(REMOTE_ERRORS), element))
    return found[0]


def ends(link):
    """The server ends it, by an error or without."""
    link.expect_gone()


# ---- certificates of others, on their way in


def good_certificates(court, domain):
    yield "its name", court.certificate(domain)
    yield "a wildcard", court.certificate("*." + domain.partition(".")[2])
    yield "its name among many", court.certificate("a.example", domain, "b.example")
    yield "a name of its XMPP service alone", court.certificate(srv=("_xmpp-server." + domain,))
    yield "an XMPP address", court.certificate(xmpp=(domain,))
    yield "use by servers alone", court.certificate(domain, client=False)


def bad_certificates(court, domain):
    other = Authority(court.site.folder, "other%s" % domain)
    yield "of another name", court.certificate("other.example")
    yield "of a wildcard one level above", court.certificate("*.example.example")
    yield "of a wildcard that spans levels", court.certificate("*.%s" % domain)
    yield "expired", court.certificate(domain, days=EXPIRED_DAYS)
    yield "not yet valid", court.certificate(domain, days=FUTURE_DAYS)
    yield "self-signed", court.certificate(domain, self_signed=True)
    yield "of an unknown authority", other.issue(domain)
    yield "with another service's name", court.certificate(srv=("_imaps." + domain,))


KINDS_GOOD = ("its name", "a wildcard", "its name among many", "a name of its XMPP service alone", "an XMPP address",
              "use by servers alone")
KINDS_BAD = ("of another name", "of a wildcard one level above", "of a wildcard that spans levels", "expired", "not yet valid",
             "self-signed", "of an unknown authority", "with another service's name")


def let_in(court, kind):
    fake, romeo = court.fake(), court.user()
    certificate = dict(good_certificates(court, fake.domain))[kind]
    link = fake.connect(certificate=certificate)
    must(True, fake.offers_external(link), "EXTERNAL is offered")
    fake.prove(link)
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


def kept_out(court, kind):
    """Neither by the certificate nor by dialback, which this server does not want."""
    fake, romeo = court.fake(), court.user()
    try:
        link = fake.connect(certificate=dict(bad_certificates(court, fake.domain))[kind])
        if fake.offers_external(link):
            fake.ask_external(link)
            link.expect_sasl_failure("not-authorized", "invalid-authzid", "invalid-mechanism")
        fake.dial_back(link)
        say(link, romeo, "hello")
        refused(link)
    except (Reset, Unexpected) as e:
        if "it is let in" in str(e):
            raise
    court.nothing_came(romeo)


def refused(link):
    """An invalid or an error result, or the end of the stream."""
    while True:
        kind, element = link.next()
        if kind != "element" or element.ns == names.STREAMS:
            return
        if element.is_a("result", DIALBACK) and element.get("type") == "valid":
            raise Unexpected("it is let in: %s" % element)


def proves_otherwise(court, kind):
    """Dialback proves that it is the server that DNS names."""
    fake, romeo = court.fake(), court.user()
    certificate = dict(bad_certificates(court, fake.domain))[kind]
    link = fake.connect(certificate=certificate)
    must(False, fake.offers_external(link), "EXTERNAL is offered")
    fake.dial_back(link)
    fake.vouch(certificate=certificate)
    fake.expect_result(link, "valid")
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


# ---- and where the server goes


def goes_to(court, kind):
    fake, romeo = court.fake(), court.user()
    fake.certificate = dict(good_certificates(court, fake.domain))[kind]
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


def does_not_go_to(court, kind):
    fake, romeo = court.fake(), court.user()
    fake.certificate = dict(bad_certificates(court, fake.domain))[kind]
    write(romeo, fake, "secret")
    try:
        link = fake.to_tls()
        link.greet("<dialback xmlns='urn:xmpp:features:dialback'/>")
        while True:
            event, element = link.next()
            if event != "element":
                break
            if element.ns == SERVER:
                raise Unexpected("it sent %s" % element)
            if element.is_a("result", DIALBACK):
                link.send("<db:result from='%s' to='%s' type='valid'/>" % (element.get("to"), element.get("from")))
    except (Reset, TimeoutError):
        pass
    returns(romeo)


def goes_by_dialback(court, kind):
    fake, romeo = court.fake(), court.user()
    fake.certificate = dict(bad_certificates(court, fake.domain))[kind]
    write(romeo, fake, "hello")
    gets(fake.receive_by_dialback(), "hello")


for _kind in KINDS_GOOD:
    add_case(__name__, "a certificate with %s proves it" % _kind, "RFC 6120 §13.7.1.2, XEP-0178 §4",
             lambda court, k=_kind: let_in(court, k))
    add_case(__name__, "a server whose certificate has %s is written to" % _kind, "RFC 6120 §13.7.2.1",
             lambda court, k=_kind: goes_to(court, k))
for _kind in KINDS_BAD:
    add_case(__name__, "a certificate %s proves nothing" % _kind, "RFC 6120 §13.7.2", lambda court, k=_kind: kept_out(court, k))
    add_case(__name__, "a server whose certificate is %s is not written to" % _kind, "RFC 6120 §13.7.2",
             lambda court, k=_kind: does_not_go_to(court, k))
    add_case(__name__, "behind a certificate %s dialback proves it" % _kind, "XEP-0220 §2.1",
             lambda court, k=_kind: proves_otherwise(court, k), server=BY_DIALBACK)
    add_case(__name__, "a server whose certificate is %s is written to by dialback" % _kind, "XEP-0220 §2.1",
             lambda court, k=_kind: goes_by_dialback(court, k), server=BY_DIALBACK)


@case
def a_certificate_is_enough_on_a_direct_tls_port_as_well(court):
    """XEP-0368 §2"""
    fake, romeo = court.fake(), court.user()
    link = fake.enter(direct=True)
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


@case
def a_server_with_direct_tls_is_written_to(court):
    """XEP-0368 §2"""
    fake, romeo = court.fake(direct=True), court.user()
    write(romeo, fake, "hello")
    gets(fake.receive(), "hello")


@case
def without_a_certificate_external_is_not_offered(court):
    """XEP-0178 §4 step 10; or that is the end"""
    fake = court.fake()
    try:
        link = fake.connect(show=False)
    except Unexpected as e:
        must(True, "policy-violation" in str(e) or "not-authorized" in str(e), "the error: %s" % e)
        return
    must(False, fake.offers_external(link), "EXTERNAL is offered")


@case
def an_empty_authorization_identity_is_the_domain_of_the_header(court):
    """XEP-0178 §4 step 12"""
    fake, romeo = court.fake(), court.user()
    link = fake.prove(fake.connect(), b"")
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


@case
def external_does_not_prove_another_domain(court):
    """XEP-0178 §4 step 13, RFC 6120 §6.5.6"""
    fake, victim, romeo = court.fake(), court.fake(), court.user()
    link = fake.connect()
    fake.ask_external(link, victim.domain.encode())
    link.expect_sasl_failure("invalid-authzid", "not-authorized")
    say(link, romeo, "hello", "juliet@" + victim.domain)
    ends(link)
    court.nothing_came(romeo)


@case
def external_does_not_prove_the_header_of_another(court):
    """XEP-0178 §4 step 9: the certificate of one, the address of another"""
    fake, victim = court.fake(), court.fake()
    try:
        link = fake.connect(me=victim.domain)
    except Unexpected as e:
        must(True, "policy-violation" in str(e) or "not-authorized" in str(e), "the error: %s" % e)
        return
    if fake.offers_external(link):
        fake.ask_external(link, victim.domain.encode())
        link.expect_sasl_failure("invalid-authzid", "not-authorized", "invalid-mechanism")


# ---- dialback


@case(server=BY_DIALBACK)
def dialback_with_a_good_certificate_works_too(court):
    """XEP-0344 §2: the certificate may be proof enough"""
    fake, romeo = court.fake(), court.user()
    fake.certificate = court.certificate(fake.domain)
    link = fake.connect()
    fake.dial_back(link)
    try:
        fake.vouch(link=fake.accept(1))
    except Unexpected:
        pass
    fake.expect_result(link, "valid")
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


@case(server=BY_DIALBACK)
def dialback_on_a_direct_tls_port(court):
    """XEP-0220, XEP-0368"""
    fake, romeo = court.fake(direct=True), court.user()
    link = fake.connect(direct=True)
    fake.dial_back(link)
    fake.vouch()
    fake.expect_result(link, "valid")
    say(link, romeo, "hello")
    court.came(romeo, "hello", "juliet@" + fake.domain)


@case(server=BY_DIALBACK)
def a_key_that_its_domain_does_not_know_is_invalid(court):
    """XEP-0220 §2.1.1"""
    fake, romeo = court.fake(), court.user()
    link = fake.connect()
    fake.dial_back(link, "forged")
    fake.vouch(keys={})
    refused(link)
    court.nothing_came(romeo)


@case(server=BY_DIALBACK)
def a_domain_that_nobody_serves_cannot_be_proven(court):
    """XEP-0220 §2.4: remote-server-not-found"""
    fake, romeo = court.fake(announce=False), court.user()
    link = fake.connect()
    fake.dial_back(link)
    result = link.expect("element", "a result, or an error")
    if result.is_a("result", DIALBACK):
        must(True, result.get("type") in ("error", "invalid"), "result %s" % result)
    say(link, romeo, "hello")
    court.nothing_came(romeo)


@case(server=BY_DIALBACK)
def the_server_of_another_domain_is_asked_not_the_one_that_connects(court):
    """XEP-0220 §2.1"""
    fake, victim, romeo = court.fake(), court.fake(), court.user()
    link = fake.connect(me=victim.domain)
    fake.dial_back(link, me=victim.domain)
    victim.vouch(keys={})
    refused(link)
    fake.nobody_comes(0.2)
    court.nothing_came(romeo)


@case(server=BY_DIALBACK)
def nothing_is_delivered_while_the_key_is_being_verified(court):
    """XEP-0220 §2.1: the originating server waits"""
    fake, romeo = court.fake(), court.user()
    link = fake.connect()
    fake.dial_back(link)
    say(link, romeo, "too early")
    try:
        fake.to_tls()
    except (Unexpected, Reset):
        pass
    court.nothing_came(romeo)


def own_key(court):
    """The server's stream to us, with the key that it made for it."""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake)
    link = fake.to_tls()
    link.greet("<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>")
    result = link.expect_element("result", DIALBACK)
    return fake, link, result.text


def verify(fake, name, key):
    """What the server says of a key."""
    link = fake.connect()
    link.send("<db:verify from='%s' to='%s' id='%s'>%s</db:verify>" % (fake.domain, fake.server.domain, name, key))
    return link.expect_element("verify", DIALBACK).get("type")


@case(server=BY_DIALBACK)
def its_own_key_is_confirmed(court):
    """XEP-0220 §2.2"""
    fake, link, key = own_key(court)
    must("valid", verify(fake, link.stream_name, key), "its own key")


@case(server=BY_DIALBACK)
def its_own_key_is_worth_nothing_for_another_stream(court):
    """XEP-0185, XEP-0220 §5: keys depend on the stream id"""
    fake, _, key = own_key(court)
    must("invalid", verify(fake, "another", key), "a key that is replayed")


@case(server=BY_DIALBACK)
def its_own_key_is_worth_nothing_for_another_domain(court):
    """XEP-0185"""
    _, link, key = own_key(court)
    must("invalid", verify(court.fake(), link.stream_name, key), "a key that is replayed")


@case(server=BY_DIALBACK)
def a_key_that_was_made_up_is_not_confirmed(court):
    """XEP-0220 §2.2"""
    fake, link, key = own_key(court)
    for forged in ("x", key[:-1], key + "0", key.swapcase() if key.swapcase() != key else "y", "0" * len(key)):
        must("invalid", verify(fake, link.stream_name, forged), "the key %r" % forged)


@case(server=BY_DIALBACK)
def keys_of_domains_that_are_not_served_are_not_confirmed(court):
    """XEP-0220 §2.4: item-not-found, host-unknown"""
    fake = court.fake()
    link = fake.connect()
    link.send("<db:verify from='%s' to='elsewhere.example' id='a'>key</db:verify>" % fake.domain)
    kind, element = link.next()
    if kind == "element" and element.is_a("verify", DIALBACK) and element.get("type") == "valid":
        raise Unexpected("it is confirmed: %s" % element)


@case(server=BY_DIALBACK)
def two_domains_may_share_a_stream(court):
    """XEP-0220 §2.5: multiplexing, each proven for itself"""
    fake, second, romeo = court.fake(), court.fake(), court.user()
    link = fake.enter_by_dialback()
    second.keys[link.header_in.get("id")] = "another key"
    link.send("<db:result from='%s' to='%s'>another key</db:result>" % (second.domain, court.domain))
    second.vouch()
    must(second.domain, fake.expect_result(link, "valid").get("to"), "whose result")
    say(link, romeo, "hello", "juliet@" + second.domain)
    court.came(romeo, "hello", "juliet@" + second.domain)


@case(server=BY_DIALBACK)
def dialback_waits_for_tls(court):
    """XEP-0220 §2.1, XEP-0344 §2: nothing is proven in the clear here"""
    fake, romeo = court.fake(), court.user()
    link = fake.begin()
    link.say_header()
    link.header_in = link.expect("open", "the server's header")
    link.features()
    fake.dial_back(link)
    refused(link)
    fake.nobody_comes(0.2)
    court.nothing_came(romeo)


@case
def where_certificates_count_dialback_is_not_offered(court):
    """RFC 6120 §13.7"""
    fake = court.fake()
    link = fake.connect()
    if link.stream_features.find("dialback", "urn:xmpp:features:dialback") is not None:
        raise Unexpected("it is offered: %s" % link.stream_features)


# ---- without TLS


@case(server=BY_DIALBACK)
def a_server_that_does_not_offer_tls_gets_nothing(court):
    """RFC 6120 §5.3.1, §13.8"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "secret")
    link = fake.accept()
    fake.listener.close()  # nobody is there for the next attempt
    link.greet("<dialback xmlns='urn:xmpp:features:dialback'/>")
    ends_unsaid(link)
    returns(romeo)


@case(server=BY_DIALBACK)
def a_server_that_refuses_tls_gets_nothing(court):
    """RFC 6120 §5.4.2.2"""
    fake, romeo = court.fake(), court.user()
    write(romeo, fake, "secret")
    link = fake.accept()
    fake.listener.close()
    link.greet("<starttls xmlns='%s'/>" % names.TLS)
    link.expect_element("starttls", names.TLS)
    link.send("<failure xmlns='%s'/></stream:stream>" % names.TLS)
    ends_unsaid(link)
    returns(romeo)


def ends_unsaid(link):
    while True:
        try:
            kind, element = link.next()
        except TimeoutError:
            raise Unexpected("the stream is still open") from None
        if kind in ("eof", "reset"):
            return
        if kind == "element" and (element.ns in (SERVER, DIALBACK)):
            raise Unexpected("it said in the clear: %s" % element)


@case
def what_stands_behind_the_request_for_tls_is_not_taken_for_encrypted(court):
    """RFC 6120 §5.4.3.3: plaintext before the handshake is no part of the new stream"""
    fake, romeo = court.fake(), court.user()
    link = fake.begin()
    link.say_header()
    link.expect("open", "the server's header")
    link.features()
    link.send("<starttls xmlns='%s'/><message from='juliet@%s' to='%s'><body>injected</body></message>" % (
        names.TLS, fake.domain, romeo.jid))
    try:
        link.expect_element("proceed", names.TLS)
        link.restart()
        link.secure(client_cert=fake.certificate.both, server_name=court.domain)
        fake.open(link)
        fake.prove(link)
    except (Reset, Unexpected):
        pass
    court.nothing_came(romeo)
