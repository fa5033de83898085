# What people do.  A script is made before it is played, from the seed alone; an act that makes no sense any more when its
# time comes is left out.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections
import time

from wire import occupancy

from .crowd import OBSERVER, OWNER

Act = collections.namedtuple("Act", "kind who room nick number")

MANNERS = ("end", "reset", "silence")
SHOWS = ("away", "chat", "dnd", "xa")
ROLES = ("visitor", "participant", "moderator")
GIVEN = ("none", "member", "member", "admin")
SAY = "<message type='groupchat' to='%s'><body>%d</body></message>"
SHOW = "<presence to='%s/%s'><show>%s</show></presence>"
NICKS_OF_EACH = 1.2  # there are so many more nicks than people
OFTEN = {"enter": 30, "leave": 7, "rename": 10, "show": 6, "say": 10, "drop": 9, "come": 12, "log_out": 2, "kick": 4,
         "give_role": 4, "ban": 3, "give_affiliation": 5, "wait": 8}


def make_script(rng, crowd, length):
    kinds = rng.choices(list(OFTEN), list(OFTEN.values()), k=length)
    nicks = max(int(len(crowd.people) * NICKS_OF_EACH), 2)
    return [Act(kind, rng.choice(crowd.actors), rng.choice(crowd.rooms), "n%d" % rng.randrange(nicks),
                rng.randrange(1 << 20)) for kind in kinds]


def other_device(crowd, person):
    return next((p for p in crowd.people if p.account is person.account and p is not person), None)


def enter(crowd, act):
    """Where another device of his is there, often under its nick."""
    picture, other = act.who.pictures[act.room], other_device(crowd, act.who)
    if not act.who.is_here() or not (picture.state == occupancy.OUT or picture.is_told_out):
        return
    is_with_other = other and other.pictures[act.room].is_there() and act.number % 4
    act.who.send(picture.enter(other.pictures[act.room].nick if is_with_other else act.nick))


def if_there(do):
    def act_if_there(_crowd, act):
        picture = act.who.pictures[act.room]
        if act.who.is_here() and picture.is_there():
            act.who.send(do(act, picture))
    return act_if_there


def drop(crowd, act):
    """The owner, too, now and then."""
    who = crowd.owner if act.number % 10 == 0 else act.who
    if who.is_here():
        who.drop(MANNERS[act.number % len(MANNERS)])


def come(crowd, act):
    """So that not all stay away for long, whoever has been for the longest."""
    away = [p for p in crowd.people if not p.is_here()]
    if away and crowd.server.alive():
        who = away[act.number % len(away)]
        who.come(anew=act.number % 7 == 0 and who is not crowd.owner)
        crowd.bring_owner()


def log_out(_crowd, act):
    if act.who.is_here():
        act.who.log_out()


def chosen_nick(crowd, act):
    """Of somebody whom the owner sees; None: he sees nobody."""
    nicks = sorted(set(crowd.owner.pictures[act.room].occupants) - {OWNER, OBSERVER})
    return nicks[act.number % len(nicks)] if nicks and crowd.owner.is_here() else None


def give(crowd, act, role):
    nick = chosen_nick(crowd, act)
    if nick:
        crowd.owner.send(occupancy.SET_ITEM % (crowd.new_id(), act.room, "nick='%s' role='%s'" % (nick, role)))


def affiliate(crowd, act, affiliation):
    if crowd.owner.is_here():
        crowd.affiliate(act.room, act.who.account, affiliation)


def wait(crowd, act):
    time.sleep(act.number % 50 / 1000)


def hurry(crowd, act):
    """In front of a kill: nobody waits, and what comes of it is on its way when the server dies."""
    if act.kind not in ("wait", "come"):
        ACTS[act.kind](crowd, act)


ACTS = {
    "enter": enter,
    "leave": if_there(lambda act, picture: picture.leave()),
    "rename": if_there(lambda act, picture: occupancy.RENAME % (act.room, act.nick)),
    "show": if_there(lambda act, picture: SHOW % (act.room, picture.nick, SHOWS[act.number % len(SHOWS)])),
    "say": if_there(lambda act, picture: SAY % (act.room, act.number)),
    "drop": drop,
    "come": come,
    "log_out": log_out,
    "kick": lambda crowd, act: give(crowd, act, "none"),
    "give_role": lambda crowd, act: give(crowd, act, ROLES[act.number % len(ROLES)]),
    "ban": lambda crowd, act: affiliate(crowd, act, "outcast"),
    "give_affiliation": lambda crowd, act: affiliate(crowd, act, GIVEN[act.number % len(GIVEN)]),
    "wait": wait,
}
