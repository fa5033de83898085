# SASL: every failure of RFC 6120 §6.5 that a client can cause, retries, and PLAIN.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import Unexpected

WRONG = "not the password"


def raw_auth(client, mechanism, text):
    client.send("<auth xmlns='%s' mechanism='%s'>%s</auth>" % (names.SASL, mechanism, text))


@case
def plain_logs_in_under_tls(world):
    """RFC 6120 §6.4, RFC 4616"""
    client = world.to_sasl()
    client.log_in_again(world.account(), mechanism="PLAIN")
    client.fence()


@case
def plain_takes_the_accounts_own_address_as_authzid(world):
    """RFC 6120 §6.3.8"""
    account = world.account()
    client = world.to_sasl()
    client.plain(account.user, account.password, account.jid)
    client.expect_sasl("success")
    client.restart()
    client.open()
    client.bind()


@case
def an_authzid_of_somebody_else_is_refused(world):
    """RFC 6120 §6.5.6: invalid-authzid"""
    account, other = world.account(), world.account()
    client = world.to_sasl()
    client.plain(account.user, account.password, other.jid)
    client.expect_sasl_failure("invalid-authzid")


@case
def an_authzid_that_is_no_address_is_refused(world):
    """RFC 6120 §6.5.6: invalid-authzid"""
    account = world.account()
    client = world.to_sasl()
    client.plain(account.user, account.password, "@@")
    client.expect_sasl_failure("invalid-authzid")


@case
def an_authzid_does_not_help_a_wrong_password(world):
    """RFC 6120 §6.5.10, §13.8.1: nothing is told before the password is right"""
    account, other = world.account(), world.account()
    client = world.to_sasl()
    client.plain(account.user, WRONG, other.jid)
    client.expect_sasl_failure("not-authorized", "invalid-authzid")


@case
def a_wrong_password_is_not_authorized(world):
    """RFC 6120 §6.5.10"""
    account = world.account()
    client = world.to_sasl()
    client.plain(account.user, WRONG)
    client.expect_sasl_failure("not-authorized")


@case
def an_unknown_user_fails_as_a_wrong_password_does(world):
    """RFC 6120 §6.5.10, §13.11: names cannot be tested"""
    account = world.account()
    replies = []
    for user in (account.user, "nobody-%s" % account.user):
        client = world.to_sasl()
        client.plain(user, WRONG)
        replies.append(str(client.expect("element", "<failure/>")))
    if replies[0] != replies[1]:
        raise Unexpected("a wrong password gets %s, an unknown user %s" % tuple(replies))


@case
def an_empty_password_is_refused(world):
    """RFC 4616 §2, RFC 6120 §6.5"""
    account = world.account()
    client = world.to_sasl()
    client.plain(account.user, "")
    client.expect_sasl_failure("not-authorized", "malformed-request")


@case
def an_abort_is_answered_by_aborted(world):
    """RFC 6120 §6.4.4, §6.5.1"""
    client = world.to_sasl()
    client.begin_scram("romeo", "pencil")
    client.expect_sasl("challenge")
    client.send("<abort xmlns='%s'/>" % names.SASL)
    client.expect_sasl_failure("aborted")


@case
def after_an_abort_another_mechanism_may_be_tried(world):
    """RFC 6120 §6.4.4, §6.4.5"""
    account = world.account()
    client = world.to_sasl()
    client.begin_scram(account.user, account.password)
    client.expect_sasl("challenge")
    client.send("<abort xmlns='%s'/>" % names.SASL)
    client.expect_sasl_failure("aborted")
    client.log_in_again(account, mechanism="PLAIN")


@case
def base64_that_is_none_is_an_incorrect_encoding(world):
    """RFC 6120 §6.5.5, §13.9.1"""
    for text in ("!!!!", "AGEAYg", "AGE AYg==", "AGEAYg==AGEAYg==", "AG=EAYg=", "====", "A"):
        client = world.to_sasl()
        raw_auth(client, "PLAIN", text)
        client.expect_sasl_failure("incorrect-encoding")


@case
def a_response_that_is_no_base64_is_an_incorrect_encoding(world):
    """RFC 6120 §6.5.5"""
    client = world.to_sasl()
    client.begin_scram("romeo", "pencil")
    client.expect_sasl("challenge")
    client.send("<response xmlns='%s'>&amp;&amp;</response>" % names.SASL)
    client.expect_sasl_failure("incorrect-encoding")


@case
def an_unknown_mechanism_is_invalid(world):
    """RFC 6120 §6.5.7"""
    for mechanism in ("X-NO-SUCH-MECHANISM", "plain-ish", "", "GSSAPI" * 100, "DIGEST-MD5", "CRAM-MD5"):
        client = world.to_sasl()
        raw_auth(client, mechanism, "=")
        client.expect_sasl_failure("invalid-mechanism")


@case
def no_mechanism_is_an_invalid_one(world):
    """RFC 6120 §6.5.7: 'did not specify a mechanism'"""
    client = world.to_sasl()
    client.send("<auth xmlns='%s'>=</auth>" % names.SASL)
    client.expect_sasl_failure("invalid-mechanism")


@case
def a_message_of_plain_without_its_parts_is_malformed(world):
    """RFC 6120 §6.5.8, RFC 4616 §2"""
    for message in (b"no separators at all", b"\0only-one", b"\0user\0pass\0more", b"\0\0", b"\0user\0pa\xffss"):
        client = world.to_sasl()
        client.auth("PLAIN", message)
        client.expect_sasl_failure("malformed-request", "not-authorized")


