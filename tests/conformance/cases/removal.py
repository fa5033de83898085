# What is left of an account that was removed (XEP-0077 §3.2): nothing, for whoever takes its name next.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import case
from wire.client import AuthFailed, Unexpected


def remove(world, account):
    client = world.connect(account)
    client.send("<iq type='set' id='bye'><query xmlns='%s'><remove/></query></iq>" % names.REGISTER)
    client.expect_element("iq", id="bye", type="result")
    client.expect_gone()


@case
def a_client_that_is_not_bound_yet_goes_with_its_account(world):
    """XEP-0077 §3.2: and does not bind at the account of that name which comes next"""
    account = world.account()
    unbound = world.to_sasl()
    unbound.scram(account.user, account.password)
    unbound.open()
    remove(world, account)
    unbound.expect_stream_error("not-authorized")
    world.connect(world.account(user=account.user, password="another"))


@case
def a_login_half_done_when_its_account_goes_does_not_enter_the_next_one(world):
    """RFC 6120 §6.4.6: who authenticated is who was asked about"""
    account = world.account()
    early = world.to_sasl()
    exchange = early.begin_scram(account.user, account.password)
    final = exchange.final(early.expect_sasl("challenge"))
    remove(world, account)
    world.account(user=account.user, password="another")
    early.respond(final)
    try:
        kind, element = early.next()
        if kind == "element" and element.is_a("success", names.SASL):
            raise Unexpected("the password of the account before it opens this one")
    except AuthFailed:
        pass
