# Who receives a message: the table of RFC 6121 §8.5.4, row by row, and the rules around it.
#
# No case waits for silence: a marker that must come later on the same path (RFC 6120 §10.1) ends the wait, and whatever
# came before it is what was delivered.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import itertools

from wire import names
from wire.case import add_case, case
from wire.client import Unexpected, check_error

TYPES = ("normal", "chat", "groupchat", "headline")
_marker = itertools.count(1)


class Scene:
    """A sender, and an account with sessions of the given priorities (None: bound but not available)."""

    def __init__(self, world, *priorities, account=True):
        self.world = world
        self.sender = world.online()
        self.account = world.account() if account else None
        self.bare = self.account.jid if account else "nobody-at-all@%s" % world.domain
        self.sessions = [world.connect(self.account, "r%d" % i) for i in range(len(priorities))]
        for session, priority in zip(self.sessions, priorities):
            if priority is not None:
                session.available(priority)
        for session in self.sessions:
            session.fence()

    def send(self, kind, to, text="hello"):
        self.sender.send("<message to='%s' id='m'%s><body>%s</body></message>" % (
            to, " type='%s'" % kind if kind else "", text))

    def came_back(self):
        """What the sender got.  An iq to the same address answers last: order holds between two addresses."""
        name = "end%d" % next(_marker)
        self.sender.send("<iq type='get' id='%s' to='%s/no-such-resource'><ping xmlns='%s'/></iq>" % (name, self.bare, names.PING))
        before = self.sender.until(lambda e: e.get("id") == name)
        return [e for e in before if e.get("id") == "m"]

    def received(self):
        """For each session, how many of the messages it got; call it after came_back(), which flushes the account."""
        counts = []
        for session in self.sessions:
            name = "end%d" % next(_marker)
            self.sender.send("<message to='%s' id='%s'/>" % (session.jid, name))
            counts.append(len([e for e in session.until(lambda e, name=name: e.get("id") == name) if e.get("id") == "m"]))
        return counts


def _check(outcome, scene, full):
    errors = scene.came_back()
    for e in errors:
        check_error(e, "service-unavailable", "cancel")
        if e.get("from") not in (full or scene.bare, scene.bare) or e.get("to") != scene.sender.jid:
            raise Unexpected("addressed wrongly: %s" % e)
    counts = scene.received()
    ok, want = outcome(bool(errors), counts)
    if not ok or len(errors) > 1:
        raise Unexpected("%s; errors to the sender: %d, deliveries to each session: %s" % (want, len(errors), counts))
    if outcome is stored:
        _check_stored(scene, bool(errors))


def _check_stored(scene, error):
    info = scene.sender.ask("<query xmlns='%s'/>" % names.DISCO_INFO, to=scene.world.domain)
    keeps = any(f.get("var") == "msgoffline" for f in info.children[0].children)
    if keeps == error:
        raise Unexpected("%s, and errors to the sender: %d" % ("msgoffline" if keeps else "no msgoffline", error))
    if keeps:
        later = scene.world.connect(scene.account, "later")
        later.send("<presence/>")
        before = [m for m in later.fence() if m.name == "message"]
        if [m.get("id") for m in before] != ["m"] or before[0].find("delay", names.DELAY) is None:
            raise Unexpected("not what was stored: %s" % [str(m) for m in before])


def error_only(error, counts):
    return error and not any(counts), "expected service-unavailable and no delivery"


def stored(error, counts):
    """Kept for later where the server says that it does that (XEP-0160), else an error: see _check_stored."""
    return not any(counts), "expected no delivery yet"


def silence(error, counts):
    return not error and not any(counts), "expected to be silently ignored"


def silence_or_error(error, counts):
    return not any(counts), "expected no delivery"


def to_session(*which):
    def outcome(error, counts):
        return not error and counts == [1 if i in which else 0 for i in range(len(counts))], \
            "expected delivery to session %s alone" % (which,)
    return outcome


def most_available_or_all(best, willing):
    def outcome(error, counts):
        got = [i for i, c in enumerate(counts) if c]
        ok = not error and max(counts) == 1 and got and (set(got) <= set(best) or set(got) == set(willing))
        return ok, "expected delivery to the most available %s or to all of %s" % (best, willing)
    return outcome


