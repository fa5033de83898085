# Resuming a stream whose connection broke (XEP-0198 §5): what is lost comes once, and what came is not done twice.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import threading

from wire import names
from wire.case import add_case, case
from wire.client import Unexpected, check_error
from wire.names import Reset
from wire.sm import SM, authenticate, enable, resume
from wire.talk import befriend, chat, must


def expect_ids(client, wanted):
    """Just these messages, in that order, and none behind them."""
    got = [e.get("id") for e in client.until(lambda e: e.get("id") == wanted[-1])] + [wanted[-1]]
    got += [e.get("id") for e in client.fence()]
    must(list(wanted), got, "messages")


# ---- what is resent


@case
def what_was_not_acknowledged_comes_once_in_order_and_only_then_what_is_new(world):
    """XEP-0198 §5"""
    alice, bob = enable(world), enable(world)
    for i in range(10):
        chat(alice, bob.jid, "m%d" % i)
    for i in range(10):
        bob.expect_element("message", id="m%d" % i)
    bob.cut()
    for i in range(10, 20):
        chat(alice, bob.jid, "m%d" % i)
    must(20, alice.acknowledged(), "h of the sender")
    back = resume(world, bob, 4)
    chat(alice, bob.jid, "last")
    must(21, alice.acknowledged(), "h of the sender")
    expect_ids(back, ["m%d" % i for i in range(4, 20)] + ["last"])
    must(4 + 17 + 1, back.received, "stanzas, with the answer to the ping")
    back.ack()
    back.fence()


@case
def what_was_acknowledged_does_not_come_again(world):
    """XEP-0198 §4, §5"""
    alice, bob = world.online(), enable(world)
    for i in range(6):
        chat(alice, bob.jid, "m%d" % i)
    for i in range(6):
        bob.expect_element("message", id="m%d" % i)
    bob.ack(3)
    bob.acknowledged()
    bob.cut()
    expect_ids(resume(world, bob, 3), ["m3", "m4", "m5"])


@case
def a_stream_may_break_many_times(world):
    """XEP-0198 §5: the counts are carried over"""
    alice, bob = enable(world), enable(world)
    for i in range(8):
        chat(alice, bob.jid, "a%d" % i)
        bob.expect_element("message", id="a%d" % i)
        if i % 3:
            bob.ack()
        chat(bob, alice.jid, "b%d" % i)
        must(i + 1, bob.acknowledged(), "h")
        alice.expect_element("message", id="b%d" % i)
        bob.cut()
        bob = resume(world, bob)
        must(str(i + 1), bob.answer.get("h"), "h of resumed")
    bob.fence()


@case
def every_kind_of_stanza_is_resent(world):
    """XEP-0198 §5"""
    alice, bob = world.online(), enable(world)
    alice.send("<presence to='{0}' id='p'><show>away</show></presence><message to='{0}' id='m' type='headline'/>"
               "<iq to='{0}' id='q' type='get'><ping xmlns='{1}'/></iq><message to='{0}' id='e' type='error'/>"
               .format(bob.jid, names.PING))
    for name in "pmqe":
        must(name, bob.expect("element", "a stanza").get("id"), "id")
    bob.cut()
    back = resume(world, bob, 0)
    for name in "pmqe":
        must(name, back.expect("element", "a stanza").get("id"), "id")
    back.send("<iq to='%s' id='q' type='result'/>" % alice.jid)
    alice.expect_answer("q")


@case
def the_session_goes_on_as_it_was(world):
    """XEP-0198 §5: address, presence, carbons, what it is told of its account; none of it is asked for again"""
    alice, bob = world.online(), enable(world)
    phone = world.online(bob.account, "phone")
    bob.fence()
    bob.ask("<query xmlns='jabber:iq:roster'/>")
    bob.ask("<enable xmlns='%s'/>" % names.CARBONS, "set")
    bob.cut()
    back = resume(world, bob)
    alice.send("<message to='%s' id='m' type='chat'><body>x</body></message>" % phone.jid)
    phone.expect_element("message", id="m")
    carbon = back.expect_element("message")
    if carbon.find("received", names.CARBONS) is None:
        raise Unexpected("no carbon: %s" % carbon)
    phone.send("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@example.org'/></query></iq>")
    push = back.expect_element("iq", type="set")
    must("romeo@example.org", push.children[0].children[0].get("jid"), "roster push")
    chat(alice, bob.account.jid, "bare")
    must("bare", back.expect_element("message").get("id"), "message to the account")


@case
def contacts_do_not_see_a_connection_break(world):
    """XEP-0198 §7: the session is kept"""
    alice, bob = world.online(), enable(world)
    befriend(alice, bob)
    bob.cut()
    back = resume(world, bob)
    back.send("<presence><status>marker</status></presence>")
    while True:
        p = alice.expect_element("presence")
        if p.find("status") is not None:
            break
        if p.get("from", ).startswith(bob.account.jid) and p.get("type") == "unavailable":
            raise Unexpected("told of it: %s" % p)


