# All people and all rooms.  The owner is in every room, and stays: a room does not end while we look.
# Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT

import select
import time

from wire import names, occupancy
from wire.client import Unexpected

from .person import Person

PLAIN = 0.25         # without XEP-0198
SECOND_DEVICE = 0.25
ANEW = 0.1           # of those who might resume
STAYS_AWAY = 0.5     # of those who cannot
GATHER_SECONDS = 30
OWNER, OBSERVER = "owner", "observer"
AFFILIATIONS = ("outcast", "member", "admin", "owner")
LIST_ITEMS = "<iq type='get' id='%s' to='%s'><query xmlns='" + names.DISCO_ITEMS + "'/></iq>"
LIST_AFFILIATED = "<iq type='get' id='%s' to='%s'><query xmlns='" + names.MUC_ADMIN + "'><item affiliation='%s'/></query></iq>"


class Crowd:
    def __init__(self, world, options, rng):
        self.world, self.server, self.random = world, world.server, rng
        self.is_ours = options.server == "jackdaw"
        self.log = open(options.log, "w", encoding="utf-8") if options.log else None
        self.complaints = []
        self.rooms = ["room%d@conference.%s" % (n, world.domain) for n in range(options.rooms)]
        self.people = self.make_people(options.people)  # the owner is the first
        self.owner, self.actors = self.people[0], self.people[1:]
        self.observer = Person(self, world.account(OBSERVER), "o", False)
        self.known = {}   # (room, bare JID) -> the affiliation that the owner was last told of
        self.open = {}    # (room, bare JID) -> [(id, affiliation)] that he has set, and heard nothing of
        self.items = {}   # room -> nicks, by disco#items
        self.serial = 0
        self.life = 0     # how often the server was killed

    def make_people(self, count):
        people = [Person(self, self.world.account(OWNER), "p", True)]
        while len(people) < count:
            is_managed = self.random.random() >= PLAIN
            account = self.world.account()
            people.append(Person(self, account, "p", is_managed))
            if self.random.random() < SECOND_DEVICE and len(people) < count:
                people.append(Person(self, account, "q", is_managed))
        return people

    def note(self, line):
        if self.log:
            self.log.write("%.3f %s\n" % (time.monotonic(), line))

    def complain(self, sentence):
        self.note("COMPLAINT " + sentence)
        self.complaints.append(sentence)

    def take_complaints(self):
        complaints, self.complaints = self.complaints, []
        return complaints

    def new_id(self):
        self.serial += 1
        return "c%d" % self.serial

    # ---- the owner

    def gather(self):
        self.owner.come()
        for jid in self.rooms:
            self.owner.send(self.owner.pictures[jid].enter(OWNER))
            self.ask_and_wait(self.owner, occupancy.KEEP % ("%s", jid))
        for person in self.actors:
            person.come()
            self.pump()

    def bring_owner(self):
        """Who had to begin anew is an occupant no more."""
        for jid in self.rooms:
            if self.owner.is_here() and self.owner.pictures[jid].state == occupancy.OUT:
                self.owner.send(self.owner.pictures[jid].enter(OWNER))

    def ask_and_wait(self, person, xml):
        answers, name = [], self.new_id()
        person.ask(xml % name, name, answers.append)
        end = time.monotonic() + GATHER_SECONDS
        while not answers and time.monotonic() < end:
            self.pump(0.05)
        if not answers:
            raise Unexpected("no answer to %s" % (xml % name))
        return answers[0]

    # ---- time passes

    def here(self):
        return [person for person in [*self.people, self.observer] if person.is_here()]

    def pump(self, seconds=0.0):
        """What has come is read, by all; waits so long for more if nothing has."""
        came = [person.pump() for person in self.here()]
        if seconds and not any(came):
            sockets = [person.client.transport.sock for person in self.here()]
            select.select(sockets, [], [], seconds)

    def pump_for(self, seconds):
        """Until nothing has come for so long."""
        quiet = time.monotonic()
        end = quiet + GATHER_SECONDS
        while time.monotonic() < min(quiet + seconds, end):
            if any([person.pump() for person in self.here()]):
                quiet = time.monotonic()
            else:
                time.sleep(0.01)

    def read_rest(self):
        for person in self.here():
            person.read_rest()

    # ---- the end of a round

    def come_back(self):
        """Who can resume does, or begins anew; of the others some come."""
        self.pump()
        for person in self.people:
            person.close_old()
            anew = self.random.random() < ANEW and person is not self.owner
            stays_away = self.random.random() < STAYS_AWAY and person is not self.owner
            if not person.is_here() and (person.is_resumable() or not stays_away):
                person.come(anew)
            self.pump()
        self.bring_owner()

    def watch(self):
        """The observer enters, when all the others have."""
        self.pump_for(0.2)
        if not self.observer.is_here():
            self.observer.come()
        for picture in self.observer.pictures.values():
            if picture.state == occupancy.OUT:
                self.observer.send(picture.enter(OBSERVER))

    def list_items(self):
        for jid in self.rooms:
            answer = self.ask_and_wait(self.observer, LIST_ITEMS % ("%s", jid))
            query = answer.find("query", names.DISCO_ITEMS)
            self.items[jid] = {item.get("jid").partition("/")[2] for item in query.all("item")} if query else set()

    def disperse(self):
        self.observer.log_out()

    def close(self):
        for person in self.here():
            person.lose()
        for person in self.people:
            person.close_old()
        if self.log:
            self.log.close()

    # ---- affiliations

    def affiliate(self, jid, account, affiliation):
        """By the owner; what becomes of it is told by the answer."""
        name = self.new_id()
        self.open.setdefault((jid, account.jid), []).append((name, affiliation))

        def answered(iq):
            waiting = self.open[jid, account.jid]
            at = next((n for n, (other, _) in enumerate(waiting) if other == name), None)
            if at is not None and iq.get("type") == "result":
                self.known[jid, account.jid] = affiliation
                del waiting[:at + 1]
            elif at is not None:
                del waiting[at]

        item = "jid='%s' affiliation='%s'" % (account.jid, affiliation)
        self.owner.ask(occupancy.SET_ITEM % (name, jid, item), name, answered)

    def check_affiliations(self):
        complaints = []
        for jid in self.rooms:
            listed = {}
            for affiliation in AFFILIATIONS:
                answer = self.ask_and_wait(self.owner, LIST_AFFILIATED % ("%s", jid, affiliation))
                if answer.get("type") != "result":
                    return []  # the room does not tell
                listed.update((item.get("jid"), affiliation) for item in answer.find("query", names.MUC_ADMIN).all("item"))
            for person in self.actors:
                complaints += self.check_affiliation(jid, person.account.jid, listed.get(person.account.jid, "none"))
        return complaints

    def check_affiliation(self, jid, who, listed):
        known = self.known.get((jid, who), "none")
        may_be = {known, *(affiliation for _, affiliation in self.open.pop((jid, who), []))}
        self.known[jid, who] = listed
        return [] if listed in may_be else ["%s is %s in %s, and was to be %s" % (who, listed, jid, " or ".join(may_be))]
