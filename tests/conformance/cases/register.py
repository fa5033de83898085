# In-band registration (XEP-0077), as a demo server allows it.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import AuthFailed, Unexpected, check_error
from wire.world import Account


def form(fields=None, inner=""):
    return "<query xmlns='%s'>%s%s</query>" % (
        names.REGISTER, "".join("<%s>%s</%s>" % (k, v, k) for k, v in (fields or {}).items()), inner)


def fails_to_log_in(world, account):
    client = world.to_sasl()
    try:
        client.scram(account.user, account.password)
    except AuthFailed as e:
        if e.condition == "not-authorized":
            return
        raise
    raise Unexpected("%s can still log in" % account.user)


@case
def a_stranger_gets_the_form(world):
    """XEP-0077 §3.1: before authentication"""
    answer = world.to_sasl().ask(form())
    query = answer.find("query", names.REGISTER)
    if answer.get("type") != "result" or query.find("username") is None or query.find("password") is None:
        raise Unexpected("no form: %s" % answer)
    if query.find("registered") is not None:
        raise Unexpected("a stranger is registered: %s" % answer)


@case
def the_form_may_be_asked_of_the_host_by_name(world):
    """XEP-0077 §3.1"""
    if world.to_sasl().ask(form(), to=world.domain).get("type") != "result":
        raise Unexpected("no form")


@case
def registration_is_not_open_before_tls(world):
    """XEP-0077 §9: not unless the channel is secured"""
    client = world.client()
    client.open()
    client.send("<iq type='set' id='r'>%s</iq>" % form({"username": "early", "password": "bird"}))
    element = client.expect("element", "a refusal")
    if element.get("type") == "result":
        raise Unexpected("registered in the clear")


@case
def a_new_account_logs_in_at_once_on_the_same_stream(world):
    """XEP-0077 §3.1"""
    client = world.to_sasl()
    name = "fresh%d" % id(client)
    answer = client.ask(form({"username": name, "password": "secret"}), "set")
    if answer.get("type") != "result":
        raise Unexpected("not registered: %s" % answer)
    client.log_in_again(Account(name, "secret", "%s@%s" % (name, world.domain)))
    client.fence()


@case
def a_name_that_is_taken_is_a_conflict(world):
    """XEP-0077 §3.1 example 5"""
    account = world.account()
    for name in (account.user, account.user.upper()):
        check_error(world.to_sasl().ask(form({"username": name, "password": "x"}), "set"), "conflict", "cancel")
    world.connect(account)


@case
def missing_fields_are_not_acceptable(world):
    """XEP-0077 §3.1 example 6"""
    client = world.to_sasl()
    for fields in ({"username": "half"}, {"password": "half"}, {}, {"username": "", "password": "x"},
                   {"username": "half", "password": ""}):
        check_error(client.ask(form(fields), "set"), ("not-acceptable", "bad-request"), "modify")


@case
def a_name_that_is_no_localpart_is_refused(world):
    """XEP-0077 §3.1, RFC 7622 §3.3, RFC 6120 §8.3.3"""
    for name in ("a@b", "with space", "sl/ash", "x" * 1024, "\u200b", "&lt;tag&gt;", "qu&quot;ote"):
        check_error(world.to_sasl().ask(form({"username": name, "password": "x"}), "set"),
                    ("jid-malformed", "not-acceptable", "bad-request"), "modify")


@case
def the_form_of_a_user_says_registered(world):
    """XEP-0077 §3.1 example 3"""
    account = world.account()
    query = world.connect(account).ask(form()).find("query", names.REGISTER)
    if query.find("registered") is None or query.find("username") is None or query.find("username").text != account.user:
        raise Unexpected("got %s" % query)
    if query.find("password") is not None and query.find("password").text:
        raise Unexpected("the password is told: %s" % query)


@case
def a_changed_password_counts_from_then_on(world):
    """XEP-0077 §3.3"""
    account = world.account()
    client = world.connect(account)
    answer = client.ask(form({"username": account.user, "password": "crayon"}), "set", to=world.domain)
    if answer.get("type") != "result":
        raise Unexpected("not changed: %s" % answer)
    client.fence()
    fails_to_log_in(world, account)
    for mechanism in ("SCRAM-SHA-1", "PLAIN"):
        other = world.to_sasl()
        other.log_in_again(account._replace(password="crayon"), mechanism=mechanism)