@case
def what_was_held_back_from_an_inactive_client_comes_when_it_is_back(world):
    """XEP-0352 §5: the state of a client is not resumed, and nothing that waited for it is lost"""
    alice, bob = world.online(), enable(world)
    bob.send("<inactive xmlns='%s'/>" % names.CSI)
    bob.fence()
    for i in range(3):
        alice.send("<presence to='%s' id='p%d'/>" % (bob.jid, i))
    alice.fence()
    bob.cut()
    alice.send("<presence to='%s' id='p3'><show>xa</show></presence>" % bob.jid)
    alice.fence()
    back = resume(world, bob)
    last = None
    while last != "p3":
        p = back.expect_element("presence")
        last = p.get("id") if p.get("from") == alice.jid else None
    alice.send("<presence to='%s' id='p4'/>" % bob.jid)
    while back.expect_element("presence").get("id") != "p4":
        pass


# ---- what the client resends


@case
def stanzas_that_the_client_sends_again_are_handled_once(world):
    """XEP-0198 §5: the server says how far it came, and a client sends what lies behind"""
    alice, bob = enable(world), world.online()
    sent = ["<message to='%s' id='m%d' type='chat'><body>x</body></message>" % (bob.jid, i) for i in range(50)]
    alice.send("".join(sent))
    alice.cut()
    back = resume(world, alice, 0)
    back.send("".join(sent[int(back.answer.get("h")):]))
    must(50, back.acknowledged(), "h")
    end = world.online()
    chat(end, bob.jid, "end")
    got = bob.until(lambda e: e.get("id") == "end")
    must(["m%d" % i for i in range(50)], [e.get("id") for e in got], "messages")


def _password(client, name, password):
    return "<iq type='set' id='%s'><query xmlns='%s'><username>%s</username><password>%s</password></query></iq>" % (
        name, names.REGISTER, client.account.user, password)


@case
def answers_that_take_their_time_come_once_over_a_cut(world):
    """XEP-0198 §4, §5: a request is handled when its answer is on its way"""
    alice = enable(world)
    sent = [_password(alice, "p%d" % i, "pencil") if i % 2 else
            "<iq type='get' id='p%d'><ping xmlns='%s'/></iq>" % (i, names.PING) for i in range(8)]
    alice.send("".join(sent))
    alice.cut()
    back = resume(world, alice, 0)
    for _ in range(2):
        back.send("".join(sent[int(back.answer.get("h")):]))
        back.cut()
        back = resume(world, back, 0)
    back.send("".join(sent[int(back.answer.get("h")):]))
    answers = []
    while len(answers) < 8:
        iq = back.expect_element("iq")
        must("result", iq.get("type"), "an answer")
        answers.append(iq.get("id"))
    must(sorted("p%d" % i for i in range(8)), sorted(answers), "answers")
    must(8, back.acknowledged(), "h")
    must([], back.fence(), "more answers")


@case
def too_many_requests_that_take_their_time_are_refused_and_counted(world):
    """DESIGN: each wait has a bound"""
    alice = enable(world)
    n = 120
    alice.send("".join(_password(alice, "p%d" % i, "pencil") for i in range(n)))
    refused = 0
    for _ in range(n):
        iq = alice.expect_element("iq")
        if iq.get("type") == "error":
            check_error(iq, "resource-constraint")
            refused += 1
    must(n, alice.acknowledged(), "h")
    if refused > n - 64:
        raise Unexpected("%d of %d were refused" % (refused, n))


# ---- what cannot be resumed


@case
def a_stream_that_nobody_knows_is_not_found_and_a_resource_may_be_bound(world):
    """XEP-0198 §5: item-not-found, and no new login"""
    account = world.account()
    client = authenticate(world, account)
    client.ask_to_resume("0123456789abcdef", 0)
    client.expect_failed("item-not-found")
    client.bind("phone")
    client.available()
    client.enable()
    chat(client, client.jid, "m")
    client.expect_element("message", id="m")
    must(1, client.acknowledged(), "h")


def _bad_resume(attrs):
    def check(world):
        alice = enable(world)
        client = authenticate(world, alice.account)
        client.send("<resume xmlns='%s' %s/>" % (SM, attrs.replace("ID", alice.id)))
        failed = client.expect_element("failed", SM)
        if len(failed.children) != 1 or failed.children[0].ns != names.STANZA_ERRORS:
            raise Unexpected("no condition: %s" % failed)
        client.bind()
        must(0, alice.acknowledged(), "h of the stream that is there")
    return check