# Condition, arguments of Scene, address, then the outcome for each of TYPES.
TABLE = [
    ("to the bare address of no account", (), {"account": False}, "%s",
     (silence_or_error, silence_or_error, error_only, silence)),
    ("to a full address of no account", (), {"account": False}, "%s/x", (silence_or_error,) * 4),
    ("to the bare address of an account without sessions", (), {}, "%s", (stored, stored, error_only, silence)),
    ("to a full address of an account without sessions", (), {}, "%s/x",
     (silence_or_error, stored, silence_or_error, silence_or_error)),
    ("to the bare address of an account with no available session", (None,), {}, "%s",
     (stored, stored, error_only, silence)),
    ("to the bare address with one session of negative priority", (-1,), {}, "%s",
     (stored, stored, error_only, silence)),
    ("to the full address of a session of negative priority", (-5,), {}, "%s/r0", (to_session(0),) * 4),
    ("to another full address beside a session of negative priority", (-1,), {}, "%s/x",
     (silence_or_error, stored, silence_or_error, silence_or_error)),
    ("to the bare address with one available session", (0,), {}, "%s",
     (to_session(0), to_session(0), error_only, to_session(0))),
    ("to the full address of an available session", (0, 0), {}, "%s/r1", (to_session(1),) * 4),
    ("to the full address of a bound session that is not available", (None,), {}, "%s/r0", (to_session(0),) * 4),
    ("to another full address beside an available session", (0,), {}, "%s/x",
     (silence_or_error, to_session(0), silence_or_error, silence_or_error)),
    ("to the bare address with sessions of several priorities", (1, 5, -1, None, 5), {}, "%s",
     (most_available_or_all((1, 4), (0, 1, 4)), most_available_or_all((1, 4), (0, 1, 4)), error_only, to_session(0, 1, 4))),
    ("to another full address beside sessions of several priorities", (1, 5, -1), {}, "%s/x",
     (silence_or_error, most_available_or_all((1,), (0, 1)), silence_or_error, silence_or_error)),
]


def _row(arguments, options, address, kind, outcome):
    def check(world):
        scene = Scene(world, *arguments, **options)
        to = address % scene.bare
        scene.send(kind, to)
        _check(outcome, scene, to)
    return check


for _what, _arguments, _options, _address, _outcomes in TABLE:
    for _kind, _outcome in zip(TYPES, _outcomes):
        add_case(__name__, "a %s message %s" % (_kind, _what), "RFC 6121 §8.5.4 (§8.5.1 to §8.5.3)",
                 _row(_arguments, _options, _address, _kind, _outcome))


def _error_is_dropped(arguments, options, address):
    def check(world):
        scene = Scene(world, *arguments, **options)
        scene.sender.send("<message type='error' id='m' to='%s'><error type='cancel'><gone xmlns='%s'/></error></message>"
                          % (address % scene.bare, names.STANZA_ERRORS))
        _check(silence, scene, None)
    return check


for _what, _arguments, _options, _address in [
        ("the bare address of no account", (), {"account": False}, "%s"),
        ("a full address of no account", (), {"account": False}, "%s/x"),
        ("the bare address of an account without sessions", (), {}, "%s"),
        ("the bare address of an available account", (0,), {}, "%s"),
        ("a full address that matches no session", (0,), {}, "%s/x")]:
    add_case(__name__, "an error message to %s is silently ignored" % _what,
             "RFC 6121 §8.5.2.1.1, §8.5.3.2.1; RFC 6120 §8.3.1", _error_is_dropped(_arguments, _options, _address))


@case
def an_error_message_to_a_session_is_delivered(world):
    """RFC 6121 §8.5.3.1"""
    scene = Scene(world, 0)
    scene.sender.send("<message type='error' id='m' to='%s'><error type='cancel'><gone xmlns='%s'/></error></message>"
                      % (scene.sessions[0].jid, names.STANZA_ERRORS))
    _check(to_session(0), scene, None)


@case
def a_message_without_a_type_is_a_normal_one(world):
    """RFC 6121 §5.2.2"""
    scene = Scene(world, 0)
    scene.send(None, scene.bare)
    _check(to_session(0), scene, None)


@case
def a_message_of_an_unknown_type_is_a_normal_one(world):
    """RFC 6121 §5.2.2"""
    scene = Scene(world, 0)
    scene.send("telegram", scene.bare)
    _check(to_session(0), scene, None)


@case
def a_session_that_became_unavailable_gets_no_messages_of_the_bare_address(world):
    """RFC 6121 §4.5, §8.5.2.2.1"""
    scene = Scene(world, 0)
    scene.sessions[0].send("<presence type='unavailable'/>")
    scene.sessions[0].fence()
    scene.send("chat", scene.bare)
    _check(stored, scene, None)


@case
def a_change_of_priority_counts_at_once(world):
    """RFC 6121 §4.7.2.3"""
    scene = Scene(world, 5, 0)
    scene.sessions[0].available(-1)
    scene.send("chat", scene.bare)
    _check(to_session(1), scene, None)


@case
def a_priority_that_is_no_number_of_its_range_does_no_harm(world):
    """RFC 6121 §4.7.2.3: -128 to 127"""
    for text in ("200", "-129", "high", "", "99999999999999999999"):
        scene = Scene(world, None)
        scene.sessions[0].send("<presence id='z'><priority>%s</priority></presence>" % text)
        for e in scene.sessions[0].fence():
            check_error(e, "bad-request")


