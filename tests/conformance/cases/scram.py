# SCRAM (RFC 5802, RFC 7677) and its channel bindings (RFC 5929, RFC 9266).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import base64
import hmac

from wire import names
from wire.binding import binding_data
from wire.case import add_case, case
from wire.client import AuthFailed, Unexpected
from wire.scram import HASHES, Scram
from wire.world import Skip

TLS13, TLS12 = "NORMAL", "NORMAL:-VERS-ALL:+VERS-TLS1.2"
ITERATIONS = 4096


def log_in(world, account, mechanism, binding=None, **tls):
    client = world.client()
    client.to_tls(**tls)
    client.scram(account.user, account.password, mechanism, binding)
    client.open()
    client.bind()
    client.fence()


def _logs_in(mechanism, binding, tls):
    return lambda world: log_in(world, world.account(), mechanism, binding, **tls)


for _hash in HASHES:
    add_case(__name__, "%s logs in and proves the server too" % _hash, "RFC 5802 §3, RFC 7677",
             _logs_in(_hash, None, {}))
    for _binding, _tls, _label in [("tls-exporter", {"gnutls": TLS13}, "TLS 1.3"),
                                   ("tls-server-end-point", {"gnutls": TLS13}, "TLS 1.3"),
                                   ("tls-server-end-point", {"version": "1.2"}, "TLS 1.2"),
                                   ("tls-unique", {"version": "1.2"}, "TLS 1.2")]:
        add_case(__name__, "%s-PLUS logs in with %s under %s" % (_hash, _binding, _label),
                 "RFC 5802 §6, RFC 5929 §3, §4, RFC 9266 §2, XEP-0440", _logs_in(_hash + "-PLUS", _binding, _tls))


def at_proof(world, **spoil):
    """A client that has sent its proof, with something wrong in it."""
    account = world.account()
    client = world.to_sasl()
    exchange = client.begin_scram(account.user, account.password)
    client.respond(exchange.final(client.expect_sasl("challenge"), **spoil))
    return client, account


@case
def a_wrong_proof_is_not_authorized(world):
    """RFC 5802 §3, RFC 6120 §6.5.10"""
    client, account = at_proof(world, spoil_proof=True)
    client.expect_sasl_failure("not-authorized")
    client.log_in_again(account)


@case
def a_nonce_that_is_not_the_servers_is_refused(world):
    """RFC 5802 §5.1: 'r'"""
    client, _ = at_proof(world, nonce="somethingelse")
    client.expect_sasl_failure("not-authorized", "malformed-request")


@case
def the_server_adds_a_nonce_of_its_own(world):
    """RFC 5802 §5.1: 'r'; RFC 5802 §9: not predictable"""
    account = world.account()
    added = set()
    for _ in range(5):
        client = world.to_sasl()
        exchange = client.begin_scram(account.user, account.password)
        exchange.read_challenge(client.expect_sasl("challenge"))
        if not exchange.server_nonce.startswith(exchange.nonce):
            raise Unexpected("the nonce does not begin with the client's: %s" % exchange.server_first)
        added.add(exchange.server_nonce[len(exchange.nonce):])
        client.close()
    if len(added) != 5 or min(map(len, added)) < 16:
        raise Unexpected("the server's part of the nonce: %s" % added)


@case
def the_iteration_count_is_high_enough(world):
    """RFC 7677 §4: at least 4096"""
    account = world.account()
    for mechanism in HASHES:
        client = world.to_sasl()
        exchange = client.begin_scram(account.user, account.password, mechanism)
        exchange.read_challenge(client.expect_sasl("challenge"))
        if exchange.count < ITERATIONS or len(exchange.salt) < 8:
            raise Unexpected("%s: %s" % (mechanism, exchange.server_first))


def challenge_for(world, user, mechanism):
    client = world.to_sasl()
    exchange = client.begin_scram(user, "pencil", mechanism)
    exchange.read_challenge(client.expect_sasl("challenge"))
    return client, exchange


