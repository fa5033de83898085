# The audit: what the facts of a run prove against the server.  No clock, no network: facts in, findings out.
#
#	lost         acknowledged, no error came back, arrived at no device of the reader and is not in the archive either
#	unread       the same, but the archive has it: a person who does not search does not know
#	duplicated   came twice in one session (which goes on when it is resumed), or in a later one though the server's h
#	             covered something behind our <a/> for it; not what the writer himself repeated in a new session
#	disordered   came behind a later one of that writer, in one session
#	carbons      a copy that a second device did not get
#	archive      of the writer or the reader: without what was acknowledged, with it twice, or not in order
#	bounced      an error came back, and it arrived, in a session that was not given up before that was acknowledged
#	given up     an error says that the other of two servers was not found: it is never away for so long
#	not resumed  a session that the server no longer knew
#	flickers     contacts, or others in a room, were told that somebody had gone who had not
#	other order, occupants, ghosts: of rooms (stays.py), where lost and unread count messages and the occupants they are owed to
#	complaints   whatever else may not be
#
# "Twice" counts what came twice to a device for whatever reason, those that the protocol excuses included.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections

from . import stays
from .facts import is_full, is_private, is_room, number_of, reader_of, user_of, writer_of

FAULTS = ("lost", "unread", "duplicated", "disordered", "carbons", "archive", "bounced", "given up", "not resumed",
          "flickers", "other order", "occupants", "ghosts", "complaints")


def _stream_of(name):
    """Messages that must come in order: of one writer to one address."""
    return writer_of(name), reader_of(name), name.rpartition(".")[2]


class Account:
    """The facts, put together."""

    def __init__(self, facts):
        self.sent, self.device_of = {}, {}  # id -> position in the log, and the device that sent it
        self.again, self.acked, self.refused, self.retried = set(), set(), {}, set()
        self.bound = {}     # (device, session) -> position
        self.devices = {}   # device -> its sessions, in order
        self.copied = {}    # device -> since when it is owed copies
        self.left = set()      # devices that ended a session of themselves
        self.forsaken = set()  # of those, whose last session the server may still wait for
        self.heirs = {}        # (device, session) that came after one that was forsaken
        self.arrivals = collections.defaultdict(list)  # (device, session) -> ids
        self.confirmed = {}
        self.archives = {}
        self.tried = {"restart": [0, 0], "here": [0, 0]}  # resumed, tried
        self.told_gone, self.complaints = [], []
        self.uttered = {}   # id -> position, as of `sent`
        self.stays = stays.Stays()
        for position, (verb, *words) in enumerate(facts):
            for hearer in [h for h in (self, self.stays) if hasattr(h, "_" + verb)]:
                getattr(hearer, "_" + verb)(position, *words)

    def _uttered(self, position, _device, name):
        self.uttered[name] = position

    def _sent(self, position, device, name):
        self.sent[name], self.device_of[name] = position, device

    def _again(self, _position, _device, name):
        self.again.add(name)
        self._send_anew(name)

    def _resent(self, _position, _device, name):
        self._send_anew(name)

    def _send_anew(self, name):
        """An error that came before the acknowledgement: what becomes of the next try, nobody has told."""
        if name in self.refused and name not in self.acked:
            self.retried.add(name)

    def was_repeated(self, name):
        """It stands where it was written last, if it does."""
        return name in self.again or name in self.retried

    def _acked(self, _position, name):
        self.acked.add(name)

    def _refused(self, _position, name, condition):
        self.refused[name] = condition

    def _bound(self, position, device, session):
        self.bound[device, session] = position
        if device in self.forsaken:
            self.heirs[device, session] = position
        self.devices.setdefault(device, []).append(session)

    def _copies(self, position, device):
        self.copied.setdefault(device, position)

    def _resumed(self, _position, _device, success, where):
        self.tried[where][0] += success == "yes"
        self.tried[where][1] += 1

    def _left(self, _position, device):
        self.left.add(device)
        self.forsaken.discard(device)

    def _forsook(self, _position, device):
        self.left.add(device)
        self.forsaken.add(device)

    def _arrived(self, _position, device, session, name, _how):
        self.arrivals[device, session].append(name)

    def _confirmed(self, _position, device, session, count):
        self.confirmed[device, session] = int(count)

    def _unavailable(self, _position, device, other):
        self.told_gone.append((device, other))

    def _archive(self, _position, user):
        self.archives.setdefault(user, [])

    def _archived(self, _position, user, name):
        self.archives.setdefault(user, []).append(name)

    def _complaint(self, _position, *text):
        self.complaints.append(" ".join(text))

    def kept(self):
        """What the server has answered for."""
        return [name for name in self.sent if name in self.acked and name not in self.refused]


def _where(account):
    """id -> devices at which it arrived."""
    where = collections.defaultdict(set)
    for (device, _session), names in account.arrivals.items():
        for name in names:
            where[name].add(device)
    return where


def _find_missing(account, where, found):
    archived = {user: set(names) for user, names in account.archives.items()}
    for name in account.kept():
        if is_room(name) or any(user_of(device) == reader_of(name) for device in where[name]):
            continue
        found["unread" if name in archived.get(reader_of(name), ()) else "lost"].append(name)