for _what, _attrs in (("no stream", "h='0'"), ("an empty name", "previd='' h='0'"), ("a short name", "previd='ab' h='0'"),
                      ("a name in capitals", "previd='ABCDEF0123456789' h='0'"),
                      ("a name of other letters", "previd='----------------' h='0'"),
                      ("a name of 5000 bytes", "previd='%s' h='0'" % ("a" * 5000)),
                      ("no count", "previd='ID'"), ("an empty count", "previd='ID' h=''"),
                      ("a negative count", "previd='ID' h='-1'"), ("no number", "previd='ID' h='x'"),
                      ("a count beyond 32 bits", "previd='ID' h='4294967296'")):
    add_case(__name__, "resuming with %s fails and harms nothing" % _what, "XEP-0198 §5, §6", _bad_resume(_attrs))


@case
def a_count_that_is_too_high_ends_the_stream_that_resumes(world):
    """XEP-0198 §6"""
    alice, bob = world.online(), enable(world)
    chat(alice, bob.jid, "m")
    bob.expect_element("message", id="m")
    bob.cut()
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, 2)
    error = client.expect_stream_error("undefined-condition")
    told = error.find("handled-count-too-high", SM)
    if told is None or (told.get("h"), told.get("send-count")) != ("2", "1"):
        raise Unexpected("not told: %s" % error)
    expect_ids(resume(world, bob, 0), ["m"])


@case
def the_stream_of_somebody_else_is_not_found(world):
    """XEP-0198 §10: a stream belongs to its account"""
    alice, mallory = enable(world), authenticate(world, world.account())
    mallory.ask_to_resume(alice.id, 0)
    mallory.expect_failed("item-not-found")
    alice.fence()
    alice.cut()
    mallory.ask_to_resume(alice.id, 0)
    mallory.expect_failed("item-not-found")
    resume(world, alice)


@case
def a_stream_that_is_not_to_be_resumed_is_not(world):
    """XEP-0198 §5: resume was not asked for"""
    bob = enable(world, resume=False)
    alice = world.online()
    bob.cut()
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id or "0123456789abcdef", 0)
    client.expect_failed("item-not-found")
    client.bind()
    alice.fence()


@case
def a_stream_that_was_closed_is_over_and_how_far_it_came_is_known(world):
    """XEP-0198 §5, §7"""
    bob = enable(world)
    for _ in range(3):
        chat(bob, bob.jid, "m")
        bob.expect_element("message", id="m")
    bob.ack()
    bob.send("</stream:stream>")
    bob.expect_end()
    client = authenticate(world, bob.account)
    client.ask_to_resume(bob.id, 3)
    client.expect_failed("item-not-found", 3)
    client.bind()


@case
def a_stream_that_is_being_closed_is_not_resumed(world):
    """XEP-0198 §7: whoever says </stream:stream> is gone"""
    for _ in range(5):
        bob = enable(world)
        client = authenticate(world, bob.account)
        bob.send("</stream:stream>")
        client.ask_to_resume(bob.id, 0)
        answer = client.expect("element", "an answer")
        if answer.name == "resumed":
            try:
                bob.expect_stream_error("conflict")  # it was asked for first
            except Unexpected:
                raise Unexpected("a stream that was closed goes on") from None
        client.close()


@case
def a_resumed_stream_is_neither_enabled_nor_resumed_again(world):
    """XEP-0198 §3, §6"""
    bob = enable(world)
    bob.cut()
    back = resume(world, bob)
    back.send("<enable xmlns='%s' resume='true'/>" % SM)
    back.expect_failed("unexpected-request")
    back.ask_to_resume(bob.id, 0)
    back.expect_failed("unexpected-request")
    back.fence()


@case
def a_bound_session_does_not_resume_another(world):
    """XEP-0198 §3: it has its resource"""
    bob = enable(world)
    bob.cut()
    other = authenticate(world, bob.account)
    other.bind()
    other.ask_to_resume(bob.id, 0)
    other.expect_failed("unexpected-request")
    other.fence()
    resume(world, bob)


# ---- two connections


@case
def the_connection_that_is_still_there_yields(world):
    """XEP-0198 §5: conflict"""
    alice, bob = world.online(), enable(world)
    chat(alice, bob.jid, "one")
    bob.expect_element("message", id="one")
    back = resume(world, bob)
    bob.expect_stream_error("conflict")
    chat(alice, bob.jid, "two")
    expect_ids(back, ["two"])


@case
def what_the_old_connection_sends_behind_the_new_one_is_not_handled(world):
    """XEP-0198 §5"""
    alice, bob = world.online(), enable(world)
    back = resume(world, bob)
    try:
        chat(bob, alice.jid, "ghost")
    except Reset:
        pass
    bob.expect_stream_error("conflict", overrun=True)
    chat(back, alice.jid, "new")
    must([], alice.until(lambda e: e.get("id") == "new"), "messages before it")
    must(1, back.acknowledged(), "h")


