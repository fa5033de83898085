# What all must agree on when nothing moves any more.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

from wire import occupancy


def _places(picture):
    return {nick: (o.affiliation, o.role) for nick, o in picture.occupants.items()}


def _differences(mine, theirs):
    """Of two who should see the same."""
    for nick in sorted(set(mine) | set(theirs)):
        if nick not in theirs:
            yield "%s, who is not there" % nick
        elif nick not in mine:
            yield "no %s, who is there" % nick
        elif mine[nick] != theirs[nick]:
            yield "%s as %s, who is %s" % (nick, "/".join(mine[nick]), "/".join(theirs[nick]))


def _check_picture(who, picture, truth):
    """What a person sees, by what the observer saw."""
    if picture.state == occupancy.ENTERING and picture.is_told_out:
        return []  # what it sent was lost with the server, and it knows
    if picture.state in (occupancy.ENTERING, occupancy.LEAVING):
        return ["%s is %s, and nobody answers" % (who.name, picture.state)]
    if not picture.is_there():
        return []
    found = ["%s sees %s" % (who.name, difference) for difference in _differences(_places(picture), _places(truth))]
    mine = truth.occupants.get(picture.nick)
    if mine is None:
        found.append("%s has been told that it is there as %s, and is not" % (who.name, picture.nick))
    elif mine.jid and mine.jid.partition("/")[0] != who.account.jid:
        found.append("%s has been told that it is %s, who is %s" % (who.name, picture.nick, mine.jid))
    return found


def _check_room(crowd, jid):
    truth = crowd.observer.pictures[jid]
    if not truth.is_there():
        return ["the observer could not enter"]
    pictures = [(person, person.pictures[jid]) for person in crowd.here()]
    found = sum((_check_picture(person, picture, truth) for person, picture in pictures), [])
    there = {picture.nick for _, picture in pictures if picture.is_there()}
    found += ["%s is there, and is nobody" % nick for nick in sorted(set(truth.occupants) - there)]
    listed = crowd.items.get(jid)
    if listed and listed != set(truth.occupants):
        found.append("disco#items lists %s, and there are %s" % (sorted(listed), sorted(truth.occupants)))
    return found


def find_disagreements(crowd):
    crowd.list_items()
    return ["%s: %s" % (jid.partition("@")[0], sentence) for jid in crowd.rooms for sentence in _check_room(crowd, jid)]
