# People in rooms (XEP-0045): any kind of Device that enters rooms, talks there, and writes to single occupants.
#
# Who resumes a session does not enter again: the room has to know it still, by the same nick and in the same role.  A new
# session enters anew, and asks for no history.  The nick is the user's name; of those who do not resume, with the number
# of the session behind it, so that it shows when somebody is listed who has gone.
#
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import time

from wire import occupancy
from wire.lasting import Unmanaged

from .device import Device, Partner
from .people import Careless, Flickering, Vanishing

ABROAD_SECONDS = 60  # the same of a room on another server, which may have to be found again
ANSWER_SECONDS = 5   # until an entry that was not answered is tried again
TOLD_SECONDS = 1     # the same, when the room has said that we are not there
REFUSED_SECONDS = 0.5
PRIVATE = 0.1        # how often somebody writes to one occupant rather than to all
LOCKED = "item-not-found"  # whoever has made the room has still to unlock it (XEP-0045 §10.1.2)
LOST = ("not-acceptable", "forbidden", "item-not-found")  # what a room says to those whom it does not know


class Room:
    def __init__(self, name, service):
        self.name, self.jid = name, "%s@%s" % (name, service)
        self.domain = service.partition(".")[2]

    def is_of(self, home):
        return self.domain == home.server.domain


class RoomPartner(Partner):
    """A room that a device writes to; `place` is the device's Place there."""

    type, kind = "groupchat", "room"

    def __init__(self, place):
        self.place, self.user, self.address, self.written = place, place.room.name, place.room.jid, 0

    def is_there(self):
        return self.place.picture.is_there()


class PrivatePartner(Partner):
    """An occupant that a device writes to."""

    type, kind = "chat", "private"

    def __init__(self, place, user):
        self.place, self.user, self.written = place, user, 0
        self.address = "%s/%s" % (place.room.jid, user)

    def is_there(self):
        return self.place.picture.is_there() and self.user in self.place.picture.occupants


class Place:
    """A room as one device has it."""

    def __init__(self, where):
        self.room, self.picture = where, occupancy.Picture(where.jid)
        self.due = None      # when to enter
        self.asked_at = 0


class Occupant(Device):
    """To be mixed into a kind of Device, in front of Device."""

    has_numbered_nick = False

    def settle(self, rooms):
        """ROOMS to be in."""
        self.places = {where.jid: Place(where) for where in rooms}
        self.partners = self.rooms = [RoomPartner(place) for place in self.places.values()]

    def know(self, users):
        """USERS of each room, who are always there.  Each is written to in one room: order is kept in one."""
        rooms = {user: place for place in self.places.values() for user in users[place.room]}
        self.privates = [PrivatePartner(place, user) for user, place in rooms.items() if user != self.account.user]

    def nick(self):
        return "%s-%d" % (self.account.user, self.session) if self.has_numbered_nick else self.account.user

    # ---- coming and staying

    def begin(self):
        if len(self.stage.homes) > 1:  # else what a room elsewhere answers to the session before would seem to be for this one
            self.resource = "%s-%d" % (self.name.split("/")[1], self.session)
        for place in self.places.values():
            place.picture.forget()
        super().begin()

    def greet(self):
        for place in self.places.values():
            self.enter(place)

    def enter(self, place):
        place.due, place.asked_at = None, time.monotonic()
        self.managed.send(place.picture.enter(self.nick()))

    def write(self, now):
        for place in self.places.values():
            self.look_after(place, now)
        self.partners = self.privates if self.privates and self.random.random() < PRIVATE else self.rooms
        super().write(now)

    def look_after(self, place, now):
        picture = place.picture
        answer = ANSWER_SECONDS if place.room.is_of(self.home) else ABROAD_SECONDS
        patience = TOLD_SECONDS if picture.is_told_out else answer
        if picture.state == occupancy.ENTERING and now > max(place.asked_at, self.came_at) + patience:
            why = "entry-lost" if picture.is_told_out else "entry-unanswered"
            self.facts.add("outcast", self.name, place.room.name, why)
            self.enter(place)
        elif place.due and now > place.due:
            self.enter(place)

    def come(self):
        self.came_at = time.monotonic()
        super().come()

    # ---- what rooms say

    def take_presence(self, stanza):
        jid = (stanza.get("from") or "").partition("/")[0]
        if jid not in self.places:
            return super().take_presence(stanza)
        place = self.places[jid]
        before, was_there, old = set(place.picture.occupants), place.picture.is_there(), place.picture.me()
        what = place.picture.take(stanza)
        if what:
            self.take_turn(place, what, stanza)
        elif was_there and place.picture.me() != old:
            self.note_entry(place)  # in another role
        for nick in before - set(place.picture.occupants) if was_there and not what else ():
            self.facts.add("unavailable", self.name, "%s/%s" % (nick.split("-")[0], self.resource.split("-")[0]))
        if occupancy.CREATED in occupancy.statuses(stanza):
            self.managed.send(occupancy.UNLOCK % (self.client.new_id(), jid))

    def take_turn(self, place, what, stanza):
        if what == "entered":
            self.note_entry(place)
        elif what == "refused":
            if occupancy.condition_of(stanza) != LOCKED:
                self.facts.add("barred", self.name, place.room.name, occupancy.condition_of(stanza))
            place.due = time.monotonic() + REFUSED_SECONDS
        elif what == "gone":
            self.cast_out(place, "-".join(["told", *sorted(occupancy.statuses(stanza))]))
        else:
            self.facts.add("complaint", "%s was given another nick in %s" % (self.name, place.room.name))

    def find_shut(self):
        """Rooms that it did not get into."""
        return [place.room.name for place in self.places.values() if not place.picture.is_there()]

    def note_entry(self, place):
        me = place.picture.me()
        self.facts.add("entered", self.name, self.session, place.room.name, place.picture.nick, me.affiliation, me.role)

    def cast_out(self, place, why):
        """The room does not know us any more: that is noted, and we come again."""
        self.facts.add("outcast", self.name, place.room.name, why)
        place.picture.forget()
        place.due = time.monotonic()

    def take_message(self, stanza):
        jid, _, nick = (stanza.get("from") or "").partition("/")
        if stanza.get("type") != "error" and jid in self.places and not nick:
            return  # what the room itself says
        super().take_message(stanza)

    def take_refusal(self, name, condition):
        super().take_refusal(name, condition)
        if name and name.endswith(".room") and condition in LOST:
            place = next(p for p in self.places.values() if p.room.name == name.split(".")[1])
            if place.picture.is_there():
                self.cast_out(place, condition)


class FlickeringOccupant(Flickering, Occupant):
    pass


class CarelessOccupant(Careless, Occupant):
    pass


class VanishingOccupant(Vanishing, Occupant):
    has_numbered_nick = True


class PlainOccupant(Flickering, Occupant):
    """Without XEP-0198: when its connection is gone, so is its session, and it has to enter again."""

    has_numbered_nick = True

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.managed = Unmanaged()

    def fence(self, _now):
        pass

    def write_to(self, partner):
        name = partner.next_name(self.account.user)
        self.facts.add("uttered", self.name, name)
        self.say(partner, name)

    def go(self):
        self.facts.add("forsook", self.name)
        super().go()

    def broken(self):
        self.facts.add("forsook", self.name)