@case
def an_unknown_user_gets_a_plausible_and_stable_salt(world):
    """RFC 5802 §5.1, §9, RFC 6120 §13.11: names cannot be tested"""
    real = world.account()
    ghosts = ["ghost-%s" % real.user, "phantom-%s" % real.user]
    for mechanism in HASHES:
        _, of_real = challenge_for(world, real.user, mechanism)
        salts = []
        for ghost in ghosts:
            _, first = challenge_for(world, ghost, mechanism)
            _, second = challenge_for(world, ghost, mechanism)
            if (first.salt, first.count) != (second.salt, second.count):
                raise Unexpected("%s: two attempts, two salts" % mechanism)
            if len(first.salt) != len(of_real.salt) or first.count != of_real.count:
                raise Unexpected("%s: salt and count differ in kind from those of a user" % mechanism)
            salts.append(first.salt)
        if salts[0] == salts[1]:
            raise Unexpected("%s: two unknown users share a salt" % mechanism)


@case
def an_unknown_users_salt_differs_from_hash_to_hash_as_a_users_does(world):
    """RFC 5802 §9: nothing in the exchange tells them apart"""
    real = world.account()

    def distinct(user):
        return len({challenge_for(world, user, m)[1].salt for m in HASHES})
    if distinct(real.user) != distinct("spectre-%s" % real.user):
        raise Unexpected("the number of salts tells a user from nobody")


@case
def an_unknown_user_fails_as_a_wrong_proof_does(world):
    """RFC 6120 §6.5.10, §13.11"""
    real = world.account()
    replies = []
    for user in (real.user, "ghost-%s" % real.user):
        client = world.to_sasl()
        exchange = client.begin_scram(user, "not the password")
        client.respond(exchange.final(client.expect_sasl("challenge")))
        replies.append(str(client.expect("element", "<failure/>")))
    if replies[0] != replies[1]:
        raise Unexpected("a wrong proof gets %s, an unknown user %s" % tuple(replies))


@case
def scram_without_an_initial_response_gets_an_empty_challenge(world):
    """RFC 6120 §6.4.2"""
    account = world.account()
    client = world.to_sasl()
    client.auth("SCRAM-SHA-1")
    if client.expect_sasl("challenge") != b"":
        raise Unexpected("the first challenge must be empty")
    exchange = Scram("SCRAM-SHA-1", account.user, account.password)
    client.respond(exchange.first())
    client.respond(exchange.final(client.expect_sasl("challenge")))
    if not exchange.server_is_genuine(client.expect_sasl("success")):
        raise Unexpected("the server's signature is wrong")


@case
def messages_that_are_not_of_scram_are_malformed(world):
    """RFC 5802 §7, RFC 6120 §6.5.8"""
    for first in (b"", b"n", b"n,,", b"n,,n=user", b"n,,r=nonce", b"x,,n=user,r=nonce", b"n,,n=us=41er,r=nonce",
                  b"n,,n=user,r=", b"n,,m=ext,n=user,r=nonce", b"n,,n=user,r=non ce\x7f", b"n,,n=,r=nonce", b"\0\0\0"):
        client = world.to_sasl()
        client.auth("SCRAM-SHA-1", first)
        try:
            client.expect_sasl_failure("malformed-request", "not-authorized")
        except Unexpected as e:
            raise Unexpected("first message %r: %s" % (first, e)) from None


@case
def final_messages_that_are_not_of_scram_are_refused(world):
    """RFC 5802 §7"""
    account = world.account()
    for make in (lambda e: b"", lambda e: b"c=biws", lambda e: b"c=biws,r=" + e.server_nonce.encode(),
                 lambda e: b"c=biws,r=%s,p=" % e.server_nonce.encode(),
                 lambda e: b"c=biws,r=%s,p=!!" % e.server_nonce.encode(),
                 lambda e: b"c=biws,r=%s,p=AAAA" % e.server_nonce.encode(),
                 lambda e: b"r=%s,c=biws,p=AAAA" % e.server_nonce.encode(), lambda e: b"," * 1000):
        client = world.to_sasl()
        exchange = client.begin_scram(account.user, account.password)
        exchange.read_challenge(client.expect_sasl("challenge"))
        client.respond(make(exchange))
        client.expect_sasl_failure("malformed-request", "not-authorized")


@case
def the_authzid_may_be_the_accounts_own_address(world):
    """RFC 6120 §6.3.8, RFC 5802 §5.1: 'a'"""
    account = world.account()
    client = world.to_sasl()
    exchange = client.begin_scram(account.user, account.password, gs2="n,a=%s," % account.jid)
    client.respond(exchange.final(client.expect_sasl("challenge")))
    client.expect_sasl("success")