@case
def an_empty_initial_response_is_not_a_missing_one(world):
    """RFC 6120 §6.4.2: '=' is a response of zero length"""
    client = world.to_sasl()
    client.auth("PLAIN", b"")
    client.expect_sasl_failure("malformed-request", "not-authorized")


@case
def plain_without_an_initial_response_gets_an_empty_challenge(world):
    """RFC 6120 §6.4.2, §6.4.3"""
    account = world.account()
    client = world.to_sasl()
    client.auth("PLAIN")
    if client.expect_sasl("challenge") != b"":
        raise Unexpected("the first challenge must be empty")
    client.respond(("\0%s\0%s" % (account.user, account.password)).encode())
    client.expect_sasl("success")


@case
def an_empty_auth_element_with_white_space_is_no_base64_or_empty(world):
    """RFC 6120 §13.9.1: white space is not of the alphabet"""
    client = world.to_sasl()
    raw_auth(client, "PLAIN", " \n")
    element = client.expect("element", "a SASL element")
    if element.ns != names.SASL or element.name not in ("failure", "challenge"):
        raise Unexpected("got %s" % element)


@case
def a_response_without_an_exchange_is_refused(world):
    """RFC 6120 §6.4.3"""
    client = world.to_sasl()
    client.respond(b"x")
    element = client.expect("element", "a refusal")
    if not (element.is_a("failure", names.SASL) or element.is_a("error", names.STREAMS)):
        raise Unexpected("expected a refusal, got %s" % element)


@case
def a_second_auth_within_an_exchange_is_refused_or_begins_anew(world):
    """RFC 6120 §6.4.2"""
    account = world.account()
    client = world.to_sasl()
    client.begin_scram(account.user, account.password)
    client.expect_sasl("challenge")
    client.plain(account.user, WRONG)
    element = client.expect("element", "a refusal")
    if element.is_a("success", names.SASL) or not (element.is_a("failure", names.SASL) or element.is_a("error", names.STREAMS)):
        raise Unexpected("expected a refusal, got %s" % element)


@case
def an_unknown_element_of_sasl_is_refused(world):
    """RFC 6120 §6.4, §4.9.3.24"""
    client = world.to_sasl()
    client.send("<surprise xmlns='%s'/>" % names.SASL)
    element = client.expect("element", "a refusal")
    if not (element.is_a("failure", names.SASL) or element.is_a("error", names.STREAMS)):
        raise Unexpected("expected a refusal, got %s" % element)


@case
def a_client_may_try_again_at_least_twice(world):
    """RFC 6120 §6.4.5: at least two retries"""
    account = world.account()
    client = world.to_sasl()
    for _ in range(2):
        client.plain(account.user, WRONG)
        client.expect_sasl_failure("not-authorized")
    client.log_in_again(account)


@case
def a_client_that_goes_on_guessing_is_cut_off(world):
    """RFC 6120 §6.4.5: no more than five retries, then a stream error that SHOULD be policy-violation"""
    account = world.account()
    client = world.to_sasl()
    for _ in range(7):
        client.plain(account.user, WRONG)
        element = client.expect("element", "a refusal")
        if element.is_a("error", names.STREAMS):
            if not (element.find("policy-violation", names.STREAM_ERRORS) or element.find("not-authorized", names.STREAM_ERRORS)):
                raise Unexpected("expected policy-violation, got %s" % element)
            client.expect_end()
            return
        if not element.is_a("failure", names.SASL):
            raise Unexpected("expected a failure, got %s" % element)
        if client.transport.readable(0.3):
            client.expect_stream_error("policy-violation", "not-authorized")
            return
    raise Unexpected("seven guesses on one stream, and it is still open")


@case
def guesses_of_a_stranger_do_not_lock_the_owner_out(world):
    """RFC 6120 §13.8.1, and our promise: by account and by address, and the owner comes in"""
    account = world.account()
    for _ in range(8):
        client = world.to_sasl(source=world.new_source())
        client.plain(account.user, WRONG)
        client.next()
        client.close()
    client = world.to_sasl(source=world.new_source())
    client.log_in_again(account)


@case
def authentication_again_after_success_is_refused(world):
    """RFC 6120 §6.3.4, §6.4.6"""
    account = world.account()
    client = world.connect(account)
    client.plain(account.user, account.password)
    element = client.expect("element", "a refusal")
    if not (element.is_a("failure", names.SASL) or element.is_a("error", names.STREAMS)):
        raise Unexpected("expected a refusal, got %s" % element)


@case
def a_very_long_response_is_refused(world):
    """RFC 6120 §13.12: limits before authentication"""
    client = world.to_sasl()
    client.send_until_answered(b"<auth xmlns='%s' mechanism='PLAIN'>%s</auth>" % (names.SASL.encode(), b"QUFB" * 65536))
    client.expect_stream_error("policy-violation", overrun=True)


@case
def a_name_is_compared_without_case(world):
    """RFC 7622 §3.3, RFC 6122 §2.3: nodeprep"""
    account = world.account()
    client = world.to_sasl()
    client.plain(account.user.upper(), account.password)
    client.expect_sasl("success")
    client.restart()
    client.open()
    if client.bind("x") != account.jid + "/x":
        raise Unexpected("bound as %s" % client.jid)


@case
def a_name_that_is_no_localpart_is_not_authorized(world):
    """RFC 7622 §3.3, RFC 6120 §6.5.10"""
    for user in ("a@b", "a b", "a/b", "\u200b", "x" * 2000):
        client = world.to_sasl()
        client.plain(user, "pencil")
        client.expect_sasl_failure("not-authorized", "malformed-request", "invalid-authzid")