def _find_bounced(account, found):
    """But for sessions that were given up: the server has to think that what they did not acknowledge never came."""
    came = {name for names in account.archives.values() for name in names if is_room(name)}
    for (device, session), names in account.arrivals.items():
        came.update(filter(is_room, names))
        sure = len(names) if session == account.devices[device][-1] else account.confirmed.get((device, session), 0)
        came.update(name for name in names[:sure] if user_of(device) == reader_of(name))
    found["bounced"] += ["%s (%s)" % (name, condition) for name, condition in account.refused.items()
                         if name in came and not account.was_repeated(name)]


def _find_given_up(account, found):
    found["given up"] += ["%s (%s)" % refused for refused in account.refused.items() if refused[1].startswith("remote-server-")]


def _find_duplicates(account, found):
    """How many came twice, excused or not."""
    twice = 0
    for device, sessions in account.devices.items():
        ever, confirmed = set(), set()
        for session in sessions:
            seen, names = set(), account.arrivals[device, session]
            for name in names:
                if name in ever or name in seen:
                    twice += 1
                if (name in seen or name in confirmed) and name not in account.again:
                    found["duplicated"].append("%s at %s" % (name, device))
                seen.add(name)
            ever |= seen
            confirmed.update(names[:account.confirmed.get((device, session), 0)])
    return twice


def _may_come_late(account, name, device, session):
    """
    What the writer repeated may stand anywhere, in a new session or because it had failed.  So may what was sent before
    the session began, and was for one that its client gave up, or for an address that is gone: it is delivered when
    that is known.
    """
    if account.was_repeated(name):
        return True
    since = account.bound if is_full(name) else account.heirs
    return account.sent.get(name, 0) < since.get((device, session), 0)


def _find_disorder(account, found):
    for (device, session), names in account.arrivals.items():
        last, seen = {}, set()
        for name in names:
            if name in seen or _may_come_late(account, name, device, session):
                continue
            seen.add(name)
            if number_of(name) < last.get(_stream_of(name), -1):
                found["disordered"].append("%s at %s, behind %d" % (name, device, last[_stream_of(name)]))
            else:
                last[_stream_of(name)] = number_of(name)


def _find_carbons(account, where, found):
    """XEP-0280 §6 and §7: every device that is there gets what one of them gets or sends."""
    of_user = collections.defaultdict(list)  # its devices, and since when they are owed copies
    for device in account.devices:
        of_user[user_of(device)].append((device, account.copied.get(device, float("inf"))))
    for name in account.kept():
        if not where[name]:
            continue
        owed = of_user[reader_of(name)] if len(of_user[reader_of(name)]) > 1 else []
        owed = owed + [other for other in of_user[writer_of(name)] if other[0] != account.device_of[name]]
        found["carbons"] += ["%s at %s" % (name, device) for device, since in owed
                             if device not in where[name] and device not in account.left
                             and since < account.sent[name]]


def _find_archive_faults(account, found):
    """XEP-0313: the writer's and the reader's hold the same messages."""
    counts = {user: collections.Counter(names) for user, names in account.archives.items()}
    for name in account.kept():
        for user in {writer_of(name), reader_of(name)} & set(counts):
            if not counts[user][name]:
                found["archive"].append("%s is not in that of %s" % (name, user))
    for user, names in account.archives.items():
        found["archive"] += ["%s is in that of %s %d times" % (name, user, count)
                             for name, count in counts[user].items() if count > 1 and name not in account.again]
        found["archive"] += ["%s is in that of %s, and nobody sent it" % (name, user)
                             for name in counts[user] if name not in account.sent and name not in account.uttered]
        found["archive"] += ["%s is in that of %s, and was for one alone" % (name, user)
                             for name in counts[user] if is_private(name) and user in account.stays.rooms()]
        _find_archive_disorder(account, user, names, found)


def _find_archive_disorder(account, user, names, found):
    last = {}
    for name in dict.fromkeys(names):
        if account.was_repeated(name):
            continue
        if number_of(name) < last.get(_stream_of(name), -1):
            found["archive"].append("%s is in that of %s behind %d" % (name, user, last[_stream_of(name)]))
        last[_stream_of(name)] = max(number_of(name), last.get(_stream_of(name), -1))


class Verdict:
    """`found` has a list for each of FAULTS; the rest are figures."""

    def __init__(self, facts):
        account = Account(facts)
        where = _where(account)
        self.found = {fault: [] for fault in FAULTS}
        _find_missing(account, where, self.found)
        _find_bounced(account, self.found)
        _find_given_up(account, self.found)
        self.twice = _find_duplicates(account, self.found)
        _find_disorder(account, self.found)
        _find_carbons(account, where, self.found)
        _find_archive_faults(account, self.found)
        stays.find_faults(account, self.found)
        self.has_rooms = bool(account.stays.rooms())
        self.found["flickers"] = ["%s, as told to %s" % (other, device) for device, other in account.told_gone
                                  if other in account.devices and other not in account.left]
        self.found["complaints"] = account.complaints
        self.sent, self.acked, self.refused = len(account.sent), len(account.acked), len(account.refused)
        self.has_archive = bool(account.archives)
        self.tried = account.tried
        for resumed, tried in account.tried.values():
            self.found["not resumed"] += ["a session"] * (tried - resumed)

    def is_clean(self):
        return not any(self.found.values())