@case
def the_authzid_of_another_is_refused(world):
    """RFC 6120 §6.5.6, RFC 5802 §5.1: 'a'"""
    account, other = world.account(), world.account()
    client = world.to_sasl()
    exchange = client.begin_scram(account.user, account.password, gs2="n,a=%s," % other.jid)
    element = client.expect("element", "a SASL element")
    if element.is_a("challenge", names.SASL):
        client.respond(exchange.final(base64.b64decode(element.text)))
        element = client.expect("element", "a SASL element")
    if not element.is_a("failure", names.SASL) or not element.find("invalid-authzid", names.SASL):
        raise Unexpected("expected invalid-authzid, got %s" % element)


@case
def the_header_in_the_final_message_must_be_that_of_the_first(world):
    """RFC 5802 §5.1: 'c'"""
    account = world.account()
    client = world.to_sasl()
    exchange = client.begin_scram(account.user, account.password)
    challenge = client.expect_sasl("challenge")
    exchange.gs2 = "y,,"
    client.respond(exchange.final(challenge))
    client.expect_sasl_failure("not-authorized", "malformed-request")


# ---- channel binding


@case
def tls_exporter_works_under_tls_1_2_too_where_it_is_offered(world):
    """RFC 9266 §2, RFC 5705 §4: "a zero-length context" reads as an empty one or as none, and TLS 1.2 tells them apart;
    libraries in the field take none"""
    account = world.account()
    for context in (None, b""):
        client = world.client()
        offered = client.to_tls(gnutls=TLS12).find("sasl-channel-binding", names.CHANNEL_BINDING)
        if offered is None or "tls-exporter" not in [t.get("type") for t in offered.all("channel-binding")]:
            raise Skip("tls-exporter is not offered under TLS 1.2")
        exchange = client.begin_scram(account.user, account.password, "SCRAM-SHA-256-PLUS", "tls-exporter",
                                      data=client.transport.sock.exporter(context))
        client.respond(exchange.final(client.expect_sasl("challenge")))
        try:
            client.expect_sasl("success")
            return
        except AuthFailed as e:
            failure = e
    raise failure


def plus_client(world, **tls):
    account = world.account()
    client = world.client()
    client.to_tls(**(tls or {"gnutls": TLS13}))
    return client, account


@case
def wrong_channel_binding_data_is_not_authorized(world):
    """RFC 5802 §6"""
    for kind in ("tls-exporter", "tls-server-end-point"):
        client, account = plus_client(world)
        data = bytes(b ^ 1 for b in binding_data(client.transport, kind))
        exchange = client.begin_scram(account.user, account.password, "SCRAM-SHA-256-PLUS", kind, data=data)
        client.respond(exchange.final(client.expect_sasl("challenge")))
        client.expect_sasl_failure("not-authorized")


@case
def channel_binding_data_of_another_connection_is_not_authorized(world):
    """RFC 5802 §6: a man in the middle"""
    client, account = plus_client(world)
    other, _ = plus_client(world)
    data = binding_data(other.transport, "tls-exporter")
    exchange = client.begin_scram(account.user, account.password, "SCRAM-SHA-1-PLUS", "tls-exporter", data=data)
    client.respond(exchange.final(client.expect_sasl("challenge")))
    client.expect_sasl_failure("not-authorized")


@case
def missing_channel_binding_data_is_not_authorized(world):
    """RFC 5802 §5.1: 'c'"""
    client, account = plus_client(world)
    exchange = client.begin_scram(account.user, account.password, "SCRAM-SHA-256-PLUS", "tls-exporter", data=b"")
    client.respond(exchange.final(client.expect_sasl("challenge")))
    client.expect_sasl_failure("not-authorized", "malformed-request")


@case
def the_data_of_one_binding_type_does_not_do_for_another(world):
    """RFC 5802 §6"""
    client, account = plus_client(world)
    data = binding_data(client.transport, "tls-exporter")
    exchange = client.begin_scram(account.user, account.password, "SCRAM-SHA-256-PLUS", "tls-server-end-point", data=data)
    client.respond(exchange.final(client.expect_sasl("challenge")))
    client.expect_sasl_failure("not-authorized")