@case
def a_stream_is_resumed_by_the_last_who_asks(world):
    """XEP-0198 §5: each connection yields to the next"""
    alice, bob = world.online(), enable(world)
    all_of_them = [bob]
    for i in range(4):
        all_of_them.append(resume(world, all_of_them[-1]))
    for old in all_of_them[:-1]:
        old.expect_stream_error("conflict")
    chat(alice, bob.jid, "m")
    expect_ids(all_of_them[-1], ["m"])


@case
def of_several_that_resume_at_once_one_has_the_stream(world):
    """XEP-0198 §5"""
    alice, bob = world.online(), enable(world)
    for i in range(5):
        chat(alice, bob.jid, "m%d" % i)
    bob.cut()
    rivals = [authenticate(world, bob.account) for _ in range(4)]
    threads = [threading.Thread(target=r.ask_to_resume, args=(bob.id, 0)) for r in rivals]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    alive = []
    for r in rivals:
        if r.expect("element", "an answer").name != "resumed":
            continue
        r.managed = True
        try:
            expect_ids(r, ["m%d" % i for i in range(5)])
            alive.append(r)
        except (Unexpected, Reset) as e:
            if "messages" in str(e):
                raise
    must(1, len(alive), "connections that have the stream")
    chat(alice, bob.jid, "last")
    expect_ids(alive[0], ["last"])


@case
def a_resumption_whose_connection_dies_at_once_loses_nothing(world):
    """XEP-0198 §5"""
    alice, bob = enable(world), enable(world)
    for i in range(20):
        chat(alice, bob.jid, "m%d" % i)
        dying = authenticate(world, bob.account)
        dying.ask_to_resume(bob.id, 0)
        if i % 3 == 1:
            dying.expect_element("resumed", SM)
        dying.cut() if i % 2 else dying.close()
    must(20, alice.acknowledged(), "h of the sender")
    expect_ids(resume(world, bob, 0), ["m%d" % i for i in range(20)])


@case
def a_resumption_in_one_breath_with_stanzas_handles_them(world):
    """XEP-0198 §5: a client that knows how far it came need not wait"""
    alice, bob = world.online(), enable(world)
    bob.cut()
    client = authenticate(world, bob.account)
    client.managed = True
    client.send("<resume xmlns='{0}' previd='{1}' h='0'/><message to='{2}' id='m' type='chat'/><r xmlns='{0}'/>".format(
        SM, bob.id, alice.jid))
    client.expect_element("resumed", SM, h="0")
    must("1", client.find_next("a").get("h"), "h")
    alice.expect_element("message", id="m")


@case
def binding_behind_a_failed_resumption_in_one_breath_works(world):
    """XEP-0198 §5"""
    client = authenticate(world, world.account())
    client.send("<resume xmlns='%s' previd='0123456789abcdef' h='0'/><iq type='set' id='b'><bind xmlns='%s'/></iq>"
                % (SM, names.BIND))
    client.expect_failed("item-not-found")
    must("result", client.expect_answer("b").get("type"), "binding")


@case
def messages_that_fly_both_ways_while_a_stream_breaks_arrive_once(world):
    """XEP-0198 §5"""
    alice, bob = enable(world), enable(world)
    n, got_a, got_b = 120, [], []
    sent = {"a": 0, "b": 0}

    def again(who, old, mine, to, inbox):
        """Reads what is there, cuts, resumes, and sends on from where the server is."""
        try:
            while True:
                kind, element = old.next(0.05)
                if kind != "element":
                    break
                if element.name == "message":
                    inbox.append(element.get("id"))
        except (TimeoutError, Reset):
            pass
        old.cut()
        new = resume(world, old)
        first = int(new.answer.get("h"))
        last = min(n, first + 40)
        new.send("".join("<message to='%s' id='%s%d' type='chat'><body>x</body></message>" % (to, mine, i)
                         for i in range(first, last)))
        sent[who] = last
        return new

    while min(sent.values()) < n:
        alice = again("a", alice, "a", bob.jid, got_a)
        bob = again("b", bob, "b", alice.jid, got_b)
    must(n, alice.acknowledged(), "h")
    must(n, bob.acknowledged(), "h")
    chat(world.online(), alice.jid, "end")
    expect_ids(alice, ["b%d" % i for i in range(len(got_a), n)] + ["end"])
    chat(world.online(), bob.jid, "end")
    expect_ids(bob, ["a%d" % i for i in range(len(got_b), n)] + ["end"])
    must(["b%d" % i for i in range(len(got_a))], got_a, "messages of one")
    must(["a%d" % i for i in range(len(got_b))], got_b, "messages of the other")
