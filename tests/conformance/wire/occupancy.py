# A room as one of its occupants sees it (XEP-0045): who is there, as the presences said that came.
#
# A Picture is one client's of one room.  It is `out`, `entering`, `there` or `leaving`; `take` follows each presence of the
# room.  What a client sees of others while it is not there itself says nothing, and is forgotten when it enters.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import collections

from . import names

ENTER = "<presence to='%s/%s'><x xmlns='" + names.MUC + "'><history maxchars='0' maxstanzas='0'/></x></presence>"
RENAME = "<presence to='%s/%s'/>"
LEAVE = "<presence type='unavailable' to='%s/%s'/>"
UNLOCK = ("<iq type='set' id='%s' to='%s'><query xmlns='" + names.MUC_OWNER + "'><x xmlns='" + names.FORMS + "' type='submit'/></query></iq>")
KEEP = ("<iq type='set' id='%s' to='%s'><query xmlns='" + names.MUC_OWNER + "'><x xmlns='" + names.FORMS + "' type='submit'>"
        "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>"
        "<field var='muc#roomconfig_persistentroom'><value>1</value></field></x></query></iq>")
SET_ITEM = "<iq type='set' id='%s' to='%s'><query xmlns='" + names.MUC_ADMIN + "'><item %s/></query></iq>"

OUT, ENTERING, THERE, LEAVING = "out", "entering", "there", "leaving"
SELF, CREATED, RENAMED = "110", "201", "303"

Occupant = collections.namedtuple("Occupant", "affiliation role jid")  # jid: None where it is not told


def statuses(presence):
    x = presence.find("x", names.MUC_USER)
    return {s.get("code") for s in x.all("status")} if x is not None else set()


def item_of(presence):
    x = presence.find("x", names.MUC_USER)
    return x.find("item") if x is not None else None


def condition_of(stanza):
    """The name of the error in a stanza of that type."""
    error = stanza.find("error")
    found = [c.name for c in error.children if c.ns == names.STANZA_ERRORS and c.name != "text"] if error else []
    return found[0] if found else "undefined-condition"


class Picture:
    def __init__(self, room):
        self.room = room
        self.state = OUT
        self.nick = None
        self.occupants = {}  # nick -> Occupant
        # While entering: that we are not there.  It may be an older session of the same JID that is not, or what we sent.
        self.is_told_out = False

    def forget(self):
        """The session is gone, and with it our being there."""
        self.state, self.nick, self.occupants = OUT, None, {}
        self.is_told_out = False

    def enter(self, nick):
        self.state, self.nick, self.occupants = ENTERING, nick, {}
        self.is_told_out = False
        return ENTER % (self.room, nick)

    def leave(self):
        self.state = LEAVING
        return LEAVE % (self.room, self.nick)

    def is_there(self):
        return self.state == THERE

    def me(self):
        return self.occupants.get(self.nick)

    def take(self, presence):
        """
        What it means for ourselves: "entered", "gone" (by our will or not), "refused" (we do not get in), "renamed"; or
        None: it is about others, or changes nothing.
        """
        nick = (presence.get("from") or "").partition("/")[2]
        kind = presence.get("type")
        if kind == "error":
            return self._take_error()
        codes = statuses(presence)
        if kind == "unavailable":
            return self._take_end(presence, nick, codes)
        if kind is not None:
            return None
        item = item_of(presence)
        if item is None:
            return None
        self.occupants[nick] = Occupant(item.get("affiliation"), item.get("role"), item.get("jid"))
        return self._take_self(nick) if SELF in codes else None

    def _take_self(self, nick):
        self.nick = nick
        if self.state == ENTERING or self.state == OUT:
            self.state = THERE
            return "entered"
        return None

    def _take_error(self):
        """Of an entry; of a new nick it leaves all as it was."""
        if self.state != ENTERING:
            return None
        self.forget()
        return "refused"

    def _take_end(self, presence, nick, codes):
        self.occupants.pop(nick, None)
        item = item_of(presence)
        is_mine = SELF in codes or nick == self.nick
        if RENAMED in codes:
            if is_mine:
                self.nick = item.get("nick")
            return "renamed" if is_mine else None
        if not is_mine or self.state == OUT:
            return None
        if self.state == ENTERING:
            self.is_told_out = True
            return None
        self.forget()
        return "gone"