def refused(client, exchange):
    """At the first message or at the proof: either is in time."""
    element = client.expect("element", "a SASL element")
    if element.is_a("challenge", names.SASL):
        client.respond(exchange.final(base64.b64decode(element.text)))
        element = client.expect("element", "a SASL element")
    if not element.is_a("failure", names.SASL):
        raise Unexpected("expected a failure, got %s" % element)


@case
def a_downgrade_is_noticed(world):
    """RFC 5802 §6: gs2 'y' while the server offers PLUS"""
    client, account = plus_client(world)
    refused(client, client.begin_scram(account.user, account.password, "SCRAM-SHA-256", gs2="y,,"))


@case
def a_client_without_channel_binding_may_say_so(world):
    """RFC 5802 §6: gs2 'n' while the server offers PLUS"""
    client, account = plus_client(world)
    exchange = client.begin_scram(account.user, account.password, "SCRAM-SHA-256", gs2="n,,")
    client.respond(exchange.final(client.expect_sasl("challenge")))
    client.expect_sasl("success")


@case
def plus_without_a_binding_is_refused(world):
    """RFC 5802 §6: 'p' is a must for PLUS"""
    for gs2 in ("n,,", "y,,"):
        client, account = plus_client(world)
        refused(client, client.begin_scram(account.user, account.password, "SCRAM-SHA-256-PLUS", gs2=gs2))


@case
def a_binding_without_plus_is_refused(world):
    """RFC 5802 §6: 'p' is only for PLUS"""
    client, account = plus_client(world)
    refused(client, client.begin_scram(account.user, account.password, "SCRAM-SHA-256", "tls-exporter"))


@case
def an_unknown_type_of_binding_is_refused(world):
    """RFC 5802 §6, XEP-0440 §1"""
    for kind in ("tls-imaginary", "", "tls-unique-for-telnet"):
        client, account = plus_client(world)
        refused(client, client.begin_scram(account.user, account.password, "SCRAM-SHA-256-PLUS", gs2="p=%s,," % kind,
                                           data=b"x" * 32))


@case
def tls_unique_is_refused_under_tls_1_3(world):
    """RFC 9266 §3: it is not defined there"""
    client, account = plus_client(world)
    refused(client, client.begin_scram(account.user, account.password, "SCRAM-SHA-1-PLUS", gs2="p=tls-unique,,",
                                       data=b"\0" * 12))


# ---- SASLprep (RFC 4013)


def prepared(world, registered, variants):
    account = world.account(password=registered)
    for password in variants:
        client = world.to_sasl()
        client.plain(account.user, password)
        client.expect_sasl("success")
    client = world.to_sasl()
    client.scram(account.user, variants[0])


@case
def a_soft_hyphen_in_a_password_counts_for_nothing(world):
    """RFC 4013 §2.1"""
    prepared(world, "pen\u00adcil", ["pencil", "p\u00adencil"])


@case
def a_password_is_normalised_by_nfkc(world):
    """RFC 4013 §2.2"""
    prepared(world, "\u2168 ca\u0301fe", ["IX c\u00e1fe", "\u2168 ca\u0301fe", "\uff29\uff38 c\u00e1fe"])


@case
def a_password_of_other_spaces_equals_one_with_plain_spaces(world):
    """RFC 4013 §2.1"""
    prepared(world, "two\u00a0words", ["two words", "two\u2003words"])


@case
def names_with_commas_and_equals_signs_are_escaped(world):
    """RFC 5802 §5.1: 'n'"""
    log_in(world, world.account(user="a=b,c%d" % id(world)), "SCRAM-SHA-1")


@case
def the_servers_signature_is_made_with_the_right_key(world):
    """RFC 5802 §3: checked here against a wrong password's key, which must differ"""
    account = world.account()
    client = world.to_sasl()
    exchange = client.begin_scram(account.user, account.password)
    client.respond(exchange.final(client.expect_sasl("challenge")))
    final = client.expect_sasl("success")
    if not exchange.server_is_genuine(final):
        raise Unexpected("wrong signature %s" % final)
    exchange._salted = hmac.digest(b"wrong", b"key", "sha1")
    if exchange.server_is_genuine(final):
        raise Unexpected("the check accepts anything")
