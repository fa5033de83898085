# Several devices of one account: message carbons (XEP-0280) and client state indication (XEP-0352).
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import names
from wire.case import add_case, case
from wire.client import Unexpected

CHAT_STATE = "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
MUC_USER = "http://jabber.org/protocol/muc#user"

# What is in a message, its type, and whether it is copied when it is sent, and when it is received (§6.1).
RULES = [
    ("a chat message", "chat", "<body>b</body>", True, True),
    ("a normal message with a body", "normal", "<body>b</body>", True, True),
    ("a normal message without a body", "normal", "<x xmlns='urn:example:x'/>", False, False),
    ("a headline", "headline", "<body>b</body>", False, False),
    ("a message of groupchat", "groupchat", "<body>b</body>", False, False),
    ("a chat state", "chat", CHAT_STATE, True, True),
    ("a receipt", "normal", "<received xmlns='urn:xmpp:receipts' id='1'/>", True, True),
    ("a chat marker", "normal", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", True, True),
    ("a direct invitation", "normal", "<x xmlns='jabber:x:conference' jid='r@c.example'/>", True, True),
    ("a mediated invitation", "normal", "<x xmlns='%s'><invite from='a@b.example'/></x>" % MUC_USER, True, True),
    ("a private message in a room", "chat", "<body>b</body><x xmlns='%s'/>" % MUC_USER, True, False),
    ("a private message", "chat", "<body>b</body><private xmlns='%s'/>" % names.CARBONS, False, False),
    ("a message with the hint no-copy", "chat", "<body>b</body><no-copy xmlns='urn:xmpp:hints'/>", False, False),
]


def devices(world):
    """A friend, and two devices of one account, of which the second has carbons."""
    account = world.account()
    second = world.online(account, "second", -1)
    answer = second.ask("<enable xmlns='%s'/>" % names.CARBONS, "set")
    if answer.get("type") != "result":
        raise Unexpected("carbons are not enabled: %s" % answer)
    first = world.online(account, "first", 5)
    second.fence()
    return world.online(), first, second


def bare(client):
    return client.jid.partition("/")[0]


def copies(sender, second):
    """The messages that SECOND got of what SENDER sent: a marker on the same path ends the wait."""
    sender.send("<message to='%s' id='marker' type='headline'/>" % second.jid)
    return [e for e in second.until(lambda e: e.get("id") == "marker") if e.is_a("message", names.CLIENT)]


def check_copy(copy, way, second, content):
    if copy.get("from") != bare(second) or copy.get("to") != second.jid:
        raise Unexpected("the copy is not from the account to the device: %s" % copy)
    forwarded = copy.find(way, names.CARBONS) and copy.find(way, names.CARBONS).find("forwarded", names.FORWARD)
    message = forwarded and forwarded.find("message", names.CLIENT)
    if not message or message.get("id") != "m" or len(message.children) < 1:
        raise Unexpected("expected %s in %s, got %s" % (content, way, copy))


def try_rule(world, way, kind, content, wanted):
    friend, first, second = devices(world)
    sender, receiver = (first, friend) if way == "sent" else (friend, first)
    sender.send("<message to='%s' type='%s' id='m'>%s</message>" % (receiver.jid, kind, content))
    got = copies(sender, second)
    if len(got) != (1 if wanted else 0):
        raise Unexpected("expected %s, got %s" % ("one copy" if wanted else "no copy", [str(e) for e in got]))
    if wanted:
        check_copy(got[0], way, second, content)


def _rule(*arguments):
    return lambda world: try_rule(world, *arguments)


for _what, _kind, _content, _sent, _received in RULES:
    for _way, _wanted in (("sent", _sent), ("received", _received)):
        add_case(__name__, "%s is%s copied when %s" % (_what, "" if _wanted else " not", _way), "XEP-0280 §6.1, §7, §8, §9",
                 _rule(_way, _kind, _content, _wanted))


@case
def who_gets_the_message_gets_no_copy(world):
    """XEP-0280 §7"""
    friend, first, second = devices(world)
    first.ask("<enable xmlns='%s'/>" % names.CARBONS, "set")
    for to in (first.jid, bare(first)):
        friend.send("<message to='%s' type='chat' id='m'><body>b</body></message>" % to)
        friend.send("<message to='%s' id='end' type='headline'/>" % first.jid)
        got = first.until(lambda e: e.get("id") == "end")
        if [e.get("id") for e in got] != ["m"]:
            raise Unexpected("expected the message alone, got %s" % [str(e) for e in got])


@case
def carbons_end_when_they_are_disabled(world):
    """XEP-0280 §5, §10.1: and may be disabled twice"""
    friend, first, second = devices(world)
    for _ in range(2):
        answer = second.ask("<disable xmlns='%s'/>" % names.CARBONS, "set")
        if answer.get("type") != "result":
            raise Unexpected("carbons are not disabled: %s" % answer)
    friend.send("<message to='%s' type='chat' id='m'><body>b</body></message>" % first.jid)
    if copies(friend, second):
        raise Unexpected("there are still copies")


@case
def client_state_is_offered(world):
    """XEP-0352 §4.1"""
    if world.connect().stream_features.find("csi", names.CSI) is None:
        raise Unexpected("no csi in the features")


@case
def an_inactive_client_gets_a_message_at_once_and_the_last_presence_before_it(world):
    """XEP-0352 §3.2, RFC 6120 §10.1"""
    phone, friend = world.pair()
    phone.send("<inactive xmlns='%s'/>" % names.CSI)
    phone.fence()
    for show in ("away", "dnd"):
        friend.send("<presence to='%s'><show>%s</show></presence>" % (phone.jid, show))
    friend.send("<message to='%s' type='chat' id='m'><body>b</body></message>" % phone.jid)
    last = None
    while True:
        element = phone.expect("element", "presence and a message")
        if element.is_a("message", names.CLIENT):
            break
        last = element
    if element.get("id") != "m" or last is None or last.find("show").text != "dnd":
        raise Unexpected("expected the last presence and the message, got %s and %s" % (last, element))


@case
def what_waited_for_an_active_client_comes_before_the_answer_to_its_ping(world):
    """XEP-0352 §5.1"""
    phone, friend = world.pair()
    phone.send("<inactive xmlns='%s'/>" % names.CSI)
    phone.fence()
    friend.send("<presence to='%s'><show>away</show></presence>" % phone.jid)
    friend.fence()
    phone.send("<active xmlns='%s'/><iq type='get' id='p' to='%s'><ping xmlns='%s'/></iq>" % (
        names.CSI, world.domain, names.PING))
    presence = phone.expect_element("presence")
    if presence.find("show") is None:
        raise Unexpected("expected the friend's presence, got %s" % presence)
    phone.expect_element("iq", id="p")