@case
def a_password_of_another_cannot_be_changed(world):
    """XEP-0077 §3.3"""
    account, victim = world.account(), world.account()
    answer = world.connect(account).ask(form({"username": victim.user, "password": "stolen"}), "set", to=world.domain)
    check_error(answer, ("not-allowed", "forbidden", "bad-request", "not-authorized", "not-acceptable", "conflict"))
    world.connect(victim)
    world.connect(account)


@case
def an_empty_password_is_not_set(world):
    """XEP-0077 §3.3: the existing password is kept"""
    account = world.account()
    client = world.connect(account)
    for fields in ({"username": account.user, "password": ""}, {"username": account.user}, {}):
        check_error(client.ask(form(fields), "set", to=world.domain), ("bad-request", "not-acceptable"), "modify")
    world.connect(account)


@case
def an_error_about_passwords_does_not_repeat_them(world):
    """XEP-0077 §3.3: the original XML is not returned"""
    account, victim = world.account(), world.account()
    answer = world.connect(account).ask(form({"username": victim.user, "password": "hunter2"}), "set", to=world.domain)
    if "hunter2" in str(answer):
        raise Unexpected("the password came back: %s" % answer)


@case
def removal_answers_and_ends_every_session(world):
    """XEP-0077 §3.2"""
    account = world.account()
    one, two = world.online(account, "one"), world.online(account, "two")
    one.fence()
    two.fence()
    one.send("<iq type='set' id='bye'>%s</iq>" % form(inner="<remove/>"))
    _until_result(one)
    for session in (one, two):
        _ends(session)
    fails_to_log_in(world, account)


def _until_result(client):
    before = client.until(lambda e: e.is_a("iq", names.CLIENT) and e.get("id") == "bye")
    if before:
        raise Unexpected("before the answer came %s" % before[0])


def _ends(client):
    """A stream error not-authorized (SHOULD), after whatever presence, and the end."""
    while True:
        kind, element = client.next()
        if kind in ("eof", "reset"):
            return
        if kind == "element" and element.is_a("error", names.STREAMS) and element.find("not-authorized", names.STREAM_ERRORS) is None:
            raise Unexpected("expected not-authorized, got %s" % element)


@case
def after_removal_the_name_is_nobodys_and_may_be_taken_again(world):
    """XEP-0077 §3.2"""
    account = world.account()
    client = world.connect(account)
    client.send("<iq type='set' id='bye'>%s</iq>" % form(inner="<remove/>"))
    _until_result(client)
    _ends(client)
    other = world.online()
    check_error(other.ask("<query xmlns='urn:example:x'/>", to=account.jid), "service-unavailable")
    again = world.account(user=account.user, password="another")
    fails_to_log_in(world, account)
    world.connect(again)


@case
def a_removal_with_something_beside_it_is_a_bad_request(world):
    """XEP-0077 §3.2: remove is the only child"""
    account = world.account()
    client = world.connect(account)
    check_error(client.ask(form({"username": account.user}, "<remove/>"), "set"), "bad-request", "modify")
    world.connect(account)


@case
def a_stranger_cannot_remove_anything(world):
    """XEP-0077 §3.2: unexpected-request"""
    account = world.account()
    client = world.to_sasl()
    client.send("<iq type='set' id='bye'>%s</iq>" % form({"username": account.user}, "<remove/>"))
    element = client.expect("element", "a refusal")
    if element.get("type") == "result":
        raise Unexpected("a stranger removed something")
    world.connect(account)


@case
def registration_for_another_host_is_refused(world):
    """XEP-0077 §3.1: the iq goes to the host of the stream"""
    client = world.to_sasl()
    client.send("<iq type='set' id='r' to='elsewhere.example'>%s</iq>" % form({"username": "lost", "password": "x"}))
    element = client.expect("element", "a refusal")
    if element.get("type") == "result":
        raise Unexpected("registered for another host")
