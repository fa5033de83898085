# The small protocols of the first modules: XEP-0030, 0199, 0092, 0202, 0012.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import datetime
import re

from wire import names
from wire.case import case
from wire.client import Unexpected, check_error


def result(answer):
    if answer.get("type") != "result":
        raise Unexpected("expected a result, got %s" % answer)
    return answer


def info(client, to, node=None):
    answer = client.ask("<query xmlns='%s'%s/>" % (names.DISCO_INFO, " node='%s'" % node if node else ""), to=to)
    query = result(answer).find("query", names.DISCO_INFO)
    return ({(i.get("category"), i.get("type")) for i in query.all("identity")},
            [f.get("var") for f in query.all("feature")])


@case
def the_host_describes_itself(world):
    """XEP-0030 §3.1: an identity, and every feature once"""
    identities, features = info(world.connect(), world.domain)
    if ("server", "im") not in identities:
        raise Unexpected("identities: %s" % identities)
    if len(set(features)) != len(features):
        raise Unexpected("a feature stands twice: %s" % features)
    for feature in (names.DISCO_INFO, names.DISCO_ITEMS, names.PING, names.VERSION, names.TIME, names.LAST, names.REGISTER):
        if feature not in features:
            raise Unexpected("%s is missing: %s" % (feature, features))


@case
def the_hosts_items_are_listed(world):
    """XEP-0030 §4"""
    answer = world.connect().ask("<query xmlns='%s'/>" % names.DISCO_ITEMS, to=world.domain)
    for item in result(answer).find("query", names.DISCO_ITEMS).all("item"):
        if not item.get("jid"):
            raise Unexpected("an item without an address: %s" % answer)


@case
def an_unknown_node_of_the_host_is_item_not_found(world):
    """XEP-0030 §7"""
    me = world.connect()
    check_error(me.ask("<query xmlns='%s' node='urn:example:no'/>" % names.DISCO_INFO, to=world.domain), "item-not-found", "cancel")


@case
def the_own_account_describes_itself(world):
    """XEP-0030 §8 (account/registered), RFC 6121 §8.5.2.1.3"""
    me = world.connect()
    bare = me.jid.partition("/")[0]
    for to in (bare, None):
        identities, _ = info(me, to)
        if ("account", "registered") not in identities:
            raise Unexpected("identities: %s" % identities)


@case
def the_own_accounts_items_are_listed(world):
    """XEP-0030 §4.1"""
    me = world.connect()
    result(me.ask("<query xmlns='%s'/>" % names.DISCO_ITEMS, to=me.jid.partition("/")[0]))


@case
def a_strangers_account_says_nothing(world):
    """XEP-0030 §8: not before a subscription to its presence, and no more than nobody says"""
    alice, bob = world.pair()
    answers = []
    for to in (bob.jid.partition("/")[0], "nobody@" + world.domain):
        for ns in (names.DISCO_INFO, names.DISCO_ITEMS):
            answer = alice.ask("<query xmlns='%s'/>" % ns, to=to)
            if ns == names.DISCO_INFO or answer.get("type") == "error":
                check_error(answer, "service-unavailable", "cancel")
            elif answer.find("query", ns).children:
                raise Unexpected("told a stranger: %s" % answer)
            answers.append(answer.get("type"))
    if answers[:2] != answers[2:]:
        raise Unexpected("an account can be told from nobody: %s" % answers)


@case
def a_request_to_set_what_can_only_be_asked_is_refused(world):
    """XEP-0030 §3, RFC 6120 §8.2.3"""
    me = world.connect()
    for ns in (names.DISCO_INFO, names.VERSION):
        check_error(me.ask("<query xmlns='%s'/>" % ns, "set", to=world.domain),
                    ("service-unavailable", "bad-request", "not-allowed", "feature-not-implemented", "forbidden"))


@case
def the_server_answers_a_ping(world):
    """XEP-0199 §4.2"""
    me = world.connect()
    for to in (world.domain, me.jid.partition("/")[0], None):
        if result(me.ask("<ping xmlns='%s'/>" % names.PING, to=to)).children:
            raise Unexpected("a pong with a payload")


@case
def clients_ping_each_other(world):
    """XEP-0199 §4.4"""
    alice, bob = world.pair()
    bob.send("<presence to='%s'/>" % alice.jid)
    alice.expect_element("presence")
    alice.send("<iq type='get' id='e2e' to='%s'><ping xmlns='%s'/></iq>" % (bob.jid, names.PING))
    bob.expect_element("iq", id="e2e")
    bob.send("<iq type='result' id='e2e' to='%s'/>" % alice.jid)
    result(alice.expect_answer("e2e"))


@case
def the_server_tells_its_name_and_version(world):
    """XEP-0092 §2"""
    query = result(world.connect().ask("<query xmlns='%s'/>" % names.VERSION, to=world.domain)).find("query", names.VERSION)
    for name in ("name", "version"):
        if query.find(name) is None or not query.find(name).text:
            raise Unexpected("no <%s/>: %s" % (name, query))


@case
def the_server_tells_the_time(world):
    """XEP-0202 §2, XEP-0082 §3.2"""
    time = result(world.connect().ask("<time xmlns='%s'/>" % names.TIME, to=world.domain)).find("time", names.TIME)
    utc, tzo = time.find("utc").text, time.find("tzo").text
    if not re.fullmatch(r"Z|[+-]\d\d:\d\d", tzo):
        raise Unexpected("tzo: %s" % tzo)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", utc):
        raise Unexpected("utc: %s" % utc)
    then = datetime.datetime.strptime(utc[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    if abs((datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()) > 30:
        raise Unexpected("the server's time is %s" % utc)


def seconds(answer):
    text = result(answer).find("query", names.LAST).get("seconds")
    if not text or not text.isdigit():
        raise Unexpected("seconds: %s" % answer)
    return int(text)


@case
def the_server_tells_its_uptime(world):
    """XEP-0012 §5"""
    if seconds(world.connect().ask("<query xmlns='%s'/>" % names.LAST, to=world.domain)) > 3600:
        raise Unexpected("the server says that it is up since long ago")


@case
def last_activity_of_the_own_account_that_is_online_is_zero(world):
    """XEP-0012 §3"""
    me = world.online()
    if seconds(me.ask("<query xmlns='%s'/>" % names.LAST, to=me.jid.partition("/")[0])) != 0:
        raise Unexpected("not zero while online")


@case
def last_activity_of_a_stranger_is_forbidden(world):
    """XEP-0012 §3, §4: without a subscription; nobody gets the same answer (RFC 6120 §13.11)"""
    me, other = world.connect(), world.account()
    answers = [me.ask("<query xmlns='%s'/>" % names.LAST, to=to) for to in (other.jid, "nobody-" + other.jid)]
    check_error(answers[0], ("forbidden", "service-unavailable"))
    check_error(answers[1], ("forbidden", "service-unavailable"))
