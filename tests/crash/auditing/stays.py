# The audit of rooms (XEP-0045): who was where, what each occupant is owed, and whether all agree.
#
#	lost, unread   as elsewhere, for each occupant who had entered before the message was sent, and has not given up a
#	               session of itself since: whether the server forgot the session or resumed it
#	other order    two occupants got the same messages in another order, or an occupant and the archive
#	occupants      somebody who was in a room was not any more, without having left; or is listed in another role than it
#	               was told; or could not enter
#	ghosts         listed at the end, and gone
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections

from .facts import is_room, reader_of


class Stays:
    def __init__(self):
        self.now = {}    # (device, room) -> (nick, affiliation, role), as the device was told
        self.since = {}  # (device, room) -> position from which on everything is owed
        self.lists = {}  # room -> {nick: (affiliation, role)}
        self.outcasts = []

    def _entered(self, position, device, _session, room, *place):
        self.now[device, room] = tuple(place)
        self.since.setdefault((device, room), position)

    def _bound(self, _position, device, _session):
        self._end(device, self.now)

    def _forsook(self, _position, device):
        self._end(device, self.now)
        self._end(device, self.since)

    _left = _forsook

    @staticmethod
    def _end(device, stays):
        for stay in [stay for stay in stays if stay[0] == device]:
            del stays[stay]

    def _outcast(self, _position, device, room, why):
        self.now.pop((device, room), None)
        self.outcasts.append("%s in %s: %s" % (device, room, why))

    def _barred(self, _position, device, room, condition):
        self.outcasts.append("%s could not enter %s: %s" % (device, room, condition))

    def _list(self, _position, room):
        self.lists.setdefault(room, {})

    def _listed(self, _position, room, nick, *place):
        self.lists.setdefault(room, {})[nick] = tuple(place)

    def rooms(self):
        return {room for _, room in self.since} | set(self.lists)


def _find_missing(account, found):
    came = collections.defaultdict(set)
    for (device, _session), names in account.arrivals.items():
        came[device].update(names)
    archived = {room: set(names) for room, names in account.archives.items()}
    owed = collections.defaultdict(list)
    for (device, room), since in account.stays.since.items():
        owed[room].append((device, since))
    for name in filter(is_room, account.kept()):
        fault = "unread" if name in archived.get(reader_of(name), ()) else "lost"
        found[fault] += ["%s at %s" % (name, device) for device, since in owed[reader_of(name)]
                         if since < account.sent[name] and name not in came[device]]


def _has_one_place(account, name, since):
    """
    What was repeated may stand at two.  What was said before a session began belongs to an older one, that was given up,
    and if it comes at all it comes late.
    """
    return name not in account.again and account.sent.get(name, account.uttered.get(name, 0)) > since


def _sequences(account):
    """room -> (whose, names in the order in which they came), the longest first"""
    sequences = collections.defaultdict(list)
    for room in account.stays.rooms() & set(account.archives):
        sequences[room].append(("the archive", [n for n in account.archives[room] if _has_one_place(account, n, -1)]))
    for (device, session), names in account.arrivals.items():
        of_room = collections.defaultdict(list)
        for name in filter(is_room, names):
            if _has_one_place(account, name, account.bound[device, session]):
                of_room[reader_of(name)].append(name)
        for room, theirs in of_room.items():
            sequences[room].append(("%s (%s)" % (device, session), theirs))
    for room, theirs in sequences.items():
        once = [(whose, list(dict.fromkeys(names))) for whose, names in theirs]
        yield room, sorted(once, key=lambda one: -len(one[1]))


def _find_order(account, found):
    """Each is compared with the one of the longer ones with which it has most in common."""
    for room, sequences in _sequences(account):
        references = []  # (whose, name -> place)
        for whose, names in sequences:
            common = [sum(name in places for name in names) for _, places in references]
            if not common or not max(common):
                references.append((whose, {name: place for place, name in enumerate(names)}))
                continue
            other, places = references[common.index(max(common))]
            last = -1
            for name in filter(places.__contains__, names):
                if places[name] < last:
                    found["other order"].append("%s in %s: %s has it later than %s" % (name, room, whose, other))
                last = max(last, places[name])


def _find_wrong_lists(stays, found):
    for (device, room), (nick, *place) in stays.now.items():
        listed = stays.lists.get(room)
        if listed is not None and nick not in listed:
            found["occupants"].append("%s is not listed in %s" % (device, room))
        elif listed is not None and listed[nick] != tuple(place):
            found["occupants"].append("%s is %s in %s, and is listed as %s" % (
                device, "/".join(place), room, "/".join(listed[nick])))
    there = {(room, place[0]) for (_, room), place in stays.now.items()}
    found["ghosts"] += ["%s in %s" % (nick, room) for room, listed in stays.lists.items() for nick in listed
                        if (room, nick) not in there]


def find_faults(account, found):
    _find_missing(account, found)
    _find_order(account, found)
    found["occupants"] += account.stays.outcasts
    _find_wrong_lists(account.stays, found)