@case
def delivery_stamps_from_and_keeps_the_rest(world):
    """RFC 6120 §8.1.2.1, RFC 6121 §8.1"""
    alice, bob = world.pair()
    alice.send("<message to='%s' type='chat' id='same' xml:lang='fr'><subject>s</subject><body>b</body><thread parent='p'>t"
               "</thread><x xmlns='urn:example:x'><y z='1'/></x></message>" % bob.jid)
    m = bob.expect_element("message")
    if (m.get("from"), m.get("to"), m.get("id"), m.get("type"), m.get("xml:lang")) != (alice.jid, bob.jid, "same", "chat", "fr"):
        raise Unexpected("wrong attributes: %s" % m)
    # behind it is what the receiver's own archive has to say (XEP-0313 §3.4)
    kept = [c for c in m.children if c.ns != "urn:xmpp:sid:0" or c.get("by") != bob.jid.split("/")[0]]
    if [c.name for c in kept] != ["subject", "body", "thread", "x"] or m.children[:4] != kept or kept[3].ns != "urn:example:x":
        raise Unexpected("the payload changed: %s" % m)
    if m.children[3].find("y") is None or m.children[2].get("parent") != "p":
        raise Unexpected("the payload changed: %s" % m)


@case
def a_message_without_an_address_is_for_the_senders_own_account(world):
    """RFC 6120 §10.3.1"""
    me = world.online()
    me.send("<message id='own'><body>note to self</body></message>")
    m = me.expect_element("message", id="own")
    if m.get("from") != me.jid:
        raise Unexpected("from: %s" % m)


@case
def addresses_are_compared_prepared(world):
    """RFC 7622 §3, RFC 6122 §2"""
    alice, bob = world.pair()
    bare, _, resource = bob.jid.partition("/")
    alice.send("<message to='%s/%s' id='m'/>" % (bare.upper(), resource))
    bob.expect_element("message", id="m")


@case
def a_message_to_an_ill_formed_address_is_refused(world):
    """RFC 6120 §8.3.3.8: jid-malformed"""
    me = world.online()
    for to in ("@localhost", "user@", "a@b@c/", "us er@localhost", "localhost/", "x" * 1024 + "@localhost", "@", "/x"):
        me.send("<message to='%s' id='m'><body>x</body></message>" % to)
        try:
            me.expect_error("jid-malformed", id="m")
        except Unexpected as e:
            raise Unexpected("to %r: %s" % (to[:40], e)) from None


@case
def a_message_to_the_host_is_answered_or_ignored_but_reaches_nobody(world):
    """RFC 6120 §10.5.1, RFC 6121 §8.4"""
    me = world.online()
    me.send("<message to='%s' id='m' type='chat'><body>x</body></message>" % world.domain)
    for e in me.fence():
        check_error(e, ("service-unavailable", "feature-not-implemented"))


@case
def presence_to_a_session_is_delivered(world):
    """RFC 6121 §8.5.3.1, §4.6"""
    alice, bob = world.pair()
    alice.send("<presence to='%s' id='d'><show>away</show></presence>" % bob.jid)
    p = bob.expect_element("presence", id="d")
    if p.get("from") != alice.jid or p.find("show").text != "away":
        raise Unexpected("changed: %s" % p)


@case
def presence_to_nobody_is_silently_ignored(world):
    """RFC 6121 §8.5.1, §8.5.2.2.2, §8.5.3.2.2"""
    me = world.online()
    empty = world.account()
    for to in ("nobody@%s" % world.domain, "nobody@%s/x" % world.domain, empty.jid, empty.jid + "/x"):
        for kind in ("", " type='unavailable'"):
            me.send("<presence to='%s' id='m'%s/>" % (to, kind))
        me.send("<iq type='get' id='end' to='%s/none'><ping xmlns='%s'/></iq>" % (to.partition("/")[0], names.PING))
        before = me.until(lambda e: e.get("id") == "end")
        if before:
            raise Unexpected("answered: %s" % before[0])


@case
def directed_presence_to_a_bare_address_reaches_its_available_sessions(world):
    """RFC 6121 §8.5.2.1.2"""
    account = world.account()
    a, b = world.online(account, "a"), world.online(account, "b", priority=-1)
    other = world.online()
    other.send("<presence to='%s' id='d'/>" % account.jid)
    for session in (a, b):
        while session.expect_element("presence").get("id") != "d":
            pass


@case
def errors_are_never_answered_with_errors(world):
    """RFC 6120 §8.3.1"""
    me = world.online()
    for stanza in ("<message type='error' to='nobody@{0}' id='m'/>", "<presence type='error' to='nobody@{0}' id='m'/>",
                   "<iq type='error' to='nobody@{0}' id='m'/>", "<iq type='error' to='{0}' id='m'/>",
                   "<iq type='error' id='m'/>", "<iq type='error' to='nobody@{0}/x' id='m'/>"):
        me.send(stanza.format(world.domain))
    me.send("<iq type='get' id='end' to='nobody@%s/x'><ping xmlns='%s'/></iq>" % (world.domain, names.PING))
    before = me.until(lambda e: e.get("id") == "end")
    if before:
        raise Unexpected("answered: %s" % before[0])


@case
def two_messages_with_one_id_are_two_messages(world):
    """RFC 6120 §8.1.3: the server does not take ids for more than they are"""
    alice, bob = world.pair()
    alice.send("<message to='%s' id='same'/>" % bob.jid * 2)
    bob.expect_element("message", id="same")
    bob.expect_element("message", id="same")
